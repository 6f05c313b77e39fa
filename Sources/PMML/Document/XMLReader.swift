import CXML2
import Glibc

/// Reads XML through libxml2's SAX2 interface: no DTD, no external entity, no network.
enum XMLReader {
    /// Bytes handed to libxml2 at a time.
    private static let chunkBytes = 1 << 18

    /// Parses bytes in memory into a document.
    ///
    /// - Throws: `PMMLError.invalid` with the first fault of the XML itself.
    static func read(_ input: [UInt8], limits: PMMLLimits) throws(PMMLError) -> Document {
        try read(bytes: input.count, limits: limits) { feed in
            var at = 0
            while at < input.count {
                let end = min(input.count, at + chunkBytes)
                guard feed(input[at..<end], end == input.count) else { return 0 }
                at = end
            }
            return 0
        }
    }

    /// Parses a file, which is never whole in memory.
    ///
    /// - Throws: `PMMLError.unreadable` when the file cannot be read, otherwise as for bytes.
    static func read(path: String, limits: PMMLLimits) throws(PMMLError) -> Document {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unreadable(path, code: errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .unreadable(path, code: errno) }
        do {
            return try read(bytes: Int(status.st_size), limits: limits) { feed in
                var chunk = [UInt8](repeating: 0, count: chunkBytes)
                while true {
                    // SAFETY: `read` writes at most the array's count of bytes.
                    let count = Glibc.read(file, &chunk, chunk.count)
                    if count < 0, errno == EINTR { continue }
                    guard count >= 0 else { return errno }
                    guard feed(chunk[..<count], count == 0), count > 0 else { return 0 }
                }
            }
        } catch .unreadable(_, let code) {
            throw .unreadable(path, code: code)
        }
    }

    /// Gives the parser the next bytes, and whether they are the last; false when it wants no more.
    private typealias Feed = (ArraySlice<UInt8>, _ isLast: Bool) -> Bool

    /// - Parameter source: Feeds the document in pieces; its result is 0 or the `errno` of a failed read.
    private static func read(
        bytes: Int, limits: PMMLLimits, source: (Feed) -> Int32
    ) throws(PMMLError) -> Document {
        guard bytes <= limits.bytesMax else {
            throw .invalid([topLevel("the document is larger than \(limits.bytesMax) bytes")])
        }
        let session = XMLSession(builder: DocumentBuilder(limits: limits, expected: bytes))
        let code = parse(session, limits, source)
        guard code == 0 else { throw .unreadable("", code: code) }
        if let fault = session.builder.fault { throw .invalid([fault]) }
        guard let document = session.builder.finish() else {
            throw .invalid([topLevel("the document has no element")])
        }
        return document
    }

    private static func topLevel(_ message: String) -> Fault {
        Fault(severity: .error, line: 0, element: "PMML", message: message)
    }

    private static func parse(
        _ session: XMLSession, _ limits: PMMLLimits, _ source: (Feed) -> Int32
    ) -> Int32 {
        var handlers = xmlSAXHandler()
        XMLSession.install(in: &handlers)
        // SAFETY: `session` outlives the parser context, which is freed before this function returns.
        let user = Unmanaged.passUnretained(session).toOpaque()
        guard let context = xmlCreatePushParserCtxt(&handlers, user, nil, 0, nil) else {
            session.builder.fail(line: 0, "the XML parser could not be made")
            return 0
        }
        defer { xmlFreeParserCtxt(context) }
        session.context = context
        // Without NOENT libxml2 hands `&amp;` in an attribute over as `&#38;`. No entity but XML's own five
        // is ever known, as a document type ends the parse.
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_HUGE.rawValue | XML_PARSE_NOENT.rawValue
        _ = xmlCtxtUseOptions(context, Int32(options))
        var tags: TagGuard?
        return source { chunk, isLast in
            if tags == nil {
                guard isXML(chunk, session) else { return false }
                tags = TagGuard(
                    attributesMax: limits.attributesMax, width: XMLEncoding.width(chunk.prefix(4)))
            }
            guard tags?.admits(chunk) == true else {
                session.builder.fail(
                    line: session.line, "an element has more than \(limits.attributesMax) attributes")
                return false
            }
            return push(chunk, isLast: isLast, context, session)
        }
    }

