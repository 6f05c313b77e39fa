extension RequestHead {
    /// Parses a whole head, from the first byte of the request line to the empty line, every line ending in
    /// CR LF at the only line feeds (`HeadScanner` saw to that).
    convenience init(parsing bytes: [UInt8]) throws(HTTPFault) {
        let line = try RequestLine(bytes.span)
        var notes = FieldNotes()
        let fields = try Self.fields(bytes.span, from: line.end, &notes)
        if line.version == .http11, notes.hostCount == 0 { throw .malformed("no Host") }

        self.init(
            line,
            HTTPHeaders(bytes: line.isPathImplied ? bytes + [UInt8(ascii: "/")] : bytes, fields: fields),
            try notes.framing(line.version), notes,
            pathRange: line.isPathImplied ? bytes.count..<bytes.count + 1 : line.path)
    }

    /// The head of a request with these parts, parsed as if it had been sent, with `Host: localhost` if none
    /// is given.
    package convenience init(_ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:])
        throws(HTTPFault)
    {
        var text = "\(method.name) \(target) HTTP/1.1\r\n"
        if !headers.contains("Host") { text += "Host: localhost\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        try self.init(parsing: Array((text + "\r\n").utf8))
    }

    private static func fields(_ bytes: Span<UInt8>, from start: Int, _ notes: inout FieldNotes)
        throws(HTTPFault) -> [HTTPHeaders.Field]
    {
        var fields: [HTTPHeaders.Field] = []
        fields.reserveCapacity(12)
        var position = start
        while position + 2 < bytes.count {
            let (name, value, next) = try field(bytes, at: position)
            try notes.note(bytes, name: name, value: value)
            fields.append(.init(name: name, value: value))
            position = next
        }
        return fields
    }

    /// One `name: value CR LF` (RFC 9112 section 5); no blank before the colon, no line folded onto the next.
    private static func field(_ bytes: Span<UInt8>, at start: Int) throws(HTTPFault)
        -> (name: Range<Int>, value: Range<Int>, next: Int)
    {
        var position = start
        while position < bytes.count, ByteClass.isToken(bytes[position]) { position += 1 }
        guard position > start, position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
            throw .malformed(
                ByteClass.isBlank(bytes[start])
                    ? "a folded header line" : "a header field's name is not a token")
        }
        let valueStart = position + 1
        position = valueStart
        while position < bytes.count, ByteClass.isFieldValue(bytes[position]) { position += 1 }
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\r"),
            bytes[position + 1] == UInt8(ascii: "\n")
        else { throw .malformed("a control character in a header field") }
        return (start..<valueStart - 1, bytes.trimmed(valueStart..<position), position + 2)
    }
}

extension HTTPHeaders.Field {
    init(name: Range<Int>, value: Range<Int>) {
        nameStart = UInt32(truncatingIfNeeded: name.lowerBound)
        nameEnd = UInt32(truncatingIfNeeded: name.upperBound)
        valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
        valueEnd = UInt32(truncatingIfNeeded: value.upperBound)
    }
}
