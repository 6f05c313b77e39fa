/// The first part of a reply: everything before its body.
package struct ResponseHead: Sendable {
    /// How the reply's end is told to the client.
    package enum Length: Sendable, Hashable {
        /// `Content-Length`, also with HEAD, where no body follows.
        case bytes(Int)
        /// `Transfer-Encoding: chunked`; only for HTTP/1.1 clients.
        case chunked
        /// The status forbids a body.
        case none
    }

    /// What the reply says about the connection (RFC 9112 section 9.3).
    package enum Persistence: Sendable, Hashable {
        /// Nothing: an HTTP/1.1 connection lives on.
        case implied
        /// `Connection: keep-alive`, for HTTP/1.0 clients that asked.
        case keepAlive
        /// `Connection: close`.
        case close
    }

    /// The status line's code, how the body's end is known, and what becomes of the connection.
    package let status: HTTPStatus
    package let length: Length
    package let persistence: Persistence
    /// The content coding that the server has applied.
    package let coding: ContentCoding?
    /// Whether another client could get another coding (RFC 9110 section 12.5.5).
    package let varies: Bool

    /// A head of these parts.
    package init(
        status: HTTPStatus, length: Length, persistence: Persistence, coding: ContentCoding? = nil,
        varies: Bool = false
    ) {
        self.status = status
        self.length = length
        self.persistence = persistence
        self.coding = coding
        self.varies = varies
    }

    /// Appends the head to `buffer`: status line, `shared` (whole lines: the date and what every reply
    /// carries), framing, `headers` and the empty line.
    ///
    /// Framing and connection fields among `headers` are left out: they are the server's to say.
    package func write(to buffer: inout [UInt8], shared: [UInt8], headers: HTTPHeaders) {
        buffer.append("HTTP/1.1 ")
        appendDecimal(status.code, to: &buffer)
        buffer.append(UInt8(ascii: " "))
        buffer.append(contentsOf: status.reason.utf8)
        buffer.append("\r\n")
        buffer.append(contentsOf: shared)
        if varies { buffer.append("Vary: Accept-Encoding\r\n") }
        if let coding {
            buffer.append(coding == .gzip ? "Content-Encoding: gzip\r\n" : "Content-Encoding: deflate\r\n")
        }
        switch length {
        case .bytes(let count):
            buffer.append("Content-Length: ")
            appendDecimal(count, to: &buffer)
            buffer.append("\r\n")
        case .chunked:
            buffer.append("Transfer-Encoding: chunked\r\n")
        case .none:
            break
        }
        switch persistence {
        case .implied: break
        case .keepAlive: buffer.append("Connection: keep-alive\r\n")
        case .close: buffer.append("Connection: close\r\n")
        }
        headers.write(to: &buffer)
        buffer.append("\r\n")
    }

    /// The interim reply that lets a waiting client send its body (RFC 9110 section 15.2.1).
    package static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}

extension HTTPHeaders {
    /// Appends every field as a line, save those that the server says itself.
    package func write(to buffer: inout [UInt8]) {
        for field in fields where !isServersOwn(field) {
            buffer.append(contentsOf: bytes[field.name])
            buffer.append(": ")
            buffer.append(contentsOf: bytes[field.value])
            buffer.append("\r\n")
        }
    }

    private func isServersOwn(_ field: Field) -> Bool {
        switch field.name.count {
        case 4: matches(field, "date")
        case 10: matches(field, "connection")
        case 14: matches(field, "content-length")
        case 17: matches(field, "transfer-encoding")
        default: false
        }
    }
}

extension [UInt8] {
    /// Appends a text of this program, which lies in memory as it is.
    fileprivate mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }
}

/// Appends a non-negative number in decimal.
package func appendDecimal(_ value: Int, to buffer: inout [UInt8]) {
    var rest = UInt64(max(0, value))
    let start = buffer.count
    repeat {
        buffer.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
        rest /= 10
    } while rest > 0
    var (low, high) = (start, buffer.count - 1)
    while low < high {
        buffer.swapAt(low, high)
        (low, high) = (low + 1, high - 1)
    }
}

/// Appends the line before a chunk of `count` bytes (RFC 9112 section 7.1); CR LF must follow the data.
package func appendChunkSize(_ count: Int, to buffer: inout [UInt8]) {
    buffer.append(contentsOf: String(max(0, count), radix: 16).utf8)
    buffer.append("\r\n")
}