    private static func isXML(_ head: ArraySlice<UInt8>, _ session: XMLSession) -> Bool {
        guard let first = head.first(where: { $0 > 0x20 }), first == 0x3C || first >= 0x80 else {
            session.builder.fail(line: 0, "the document is not XML")
            return false
        }
        if let encoding = XMLEncoding.refused(head) {
            session.builder.fail(line: 1, "the encoding \"\(encoding)\" is not read; UTF-8 was expected")
            return false
        }
        return true
    }

    private static func push(
        _ chunk: ArraySlice<UInt8>, isLast: Bool, _ context: xmlParserCtxtPtr, _ session: XMLSession
    ) -> Bool {
        // SAFETY: libxml2 reads `count` bytes from within the array, and copies what it keeps.
        let status = chunk.withUnsafeBytes { bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            return xmlParseChunk(context, start, Int32(truncatingIfNeeded: bytes.count), isLast ? 1 : 0)
        }
        if status != 0 { session.failParse(status) }
        return session.builder.fault == nil
    }
}

/// What the SAX callbacks of one parse share.
final class XMLSession {
    var context: xmlParserCtxtPtr?
    // One value, so that a callback checks its access to all of it once.
    private var tags: XMLTags

    init(builder: DocumentBuilder) { tags = XMLTags(builder: builder) }

    var builder: DocumentBuilder {
        get { tags.builder }
        _modify { yield &tags.builder }
    }

    var line: Int {
        guard let context else { return 0 }
        // SAFETY: the parser's context is alive as long as `context` is set.
        return Int(xmlSAX2GetLineNumber(UnsafeMutableRawPointer(context)))
    }

    func failParse(_ status: Int32) {
        builder.fail(line: line, "the XML is not well formed (libxml2 error \(status))")
    }

    func stop(_ message: String) {
        builder.fail(line: line, message)
        if let context { xmlStopParser(context) }
    }

    private func stopIfFailed() {
        if builder.fault != nil, let context { xmlStopParser(context) }
    }

    func start(_ tag: XMLTag) {
        tags.start(tag, line: line)
        stopIfFailed()
    }

    func characters(_ start: UnsafePointer<xmlChar>?, _ count: Int32) {
        guard let start, count > 0 else { return }
        // SAFETY: libxml2 passes the address and length of the text it has just read.
        builder.characters(UnsafeRawBufferPointer(start: start, count: Int(count)), line: 0)
        stopIfFailed()
    }

    func end() {
        builder.end(line: 0)
        stopIfFailed()
    }
}

/// The arguments of one start-tag callback.
struct XMLTag {
    let localName: UnsafePointer<xmlChar>
    let prefix: UnsafePointer<xmlChar>?
    let namespace: UnsafePointer<xmlChar>?
    let attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
    let attributeCount: Int
}

