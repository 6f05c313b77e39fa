import Testing

@testable import HTTPAPI

@Suite struct NegotiationTests {
    @Test("Base64 is read in both alphabets, padded or not")
    func base64() {
        #expect(Base64.decode("") == [])
        #expect(Base64.decode("Zg==") == [0x66])
        #expect(Base64.decode("Zm8") == [0x66, 0x6F])
        #expect(Base64.decode("Zm9v\r\nYmFy") == Array("foobar".utf8))
        #expect(Base64.decode("-_-_") == [0xFB, 0xFF, 0xBF])
        #expect(Base64.decode("data:image/png;base64,Zm8=") == [0x66, 0x6F])
    }

    @Test(
        "Broken base64 is refused",
        arguments: ["Z", "Zg=", "Zg===", "Z=g=", "Zm9v!", "data:image/png,Zm8=", "é", "===="])
    func brokenBase64(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(
        "Moments print as Openscoring prints them",
        arguments: [
            (1_795_406_064_035, "2026-11-23T03:54:24.035+00:00"), (0, "1970-01-01T00:00:00.000+00:00"),
            (951_782_400_000, "2000-02-29T00:00:00.000+00:00"), (-1, "1969-12-31T23:59:59.999+00:00"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999+00:00"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000+00:00"),
        ] as [(Int64, String)])
    func timestamps(milliseconds: Int64, text: String) {
        #expect(Timestamp.text(milliseconds: milliseconds) == text)
    }

    @Test("A media type is read with its parameters")
    func mediaTypes() throws {
        let type = try #require(MediaType("Text/CSV ; Charset=\"utf-8\"; a=b;"))
        #expect(type.essence == "text/csv")
        #expect(type.parameters == ["charset": "utf-8", "a": "b"])
    }

    @Test(
        "What is no media type is refused",
        arguments: ["", "text", "text/", "/x", "a/b/c", "text/csv; x", "a b/c", "a/b; c=\"d"])
    func brokenMediaTypes(text: String) {
        #expect(MediaType(text) == nil)
    }

    @Test(
        "Accept allows what its most precise range allows",
        arguments: [
            (nil, true), ("", true), ("application/xml", false), ("application/json", true), ("*/*", true),
            ("text/html, */*;q=0.1", true), ("application/*", true), ("application/json;q=0, */*", false),
            ("application/*;q=0, application/json", true), ("text/plain;q=1.0", false),
        ] as [(String?, Bool)])
    func accept(header: String?, isAllowed: Bool) {
        #expect(AcceptedTypes(header).allows("application", "json") == isAllowed)
    }

    @Test("Query parameters are decoded")
    func query() throws {
        let query = try Query("a=1&b=%C3%A9+x&c&a=2&=y&&d=a=b")
        #expect(query["a"] == "1" && query["b"] == "é x" && query["c"] == "" && query["d"] == "a=b")
        #expect(try Query(nil).items.isEmpty)
    }

    @Test(
        "A broken query is refused",
        arguments: ["a=%", "a=%4", "a=%zz", "%ff=1", String(repeating: "a=1&", count: 65)])
    func brokenQuery(raw: String) {
        #expect(throws: APIError.self) { try Query(raw) }
    }

    @Test("A POST may mean another method, in any letter case")
    func methodOverride() throws {
        #expect(try MethodOverride.apply(to: "POST", header: "put", parameter: nil) == "PUT")
        #expect(try MethodOverride.apply(to: "POST", header: nil, parameter: "Delete") == "DELETE")
        #expect(try MethodOverride.apply(to: "POST", header: "PUT", parameter: "put") == "PUT")
        #expect(try MethodOverride.apply(to: "GET", header: nil, parameter: "DELETE") == "GET")
        #expect(throws: APIError.self) {
            try MethodOverride.apply(to: "POST", header: "PUT", parameter: "DELETE")
        }
    }
}
