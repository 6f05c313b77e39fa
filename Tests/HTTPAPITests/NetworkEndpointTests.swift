import HTTPAPI
import JSON
import Testing

/// `JSONDocument.parse(_:).root`, for the answers of tests.
enum JSONText {
    static func parse(_ bytes: [UInt8]) throws -> JSONElement { try JSONDocument.parse(bytes).root }
}

@Suite struct NetworkEndpointTests {
    private let server: TestServer
    private static let octets = ["Content-Type": "application/octet-stream"]

    init() throws {
        server = try TestServer()
        let made = try server.send("PUT", "/openscoring/model/sum", Self.octets, Fixtures.sum)
        try #require(made.status == 201, "\(made.text)")
    }

    @Test("A network of features describes its inputs and outputs")
    func schema() throws {
        let model = try JSONText.parse(try server.send("GET", "/openscoring/model/sum").body)
        #expect(model["miningFunction"]?.asString == "regression")
        #expect(model["summary"]?.asString == "Neural network")
        let inputs = Array(try #require(model["schema"]?["inputFields"]).elements)
        #expect(inputs.map { $0["id"]?.asString } == ["a", "b"])
        #expect(inputs.first?["dataType"]?.asString == "float")
        #expect(inputs.first?["name"]?.asString == "float32[N, 2]")
        #expect(try server.send("GET", "/openscoring/model/sum/pmml").status == 404)
        #expect(try server.send("GET", "/openscoring/model/sum/file").body == Fixtures.sum)
    }

    @Test("Arguments are nested arrays, with or without the batch axis")
    func arguments() throws {
        let flat = try server.post("/openscoring/model/sum", #"{"arguments": {"a": [1, 2], "b": [3, 4.5]}}"#)
        #expect(try JSONText.parse(flat.body)["results"]?["sum"]?.doubles(atMost: 9)?.values == [4, 6.5])
        let nested = try server.post(
            "/openscoring/model/sum", #"{"arguments": {"a": [[1, 2]], "b": [[3, 4]]}}"#)
        #expect(try JSONText.parse(nested.body)["results"]?["sum"]?.doubles(atMost: 9)?.values == [4, 6])
        let rows = try server.post(
            "/openscoring/model/sum", #"{"arguments": {"a": [[1, 2], [5, 6]], "b": [[3, 4], [7, 8]]}}"#)
        #expect(try JSONText.parse(rows.body)["results"]?["sum"]?.doubles(atMost: 9)?.shape == [2, 2])
    }

    @Test(
        "Arguments that do not fit are refused with the input's name",
        arguments: [
            #"{"a": [1, 2]}"#, #"{"a": [1, 2], "b": null}"#, #"{"a": [1, 2], "b": [1, 2, 3]}"#,
            #"{"a": [1, 2], "b": "x"}"#, #"{"a": [1, 2], "b": [[1], [2, 3]]}"#, #"{"a": [1, 2], "b": 5}"#,
            #"{"a": [1, 2], "b": [[[1, 2]]]}"#, #"{"a": [1, 2], "b": []}"#,
        ])
    func misfits(arguments: String) throws {
        let answer = try server.post("/openscoring/model/sum", #"{"arguments": \#(arguments)}"#)
        #expect(answer.status == 400 && answer.text.contains("b"), "\(answer.text)")
    }

    @Test("Rows of a batch fail alone")
    func batch() throws {
        let body = #"""
            {"requests": [{"id": "1", "arguments": {"a": [1, 2], "b": [3, 4]}},
             {"id": "2", "arguments": {"a": 1}},
             {"id": "3", "arguments": {"a": [0, 0], "b": [1, 1]}}]}
            """#
        let answer = try JSONText.parse(try server.post("/openscoring/model/sum/batch", body).body)
        let responses = Array(try #require(answer["responses"]).elements)
        #expect(responses.map { $0["id"]?.asString } == ["1", "2", "3"])
        #expect(responses.map { $0["message"] == nil } == [true, false, true])
        #expect(responses.last?["results"]?["sum"]?.doubles(atMost: 2)?.values == [1, 1])
    }

    @Test("An answer longer than it may be is 413 and never made, alone and in a batch")
    func longAnswers() throws {
        let server = try TestServer { $0.answerBytesMax = 10_000 }
        let made = try server.send("PUT", "/openscoring/model/zeros", Self.octets, Fixtures.zeros)
        try #require(made.status == 201, "\(made.text)")
        func ask(_ shape: String) throws -> [Loopback.Answer] {
            let arguments = #"{"arguments": {"s": [\#(shape)]}}"#
            return [
                try server.post("/openscoring/model/zeros", arguments),
                try server.post("/openscoring/model/zeros/batch", #"{"requests": [\#(arguments)]}"#),
            ]
        }
        for shape in ["1500, 0", "40, 40"] {
            for answer in try ask(shape) { #expect(answer.status == 200, "\(answer.text.prefix(200))") }
        }
        for shape in ["3000, 0", "200000000, 0", "50, 50"] {
            for answer in try ask(shape) {
                #expect(answer.status == 413 && answer.text.contains("The answer exceeds 10000 bytes"))
            }
        }
    }

    @Test("A network that takes no images says so, and no network takes tables")
    func wrongTypes() throws {
        let image = ["Content-Type": "image/png"]
        #expect(try server.send("POST", "/openscoring/model/sum", image, [1]).status == 415)
        let table = ["Content-Type": "text/csv"]
        #expect(
            try server.send("POST", "/openscoring/model/sum/csv", table, Array("a,b\n1,2\n".utf8)).status
                == 400)
    }

    @Test(
        "A file that is no model is refused and leaves nothing",
        arguments: [[], [0], Array("PK..".utf8), [8, 8, 58]])
    func refused(bytes: [UInt8]) throws {
        #expect(try server.send("PUT", "/openscoring/model/bad", Self.octets, bytes).status == 400)
        #expect(try server.send("GET", "/openscoring/model/bad").status == 404)
    }
}

@Suite struct ImageEndpointTests {
    @Test("An image is classified from the body, a form and base64 alike, and the best classes come first")
    func images() throws {
        let server = try TestServer(bundled: Fixtures.root + "/models")
        let ship = try #require(
            FileBytes.contents(of: Fixtures.root + "/Tests/Fixtures/pictures/ship.jpg", bytesMax: 1 << 20))
        let path = "/openscoring/model/cifar10"
        let plain = try JSONText.parse(
            try server.send("POST", path, ["Content-Type": "image/jpeg"], ship).body)
        let results = try #require(plain["results"])
        #expect(results["label"]?.asString == "ship")
        let classes = Array(try #require(results["probabilities"]).members)
        #expect(classes.count == 10 && classes.first?.name.string == "airplane")
        #expect(results["probabilities"]?["ship"]?.asDouble == results["probability"]?.asDouble)
        let top = try JSONText.parse(
            try server.send("POST", path + "?top=3", ["Content-Type": "image/jpeg"], ship).body)
        let best = Array(try #require(top["results"]?["probabilities"]).members)
        #expect(best.count == 3 && best.first?.name.string == "ship")
        #expect(best.compactMap(\.value.asDouble) == best.compactMap(\.value.asDouble).sorted(by: >))
        let form =
            Array("--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"s.jpg\"\r\n\r\n".utf8)
            + ship
            + Array("\r\n--b--\r\n".utf8)
        let type = ["Content-Type": "multipart/form-data; boundary=b"]
        #expect(try server.send("POST", path, type, form).text.contains(#""label" : "ship""#))
        let broken = try server.send("POST", path, ["Content-Type": "image/jpeg"], Array(ship.prefix(300)))
        #expect(broken.status == 400 && broken.text.contains("JPEG"))
        let noBase64 = try server.post(path, #"{"arguments": {"image": "!"}}"#)
        #expect(noBase64.status == 400 && noBase64.text.contains("base64"))
    }
}