extension XMLSession {
    /// The session behind a callback's user pointer.
    static func of(_ user: UnsafeMutableRawPointer?) -> XMLSession? {
        // SAFETY: the pointer was made from a live XMLSession in `XMLReader.parse`.
        user.map { Unmanaged<XMLSession>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Fills in the callbacks that this reader uses; all others stay empty.
    static func install(in handlers: inout xmlSAXHandler) {
        handlers.initialized = 0xDEED_BEAF
        handlers.startElementNs = { user, local, prefix, uri, _, _, count, _, attributes in
            guard let local else { return }
            XMLSession.of(user)?.start(
                XMLTag(
                    localName: local, prefix: prefix, namespace: uri, attributes: attributes,
                    attributeCount: Int(count)))
        }
        handlers.endElementNs = { user, _, _, _ in XMLSession.of(user)?.end() }
        handlers.characters = { user, text, count in XMLSession.of(user)?.characters(text, count) }
        handlers.cdataBlock = { user, text, count in XMLSession.of(user)?.characters(text, count) }
        handlers.ignorableWhitespace = { user, text, count in XMLSession.of(user)?.characters(text, count) }
        handlers.internalSubset = { user, _, _, _ in
            XMLSession.of(user)?.stop("a document type declaration is not accepted")
        }
        handlers.externalSubset = { user, _, _, _ in
            XMLSession.of(user)?.stop("an external subset is not accepted")
        }
        handlers.serror = { user, error in
            guard let error = error?.pointee, error.level == XML_ERR_FATAL || error.level == XML_ERR_ERROR
            else { return }
            let message = error.message.map { String(cString: $0) } ?? "the XML is not well formed"
            let trimmed = message.split(separator: "\n").first.map(String.init) ?? message
            XMLSession.of(user)?.builder.fail(line: Int(error.line), trimmed)
        }
    }
}

/// What start tags say, on its way into the document.
private struct XMLTags {
    var builder: DocumentBuilder
    /// libxml2 keeps one copy of every name in its dictionary, so that a name's address identifies it: each
    /// address is remembered at one place, until another needs that place.
    private var names = [(key: UInt, number: UInt16)](repeating: (0, 0), count: placeCount)
    private static let placeCount = 1024
    /// The namespace met last, and whether its elements are PMML's.
    private var namespace: (address: UnsafeRawPointer?, isPMML: Bool) = (nil, true)
    private let extensionNumber: UInt16?

    init(builder: DocumentBuilder) {
        self.builder = builder
        extensionNumber = self.builder.number(of: "Extension")
    }

    private func text(_ pointer: UnsafePointer<xmlChar>) -> String {
        // SAFETY: names in libxml2's dictionary are terminated and live until the parser is freed.
        String(cString: pointer)
    }

    /// The number of a name without a prefix.
    private mutating func number(_ pointer: UnsafePointer<xmlChar>) -> UInt16? {
        // SAFETY: the address is only compared.
        let key = UInt(bitPattern: pointer)
        let place = Int(truncatingIfNeeded: (key ^ key >> 8) & UInt(Self.placeCount - 1))
        if names[place].key == key { return names[place].number }
        guard let number = builder.number(of: text(pointer)) else { return nil }
        names[place] = (key, number)
        return number
    }

    private mutating func isPMML(_ uri: UnsafePointer<xmlChar>?) -> Bool {
        guard let uri else { return true }
        // SAFETY: the address is only compared.
        if namespace.address != UnsafeRawPointer(uri) {
            namespace = (UnsafeRawPointer(uri), text(uri).hasPrefix("http://www.dmg.org/PMML-"))
        }
        return namespace.isPMML
    }

    mutating func start(_ tag: XMLTag, line: Int) {
        if builder.isEmpty { builder.setNamespace(tag.namespace.map(text) ?? "") }
        let number: UInt16?
        var isExtension = false
        if let prefix = tag.prefix, !isPMML(tag.namespace) {
            number = builder.number(of: "\(text(prefix)):\(text(tag.localName))")
        } else {
            number = self.number(tag.localName)
            isExtension = number == extensionNumber
        }
        builder.start(name: number, isExtension: isExtension, line: line)
        if !builder.isSkipping, builder.fault == nil {
            for index in 0..<tag.attributeCount { attribute(tag, index, line: line) }
        }
    }

    /// An attribute is five pointers: local name, prefix, namespace, value's start and end.
    private mutating func attribute(_ tag: XMLTag, _ index: Int, line: Int) {
        // SAFETY: libxml2 passes five pointers for each of its `attributeCount` attributes.
        guard let fields = tag.attributes?.advanced(by: index * 5),
            let local = fields[0], let start = fields[3], let end = fields[4], end >= start
        else { return }
        let value = UnsafeRawBufferPointer(start: start, count: end - start)
        let number =
            if let prefix = fields[1] {
                builder.number(of: "\(text(prefix)):\(text(local))")
            } else {
                self.number(local)
            }
        builder.attribute(name: number, value: value, line: line)
    }
}
