import Testing

@testable import HTTP1

@Suite struct LimitTests {
    static let limits = MessageLimits(requestLineBytesMax: 40, headerBytesMax: 60, headerCountMax: 3)

    private func fault(_ text: String) -> HTTPFault? {
        let whole = read(text, limits: Self.limits).fault
        #expect(read(Array(text.utf8).map { [$0] }, limits: Self.limits).fault == whole, "cut or whole")
        return whole
    }

    @Test("A request line may be exactly as long as the limit")
    func requestLine() {
        // "GET " + target + " HTTP/1.1" + CR LF is the target and 15 bytes.
        let longest = "/" + String(repeating: "a", count: 24)
        #expect(fault("GET \(longest) HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
        #expect(fault("GET \(longest)b HTTP/1.1\r\nHost: a\r\n\r\n") == .targetTooLong(limit: 40))
        #expect(fault("GET /" + String(repeating: "a", count: 100)) == .targetTooLong(limit: 40))
    }

    @Test("Header fields may take exactly as many bytes as the limit, the empty line among them")
    func headerBytes() {
        // "Host: a" CR LF is 9, "B: " + value + CR LF is 5 and the value, the empty line 2.
        let value = String(repeating: "v", count: 44)
        #expect(fault("GET / HTTP/1.1\r\nHost: a\r\nB: \(value)\r\n\r\n") == nil)
        #expect(fault("GET / HTTP/1.1\r\nHost: a\r\nB: \(value)v\r\n\r\n") == .headersTooLarge(limit: 60))
        #expect(
            fault("GET / HTTP/1.1\r\nHost: " + String(repeating: "a", count: 99))
                == .headersTooLarge(limit: 60))
    }

    @Test("There may be exactly as many header fields as the limit")
    func headerCount() {
        #expect(fault("GET / HTTP/1.1\r\nHost: a\r\nB: c\r\nD: e\r\n\r\n") == nil)
        #expect(
            fault("GET / HTTP/1.1\r\nHost: a\r\nB: c\r\nD: e\r\nF: g\r\n\r\n") == .tooManyHeaders(limit: 3))
    }

    @Test("Trailers have the same limits")
    func trailers() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        #expect(fault(head + "A: b\r\nB: c\r\nC: d\r\n\r\n") == nil)
        #expect(fault(head + "A: b\r\nB: c\r\nC: d\r\nD: e\r\n\r\n") == .tooManyHeaders(limit: 3))
        #expect(fault(head + "A: " + String(repeating: "b", count: 60)) == .headersTooLarge(limit: 60))
    }

    @Test("A megabyte of one header, or of twenty thousand, is refused")
    func flood() {
        let start = "GET / HTTP/1.1\r\nHost: a\r\n"
        #expect(
            read(start + "X: " + String(repeating: "a", count: 1_000_000)).fault?.status == .headersTooLarge)
        #expect(read(start + String(repeating: "X: y\r\n", count: 20_000)).fault?.status == .headersTooLarge)
        #expect(read("GET /" + String(repeating: "a", count: 200_000)).fault?.status == .targetTooLong)
    }
}
