import Testing

@testable import HTTP1

/// Every shape that two parsers could read differently is refused (RFC 9112 section 11).
@Suite struct RefusalTests {
    private static func post(_ fields: String, _ body: String = "") -> String {
        "POST /m HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)"
    }

    private static func chunked(_ body: String) -> String { post("Transfer-Encoding: chunked", body) }

    static let malformed: [String: String] = [
        "a TLS greeting": "\u{16}\u{3}\u{1}\u{2}",
        "no method and a bare LF": "\u{7}GET / HTTP/1.1\nHost: a\r\n\r\n",
        "one word": "HELLO\r\n\r\n",
        "HTTP/0.9": "GET /\r\n\r\n",
        "no version": "GET / \r\nHost: a\r\n\r\n",
        "lower case version": "GET / http/1.1\r\nHost: a\r\n\r\n",
        "long version": "GET / HTTP/1.11\r\nHost: a\r\n\r\n",
        "two spaces": "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "space behind the version": "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "tab for space": "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "space first": " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "long method": String(repeating: "A", count: 33) + " / HTTP/1.1\r\nHost: a\r\n\r\n",
        "three empty lines": "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "relative target": "GET m HTTP/1.1\r\nHost: a\r\n\r\n",
        "star for GET": "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "other scheme": "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "no authority": "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n",
        "user in target": "GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n",
        "fragment": "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
        "raw NUL in target": "GET /a\u{0}b HTTP/1.1\r\nHost: a\r\n\r\n",
        "escaped NUL in target": "GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n",
        "bad escape": "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "short escape": "GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n",
        "short escape in the query": "GET /?a=% HTTP/1.1\r\nHost: a\r\n\r\n",
        "raw UTF-8 in target": "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n",
        "no Host": "GET / HTTP/1.1\r\nA: b\r\n\r\n",
        "two Hosts": "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "Host with a path": "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "Host list": "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
        "bare LF in the request line": "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "bare LF in a field": "GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n",
        "bare LF at the end": "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "bare CR in the request line": "GET /\rx HTTP/1.1\r\nHost: a\r\n\r\n",
        "bare CR in a value": "GET / HTTP/1.1\r\nHost: a\r\nB: c\rd\r\n\r\n",
        "bare CR before CR LF": "GET / HTTP/1.1\r\nHost: a\r\nB: c\r\r\n\r\n",
        "NUL in a value": "GET / HTTP/1.1\r\nHost: a\r\nB: c\u{0}d\r\n\r\n",
        "space in a name": "GET / HTTP/1.1\r\nHost: a\r\nB C: d\r\n\r\n",
        "space before the colon": "GET / HTTP/1.1\r\nHost: a\r\nB : c\r\n\r\n",
        "no colon": "GET / HTTP/1.1\r\nHost: a\r\nB\r\n\r\n",
        "empty name": "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        "folded line": "GET / HTTP/1.1\r\nHost: a\r\nB: c\r\n d\r\n\r\n",
        "folded first line": "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        "both framings": post("Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        "both framings, the other way": post("Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\n"),
        "two lengths": post("Content-Length: 2\r\nContent-Length: 7", "{}"),
        "two equal lengths": post("Content-Length: 2\r\nContent-Length: 2", "{}"),
        "length list": post("Content-Length: 2, 2", "{}"),
        "negative length": post("Content-Length: -5"),
        "signed length": post("Content-Length: +5", "12345"),
        "length with exponent": post("Content-Length: 1e3"),
        "hexadecimal length": post("Content-Length: 0x10"),
        "empty length": post("Content-Length:"),
        "length past Int": post("Content-Length: 9223372036854775808"),
        "chunked twice": post("Transfer-Encoding: chunked, chunked"),
        "chunked in two fields": post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        "empty transfer coding": post("Transfer-Encoding: "),
        "chunked in HTTP/1.0": "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "chunk size not hexadecimal": chunked("ZZZ\r\n"),
        "chunk size signed": chunked("-1\r\n"),
        "chunk size with prefix": chunked("0x1\r\na\r\n"),
        "chunk size empty": chunked("\r\n"),
        "chunk size blank": chunked(" 1\r\na\r\n"),
        "chunk size too large": chunked("FFFFFFFFFFFFFFFFF\r\n"),
        "chunk size in too many digits": chunked("0000000000000001\r\na\r\n"),
        "space behind a chunk size": chunked("1 \r\na\r\n"),
        "bare LF behind a chunk size": chunked("1\na\r\n"),
        "bare CR in a chunk extension": chunked("1;a\rb\r\na\r\n"),
        "chunk longer than said": chunked("1\r\nab\r\n"),
        "chunk ends in LF": chunked("1\r\na\n"),
        "trailer without colon": chunked("0\r\nabc\r\n\r\n"),
        "trailer folded": chunked("0\r\nA: b\r\n c\r\n\r\n"),
        "trailer with bare CR": chunked("0\r\nA: b\rc\r\n\r\n"),
        "trailer with NUL": chunked("0\r\nA: \u{0}\r\n\r\n"),
        "long chunk extension": chunked("1;" + String(repeating: "a", count: 5_000) + "\r\na\r\n"),
    ]

    @Test("is refused with 400, wherever the bytes are cut", arguments: malformed.keys.sorted())
    func refused(_ name: String) throws {
        let bytes = Array(try #require(Self.malformed[name]).utf8)
        let fault = try #require(read([bytes]).fault)
        #expect(fault.status == .badRequest, "\(fault)")
        #expect(read(bytes.map { [$0] }).fault == fault)
        for cut in bytes.indices.prefix(400) {
            #expect(
                read([Array(bytes[..<cut]), Array(bytes[cut...])]).fault?.status == .badRequest,
                "cut at \(cut)")
        }
    }

    static let others: [(text: String, fault: HTTPFault)] = [
        ("GET / HTTP/9.9\r\nHost: x\r\n\r\n", .versionNotSupported),
        ("PRI * HTTP/2.0\r\n\r\n", .versionNotSupported),
        (post("Transfer-Encoding: gzip, chunked"), .transferCodingUnknown("gzip")),
        (post("Transfer-Encoding: identity"), .transferCodingUnknown("identity")),
        (post("Content-Encoding: br\r\nContent-Length: 1"), .contentCodingUnknown("br")),
        (post("Content-Encoding: gzip, gzip\r\nContent-Length: 1"), .contentCodingUnknown("gzip")),
        (post("Expect: a-miracle\r\nContent-Length: 1"), .expectationUnknown),
    ]

    @Test("What is well formed but not supported has a status of its own", arguments: others)
    func unsupported(_ text: String, _ fault: HTTPFault) {
        #expect(read(text).fault == fault)
        #expect(read(Array(text.utf8).map { [$0] }).fault == fault)
    }
}
