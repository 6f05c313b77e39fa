import Testing

@testable import HTTP1

@Suite struct RequestReaderTests {
    static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    /// Requests as clients send them, and what is read of them.
    static let requests: [(text: String, reading: [String])] = [
        (get, ["GET / ?- http11 none keeps identity [Host=a]"]),
        (
            "GET /a/b?x=1&y=%20 HTTP/1.1\r\nhost:a\r\n\r\n",
            ["GET /a/b ?x=1&y=%20 http11 none keeps identity [host=a]"]
        ),
        ("GET /? HTTP/1.1\r\nHost: a\r\n\r\n", ["GET / ? http11 none keeps identity [Host=a]"]),
        ("\r\n\r\n" + get, ["GET / ?- http11 none keeps identity [Host=a]"]),
        ("GET / HTTP/1.0\r\n\r\n", ["GET / ?- http10 none closes identity []"]),
        (
            "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
            ["GET / ?- http10 none keeps identity [Connection=Keep-Alive]"]
        ),
        ("GET / HTTP/1.7\r\nHost: a\r\n\r\n", ["GET / ?- http11 none keeps identity [Host=a]"]),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n",
            ["GET / ?- http11 none closes identity [Host=a|Connection=x, Close]"]
        ),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", ["OPTIONS * ?- http11 none keeps identity [Host=a]"]),
        (
            "GET HTTP://b:8/p?q HTTP/1.1\r\nHost: a\r\n\r\n",
            ["GET /p ?q http11 none keeps identity [Host=a]"]
        ),
        ("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", ["GET / ?- http11 none keeps identity [Host=a]"]),
        ("GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n", ["GET / ?q http11 none keeps identity [Host=a]"]),
        (
            "BREW /pot HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
            ["BREW /pot ?- http11 none keeps identity [Host=[::1]:80]"]
        ),
        (
            "POST /m HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Encoding: X-GZIP\r\n\r\nabc",
            [
                "POST /m ?- http11 length(3) keeps gzip [Host=a|Content-Length=3|Content-Encoding=X-GZIP]",
                "body abc",
            ]
        ),
        (
            "PUT /m HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
            ["PUT /m ?- http11 none keeps identity [Host=a|Content-Length=0]"]
        ),
        (
            "POST /m HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi",
            [
                "POST /m ?- http11 length(2) keeps expects identity "
                    + "[Host=a|Expect=100-Continue|Content-Length=2]",
                "body hi",
            ]
        ),
        (
            "POST /m HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "3\r\nabc\r\n00A;x=\"y\"\r\n0123456789\r\n0 ;z\r\n\r\n",
            [
                "POST /m ?- http11 chunked keeps identity [Host=a|Transfer-Encoding=Chunked]",
                "body abc0123456789",
            ]
        ),
        (
            "POST /m HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\nC:\r\n\r\n" + get,
            [
                "POST /m ?- http11 chunked keeps identity [Host=a|Transfer-Encoding=chunked]", "body ",
                "GET / ?- http11 none keeps identity [Host=a]",
            ]
        ),
        (get + get + get, Array(repeating: "GET / ?- http11 none keeps identity [Host=a]", count: 3)),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nX:\r\nY: \t b c \t\r\nZ: \u{e9}\r\n\r\n",
            ["GET / ?- http11 none keeps identity [Host=a|X=|Y=b c|Z=\u{e9}]"]
        ),
    ]

    @Test("Requests as clients send them are read whole", arguments: requests)
    func whole(_ text: String, _ reading: [String]) {
        #expect(read(text) == Reading(requests: reading))
    }

    @Test("Where the bytes are cut makes no difference", arguments: requests)
    func cut(_ text: String, _ reading: [String]) {
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])]
                #expect(read(pieces) == Reading(requests: reading), "cut at \(first) and \(second)")
            }
        }
        #expect(read(bytes.map { [$0] }) == Reading(requests: reading))
    }

    @Test("The phase tells which time limit holds")
    func phase() throws {
        var reader = RequestReader()
        var phases = [reader.phase]
        for text in ["POST / HT", "TP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", "x", ""] {
            let bytes = Array(text.utf8)
            var position = 0
            _ = try reader.next(bytes.span, &position)
            phases.append(reader.phase)
        }
        #expect(phases == [.betweenRequests, .head, .body, .body, .betweenRequests])
    }

    @Test("After a fault the reader swallows its input")
    func failed() {
        var reader = RequestReader()
        let bytes = Array("GET /\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        var outcomes: [String] = []
        for _ in 0..<2 {
            var position = 0
            do {
                let event = try reader.next(bytes.span, &position)
                if case .needsInput = event { outcomes.append("needs input at \(position)") }
            } catch {
                outcomes.append("\(error.status.code)")
            }
        }
        #expect(reader.phase == .failed)
        #expect(outcomes == ["400", "needs input at \(bytes.count)"])
    }
}
