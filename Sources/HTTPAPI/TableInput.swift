import Glibc
import HTTPServer

/// The text of a table, in UTF-8 and in pieces, from a request's body in memory or in a file.
package struct TableInput: Sendable {
    /// Bytes of one piece.
    package static let pieceBytes = 1 << 18

    private let source: Source
    private let charset: Charset
    private let pieceBytes: Int
    private var offset = 0

    private enum Source: Sendable {
        case bytes([UInt8])
        case file(OpenFile)
    }

    /// - Throws: `storage` when the file cannot be opened.
    init(_ body: RequestBody, charset: Charset) throws(APIError) {
        switch body {
        case .bytes(let bytes): source = .bytes(bytes)
        case .file(let path, _): source = .file(try OpenFile(path))
        }
        self.charset = charset
        pieceBytes = Self.pieceBytes
    }

    /// A table in memory, in pieces of `pieceBytes`; at least 3, the length of a byte order mark.
    package init(_ bytes: [UInt8], charset: Charset, pieceBytes: Int = pieceBytes) {
        source = .bytes(bytes)
        self.charset = charset
        self.pieceBytes = max(3, pieceBytes)
    }

    /// The next piece; nil at the end.
    package mutating func next() throws(APIError) -> [UInt8]? {
        let piece: [UInt8]
        switch source {
        case .bytes(let bytes): piece = Array(bytes[offset..<min(bytes.count, offset + pieceBytes)])
        case .file(let file): piece = try file.read(pieceBytes)
        }
        guard !piece.isEmpty else { return nil }
        defer { offset += piece.count }
        return charset.decode(piece, isFirst: offset == 0)
    }
}

/// A file that is read from its beginning to its end; closed when freed.
final class OpenFile: Sendable {
    private let descriptor: Int32

    /// - Throws: `storage` when it cannot be opened.
    init(_ path: String) throws(APIError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .storage("The upload cannot be read: error \(errno)") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// As many bytes as asked for, fewer only at the end.
    ///
    /// - Throws: `storage` when the disk refuses.
    func read(_ count: Int) throws(APIError) -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: count)
        guard let moved = FileBytes.read(descriptor, into: &piece) else {
            throw .storage("The upload cannot be read: error \(errno)")
        }
        if moved < count { piece.removeLast(count - moved) }
        return piece
    }
}

extension Call {
    /// The table that the request brings, and the media type that tells its charset: the body itself, or the
    /// form's part `csv`, which is copied to `spool`.
    ///
    /// - Throws: `badRequest` for a malformed form or one without such a part.
    func table(_ spool: Spool) throws(APIError) -> (body: RequestBody, type: MediaType?) {
        guard let mediaType, mediaType.essence == "multipart/form-data" else {
            return (exchange.body, mediaType)
        }
        var parser = try MultipartParser(mediaType)
        var isTable = false
        var type: MediaType?
        var count = 0
        try forEachPiece { piece throws(APIError) in
            try parser.consume(piece) { event throws(APIError) in
                switch event {
                case .part(let part):
                    isTable = part.name == "csv"
                    guard isTable else { return }
                    count += 1
                    guard count == 1 else { throw .badRequest("The form has more than one part called csv") }
                    type = part.contentType.flatMap { MediaType($0) }
                case .content(let bytes): if isTable { try spool.append(Array(bytes)) }
                case .end: isTable = false
                }
            }
        }
        try parser.finish()
        guard count == 1 else { throw .badRequest("The form has no part called csv") }
        return (try spool.content(), type)
    }

    /// Hands the body over piece by piece, from memory or from its file.
    func forEachPiece(_ use: ([UInt8]) throws(APIError) -> Void) throws(APIError) {
        switch exchange.body {
        case .bytes(let bytes): try use(bytes)
        case .file(let path, _):
            let file = try OpenFile(path)
            while true {
                let piece = try file.read(TableInput.pieceBytes)
                guard !piece.isEmpty else { return }
                try use(piece)
            }
        }
    }

    /// A name for a temporary file that no other request has.
    func temporaryPath(in directory: String, _ kind: String) -> String {
        let name = requestID.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return "\(directory)/\(kind)-\(name)-\(monotonicNanoseconds())"
    }
}
