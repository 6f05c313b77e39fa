import EventLoop
import HTTP1

/// A response made ready to be written when its turn comes: negotiated, compressed, its file opened.
// A class: it is handed on several times before it is written, and a copy counts one reference.
final class Reply: Sendable {
    enum Body: Sendable {
        case none
        case bytes([UInt8])
        case file(SentFile)
        case stream(StreamedFile)
    }

    let status: HTTPStatus
    let headers: HTTPHeaders
    let length: ResponseHead.Length
    let body: Body
    /// The content coding applied, and whether another client could get another.
    let coding: ContentCoding?
    let varies: Bool
    /// Whether the connection ends with this reply.
    let closes: Bool
    /// Whether the client spoke HTTP/1.0, and must be told that the connection lives on.
    let isOldClient: Bool

    /// Bytes of its own that it holds in memory.
    var bytesHeld: Int {
        switch body {
        case .bytes(let bytes): bytes.count
        case .none, .file, .stream: 0
        }
    }

    /// Makes `response` ready for the client that sent `head`, or for one whose head could not be read.
    ///
    /// Compresses, so large bodies belong on another thread than the loop's.
    init(_ response: Response, to head: RequestHead?, pool: DeflaterPool) {
        let isCompressible = Self.isCompressible(response.headers)
        let wanted = isCompressible ? Self.wantedCoding(response, head) : nil
        let isOldClient = head?.version == .http10
        let content = Self.content(response.body, wanted, isOldClient: isOldClient, pool)
        let forbidsBody = response.status.forbidsBody
        status = content.isUnreadable ? .internalServerError : response.status
        headers = content.isUnreadable ? [:] : response.headers
        length = forbidsBody ? .none : content.length
        body = head?.method == .head || forbidsBody ? .none : content.body
        coding = content.coding
        varies = isCompressible && !response.headers.contains("Vary")
        closes = response.closesConnection
        self.isOldClient = isOldClient
    }
}

extension Reply {
    private struct Content {
        var body = Body.none
        var length = ResponseHead.Length.bytes(0)
        var coding: ContentCoding?
        var isUnreadable = false
    }

    /// Whether compressing it takes so long that a loop must not do it.
    static func isLong(_ response: Response) -> Bool {
        switch response.body {
        case .bytes(let bytes): bytes.count > 8_192
        case .empty, .file, .spooled: false
        }
    }

    /// Whether the reply to `head` would be compressed.
    static func isCompressed(_ response: Response, for head: RequestHead) -> Bool {
        head.namesAcceptedCodings && isCompressible(response.headers) && wantedCoding(response, head) != nil
    }

    /// The coding that the client wants for a compressible response, if it is not coded already.
    private static func wantedCoding(_ response: Response, _ head: RequestHead?) -> ContentCoding? {
        guard let head, head.namesAcceptedCodings, !response.status.forbidsBody,
            !response.headers.contains("Content-Encoding")
        else { return nil }
        return head.acceptedCoding
    }

    private static func content(
        _ body: ResponseBody, _ coding: ContentCoding?, isOldClient: Bool, _ pool: DeflaterPool
    ) -> Content {
        switch body {
        case .empty:
            return Content()
        case .bytes(let bytes):
            if let coding, let compressed = pool.compress(bytes, coding) {
                return Content(body: .bytes(compressed), length: .bytes(compressed.count), coding: coding)
            }
            return Content(body: .bytes(bytes), length: .bytes(bytes.count))
        case .file(let path, let count):
            return content(try? SentFile(path: path, count: count), coding, isOldClient: isOldClient)
        case .spooled(let file):
            return content(SentFile(file), coding, isOldClient: isOldClient)
        }
    }

    private static func content(_ file: SentFile?, _ coding: ContentCoding?, isOldClient: Bool) -> Content {
        guard let file else { return Content(isUnreadable: true) }
        // A compressed file's length is not known before it is sent: chunks, which HTTP/1.0 does not have.
        if let coding, !isOldClient, let stream = StreamedFile(file, coding: coding) {
            return Content(body: .stream(stream), length: .chunked, coding: coding)
        }
        return Content(body: .file(file), length: .bytes(file.count))
    }

    /// Text, JSON, XML and YAML; pictures and models are compressed already or do not shrink.
    private static func isCompressible(_ headers: HTTPHeaders) -> Bool {
        guard let type = headers.valueBytes("Content-Type") else { return false }
        if type.starts(with: json) { return true }
        let essence = type.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        return compressiblePrefixes.contains { essence.starts(with: $0) }
            || compressibleSuffixes.contains { essence.suffix($0.count).elementsEqual($0) }
    }

    private static let json = Array("application/json".utf8)
    private static let compressiblePrefixes = [
        "text/", "application/xml", "application/yaml", "application/csv",
    ].map { Array($0.utf8) }
    private static let compressibleSuffixes = ["+json", "+xml", "+yaml"].map { Array($0.utf8) }
}
