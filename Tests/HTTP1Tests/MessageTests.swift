import Glibc
import Testing

@testable import HTTP1

@Suite struct HTTPHeadersTests {
    @Test("Names compare without case, values keep their order")
    func lookup() {
        var headers: HTTPHeaders = ["Content-Type": "a/b", "X": "1"]
        headers.add("x", "2")
        #expect(headers["content-TYPE"] == "a/b")
        #expect(headers.all("X") == ["1", "2"])
        #expect(headers["missing"] == nil)
        headers["X"] = "3"
        #expect(headers.map(\.name) == ["Content-Type", "X"])
        headers["X"] = nil
        #expect(headers.count == 1 && !headers.contains("X"))
    }

    @Test("A value cannot break out of its line, and a bad name adds nothing")
    func injection() {
        var headers = HTTPHeaders()
        headers.add("X", "a\r\nSet-Cookie: b\u{0}")
        headers.add("Bad Name", "c")
        headers.add("", "d")
        #expect(headers.map { "\($0.name)=\($0.value)" } == ["X=a  Set-Cookie: b "])
    }
}

@Suite struct ResponseHeadTests {
    private func text(_ head: ResponseHead, _ headers: HTTPHeaders = [:]) -> String {
        var buffer: [UInt8] = []
        head.write(to: &buffer, shared: Array("Date: now\r\n".utf8), headers: headers)
        return String(decoding: buffer, as: UTF8.self)
    }

    @Test("A head is a status line, the shared lines, its framing and its fields")
    func head() {
        let head = ResponseHead(status: .ok, length: .bytes(1_204), persistence: .implied)
        #expect(
            text(head, ["A": "b"])
                == "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 1204\r\nA: b\r\n\r\n")
    }

    @Test("Framing and connection are said by the server alone")
    func own() {
        let head = ResponseHead(status: .noContent, length: .none, persistence: .close)
        let headers: HTTPHeaders = [
            "content-length": "7", "Transfer-Encoding": "chunked", "connection": "x", "DATE": "y",
            "Dart": "z",
        ]
        #expect(
            text(head, headers)
                == "HTTP/1.1 204 No Content\r\nDate: now\r\nConnection: close\r\nDart: z\r\n\r\n")
    }

    @Test("Chunks and old clients")
    func chunked() {
        let head = ResponseHead(status: .ok, length: .chunked, persistence: .keepAlive)
        #expect(
            text(head)
                == "HTTP/1.1 200 OK\r\nDate: now\r\nTransfer-Encoding: chunked\r\n"
                + "Connection: keep-alive\r\n\r\n"
        )
        var size: [UInt8] = []
        appendChunkSize(0x1AF, to: &size)
        #expect(String(decoding: size, as: UTF8.self) == "1af\r\n")
    }

    @Test("Numbers are written in decimal", arguments: [0, 7, 10, 99, 100, 65_536, Int.max])
    func decimal(_ number: Int) {
        var buffer: [UInt8] = []
        appendDecimal(number, to: &buffer)
        #expect(String(decoding: buffer, as: UTF8.self) == "\(number)")
    }
}

@Suite struct HTTPDateTests {
    @Test("The example of RFC 9110")
    func example() {
        #expect(httpDate(seconds: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(httpDate(seconds: 0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(httpDate(seconds: 951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
    }

    @Test("Agrees with the C library over two centuries")
    func library() {
        for index in 0..<4_000 {
            let seconds = -2_000_000_000 + index * 1_500_007
            var time = time_t(seconds)
            var parts = tm()
            gmtime_r(&time, &parts)
            var text = [CChar](repeating: 0, count: 64)
            strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            let expected = String(
                decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            #expect(httpDate(seconds: seconds) == expected)
        }
    }
}

@Suite struct AcceptedCodingTests {
    static let cases: [(field: String?, coding: ContentCoding?)] = [
        (nil, nil), ("", nil), ("gzip", .gzip), ("x-gzip", .gzip), ("GZIP", .gzip), ("deflate", .deflate),
        ("gzip, deflate, br", .gzip), ("br, deflate, gzip", .deflate), ("br", nil), ("identity", nil),
        ("gzip;q=0", nil), ("gzip;q=0, deflate", .deflate), ("gzip;q=0.5, deflate;q=0.8", .deflate),
        ("gzip; q=0.001", .gzip), ("*", .gzip), ("*;q=0", nil), ("gzip;q=0, *", .deflate),
        ("gzip;q=x", .gzip),
        ("identity;q=0, gzip", .gzip), (",,gzip,,", .gzip),
    ]

    @Test("The wanted coding of greatest weight is chosen", arguments: cases)
    func negotiated(_ field: String?, _ coding: ContentCoding?) throws {
        let headers: HTTPHeaders = field.map { ["Accept-Encoding": $0] } ?? [:]
        #expect(try RequestHead(.get, "/", headers: headers).acceptedCoding == coding)
    }
}

@Suite struct HTTPFaultTests {
    @Test("Methods keep their spelling and know whether they are safe")
    func methods() {
        for name in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get"] {
            #expect(HTTPMethod(name).name == name)
        }
        #expect(HTTPMethod("get") == .other("get"))
        #expect(HTTPMethod.head.isSafe && !HTTPMethod.post.isSafe && !HTTPMethod.other("get").isSafe)
    }

    @Test("A head made from parts is checked like one that was sent")
    func made() throws {
        let head = try RequestHead(.put, "/a?b", headers: ["Content-Length": "3"])
        #expect(head.path == "/a" && head.query == "b" && head.framing == .length(3))
        #expect(throws: HTTPFault.self) { try RequestHead(.get, "/ x") }
    }
}
