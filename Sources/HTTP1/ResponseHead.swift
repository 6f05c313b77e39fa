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

    package let status: HTTPStatus
    package let length: Length
    package let persistence: Persistence

    /// A head of these parts.
    package init(status: HTTPStatus, length: Length, persistence: Persistence) {
        self.status = status
        self.length = length
        self.persistence = persistence
    }

    /// Appends the head to `buffer`: status line, `shared` (whole lines: the date and what every reply
    /// carries), framing, `headers` and the empty line.
    ///
    /// Framing and connection fields among `headers` are left out: they are the server's to say.
    package func write(to buffer: inout [UInt8], shared: [UInt8], headers: HTTPHeaders) {
        buffer.append(contentsOf: "HTTP/1.1 ".utf8)
        appendDecimal(status.code, to: &buffer)
        buffer.append(UInt8(ascii: " "))
        buffer.append(contentsOf: status.reason.utf8)
        buffer.append(contentsOf: "\r\n".utf8)
        buffer.append(contentsOf: shared)
        switch length {
        case .bytes(let count):
            buffer.append(contentsOf: "Content-Length: ".utf8)
            appendDecimal(count, to: &buffer)
            buffer.append(contentsOf: "\r\n".utf8)
        case .chunked:
            buffer.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
        case .none:
            break
        }
        switch persistence {
        case .implied: break
        case .keepAlive: buffer.append(contentsOf: "Connection: keep-alive\r\n".utf8)
        case .close: buffer.append(contentsOf: "Connection: close\r\n".utf8)
        }
        headers.write(to: &buffer)
        buffer.append(contentsOf: "\r\n".utf8)
    }

    /// The interim reply that lets a waiting client send its body (RFC 9110 section 15.2.1).
    package static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}

extension HTTPHeaders {
    /// Appends every field as a line, save those that the server says itself.
    package func write(to buffer: inout [UInt8]) {
        for field in fields where !isServersOwn(field) {
            buffer.append(contentsOf: bytes[field.name])
            buffer.append(contentsOf: ": ".utf8)
            buffer.append(contentsOf: bytes[field.value])
            buffer.append(contentsOf: "\r\n".utf8)
        }
    }

    private func isServersOwn(_ field: Field) -> Bool {
        switch field.name.count {
        case 4: equalsIgnoringCase(bytes[field.name], "date".utf8)
        case 10: equalsIgnoringCase(bytes[field.name], "connection".utf8)
        case 14: equalsIgnoringCase(bytes[field.name], "content-length".utf8)
        case 17: equalsIgnoringCase(bytes[field.name], "transfer-encoding".utf8)
        default: false
        }
    }
}

/// Appends a non-negative number in decimal.
package func appendDecimal(_ value: Int, to buffer: inout [UInt8]) {
    var divisor = 1
    while value / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
        buffer.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
        divisor /= 10
    }
}

/// Appends the line before a chunk of `count` bytes (RFC 9112 section 7.1); CR LF must follow the data.
package func appendChunkSize(_ count: Int, to buffer: inout [UInt8]) {
    buffer.append(contentsOf: String(max(0, count), radix: 16).utf8)
    buffer.append(contentsOf: "\r\n".utf8)
}
