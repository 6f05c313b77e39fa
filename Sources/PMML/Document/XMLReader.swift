import CXML2

/// Reads XML through libxml2's SAX2 interface: no DTD, no external entity, no network.
enum XMLReader {
    /// Bytes handed to libxml2 at a time.
    private static let chunkBytes = 1 << 18

    /// Parses `input` into a document.
    ///
    /// - Throws: `PMMLError.invalid` with the first fault of the XML itself.
    static func read(_ input: [UInt8], limits: PMMLLimits) throws(PMMLError) -> Document {
        guard input.count <= limits.bytesMax else {
            throw .invalid([topLevel("the document is larger than \(limits.bytesMax) bytes")])
        }
        guard let start = input.first(where: { $0 > 0x20 }), start == 0x3C || start >= 0x80 else {
            throw .invalid([topLevel("the document is not XML")])
        }
        let session = XMLSession(builder: DocumentBuilder(limits: limits))
        parse(input, session: session)
        if let fault = session.builder.fault { throw .invalid([fault]) }
        guard let document = session.builder.finish() else {
            throw .invalid([topLevel("the document has no element")])
        }
        return document
    }

    private static func topLevel(_ message: String) -> Fault {
        Fault(severity: .error, line: 0, element: "PMML", message: message)
    }

    private static func parse(_ input: [UInt8], session: XMLSession) {
        var handlers = xmlSAXHandler()
        XMLSession.install(in: &handlers)
        // SAFETY: `session` outlives the parser context, which is freed before this function returns.
        let user = Unmanaged.passUnretained(session).toOpaque()
        guard let context = xmlCreatePushParserCtxt(&handlers, user, nil, 0, nil) else {
            return session.builder.fail(line: 0, "the XML parser could not be made")
        }
        defer { xmlFreeParserCtxt(context) }
        session.context = context
        _ = xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue | XML_PARSE_HUGE.rawValue))
        // SAFETY: libxml2 reads `count` bytes from within the array, and copies what it keeps.
        input.withUnsafeBytes { bytes in
            var at = 0
            while at < bytes.count, session.builder.fault == nil {
                let count = min(chunkBytes, bytes.count - at)
                let chunk = bytes.baseAddress?.advanced(by: at).assumingMemoryBound(to: CChar.self)
                let status = xmlParseChunk(context, chunk, Int32(count), at + count == bytes.count ? 1 : 0)
                if status != 0 { session.failParse(status) }
                at += count
            }
        }
    }
}

/// What the SAX callbacks of one parse share.
final class XMLSession {
    let builder: DocumentBuilder
    var context: xmlParserCtxtPtr?
    private var names: [UnsafeRawPointer: String] = [:]

    init(builder: DocumentBuilder) {
        self.builder = builder
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

    /// libxml2 keeps one copy of every name in its dictionary, so that a name's address identifies it.
    private func name(_ pointer: UnsafePointer<xmlChar>) -> String {
        // SAFETY: names in libxml2's dictionary are terminated and live until the parser is freed.
        let key = UnsafeRawPointer(pointer)
        if let known = names[key] { return known }
        // SAFETY: as above.
        let text = String(cString: pointer)
        names[key] = text
        return text
    }

    func start(_ tag: XMLTag) {
        let line = line
        let namespace = tag.namespace.map(name) ?? ""
        let isPMML = namespace.isEmpty || namespace.hasPrefix("http://www.dmg.org/PMML-")
        let local = name(tag.localName)
        let prefix = isPMML ? nil : tag.prefix.map(name)
        builder.start(name: prefix.map { "\($0):\(local)" } ?? local, namespace: namespace, line: line)
        if !builder.isSkipping {
            for index in 0..<tag.attributeCount { attribute(tag, index, line: line) }
        }
        stopIfFailed()
    }

    /// An attribute is five pointers: local name, prefix, namespace, value's start and end.
    private func attribute(_ tag: XMLTag, _ index: Int, line: Int) {
        // SAFETY: libxml2 passes five pointers for each of its `attributeCount` attributes.
        guard let fields = tag.attributes?.advanced(by: index * 5),
            let local = fields[0], let start = fields[3], let end = fields[4], end >= start
        else { return }
        let value = UnsafeRawBufferPointer(start: start, count: end - start)
        let prefix = fields[1].map { name($0) + ":" } ?? ""
        builder.attribute(name: prefix + name(local), value: value, line: line)
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
