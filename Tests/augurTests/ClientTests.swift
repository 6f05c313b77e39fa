import Testing

@testable import augur

@Suite struct ClientTests {
    private func response(_ text: String) throws(ClientError) -> ClientResponse {
        try ClientResponse(Array(text.utf8))
    }

    @Test("An answer is read by its length or its chunks, past interim ones")
    func answers() throws {
        let plain = try response("HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\nbody")
        #expect(plain.status == 200 && plain.headers["content-type"] == "a/b" && plain.text == "body")
        let chunked = try response(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n")
        #expect(chunked.status == 404 && chunked.text == "abc0123456789")
    }

    @Test(
        "A broken answer is an error",
        arguments: [
            "", "HTTP/1.1 200 OK\r\n", "SMTP\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nab\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7FFFFFFFFFFFFFFF\r\nab\r\n",
        ])
    func brokenAnswers(text: String) {
        #expect(throws: ClientError.self) { try response(text) }
    }

    @Test("Names are percent-encoded for a path")
    func encoding() {
        #expect(percentEncoded("a-b_c.d~1") == "a-b_c.d~1")
        #expect(percentEncoded("a b/é\n") == "a%20b%2F%C3%A9%0A")
    }
}
