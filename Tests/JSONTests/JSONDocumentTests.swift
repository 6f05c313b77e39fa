import JSON
import Testing

@Suite struct JSONDocumentTests {
    @Test func `a small document gives its values by name`() throws {
        let document = try JSONDocument.parse(Array(#"{"id": null, "arguments": {"x": 1.5, "y": "é"}}"#.utf8))
        let arguments = try #require(document.root["arguments"])
        #expect(document.root["id"]?.isNull == true)
        #expect(arguments["x"]?.asDouble == 1.5)
        #expect(arguments["y"]?.asString == "é")
        #expect(arguments["z"] == nil)
    }
}
