import Testing

@testable import HTTPAPI

@Suite struct MultipartParserTests {
    private func parts(_ body: String, step: Int, boundary: String = "b") throws -> [String: String] {
        let type = try #require(MediaType("multipart/form-data; boundary=\(boundary)"))
        var parser = try MultipartParser(type)
        var found: [String: String] = [:]
        var current = ""
        let bytes = Array(body.utf8)
        for start in stride(from: 0, to: bytes.count, by: step) {
            try parser.consume(bytes[start..<min(start + step, bytes.count)]) { event throws(APIError) in
                switch event {
                case .part(let part):
                    current = part.name
                    found[current] = ""
                case .content(let slice, let offset):
                    #expect(bytes[offset..<offset + slice.count].elementsEqual(slice))
                    found[current, default: ""] += String(decoding: slice, as: UTF8.self)
                case .end: current = ""
                }
            }
        }
        try parser.finish()
        return found
    }

    private static let body =
        "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"one\"\r\n\r\nfirst\r\n-- b\r\n--b  \r\n"
        + "content-disposition: form-data; name=two; filename=\"a\\\"b\"\r\n"
        + "Content-Type: text/plain\r\n\r\n\r\n--b\r\n"
        + "Content-Disposition: form-data; name=\"three\"\r\n\r\n--x\r\n--b--\r\nepilogue"

    @Test("Parts come out the same however the body is cut", arguments: [1, 2, 3, 7, 64, 10_000])
    func parts(step: Int) throws {
        #expect(try parts(Self.body, step: step) == ["one": "first\r\n-- b", "two": "", "three": "--x"])
    }

    @Test("A body that begins with its boundary has no preamble")
    func noPreamble() throws {
        let body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n"
        #expect(try parts(body, step: 5) == ["a": "x"])
    }

    @Test(
        "A malformed body is refused",
        arguments: [
            "", "--b--x", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nunfinished",
            "--bX\r\n\r\n\r\n--b--",
            "--b\r\nno colon\r\n\r\n\r\n--b--", "--b\r\nContent-Disposition: attachment\r\n\r\n\r\n--b--",
        ])
    func malformed(body: String) {
        if body == "--b--x" {
            #expect(throws: Never.self) { try parts(body, step: 3) }
        } else {
            #expect(throws: APIError.self) { try parts(body, step: 3) }
        }
    }

    @Test("Headers and parts are bounded")
    func bounds() {
        let header = "--b\r\nX: " + String(repeating: "a", count: 20_000)
        #expect(throws: APIError.tooLarge("The headers of a part exceed 16384 bytes")) {
            try parts(header, step: 100)
        }
        let part = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n"
        #expect(throws: APIError.tooLarge("More than 64 parts")) {
            try parts(String(repeating: part, count: 65) + "--b--", step: 100)
        }
    }

    @Test(
        "A boundary of 1 to 70 characters is needed",
        arguments: ["", "boundary=\"\"", "boundary=" + String(repeating: "x", count: 71)])
    func boundary(parameter: String) throws {
        let type = try #require(MediaType("multipart/form-data" + (parameter.isEmpty ? "" : ";" + parameter)))
        #expect(throws: APIError.self) { try MultipartParser(type) }
    }
}
