import HTTP1
import HTTPServer
import JSON
import Logging
import Synchronization
import Telemetry
import Testing

@testable import HTTPAPI

@Suite struct EndpointTests {
    private let server: TestServer
    private static let xml = ["Content-Type": "application/xml"]

    init() throws {
        server = try TestServer()
        _ = try server.send("PUT", "/openscoring/model/tree", Self.xml, Fixtures.tree())
    }

    @Test("A deployment is created, then replaced, and every answer names its version")
    func versions() throws {
        let made = try server.send("PUT", "/openscoring/model/new", Self.xml, Fixtures.tree())
        #expect(made.status == 201 && made.headers["augur-version"] == "1")
        #expect(made.headers["location"] == "http://localhost:\(server.port)/openscoring/model/new")
        let replaced = try server.send("PUT", "/openscoring/model/new", Self.xml, Fixtures.tree(leaf: "z"))
        #expect(replaced.status == 200 && replaced.headers["augur-version"] == "2")
        let request = #"{"arguments": {"x": 1}}"#
        let now = try server.post("/openscoring/model/new", request)
        #expect(now.text.contains(#""node" : "z""#) && now.headers["augur-version"] == "2")
        let before = try server.post("/openscoring/model/new/versions/1", request)
        #expect(before.text.contains(#""node" : "a""#) && before.headers["augur-version"] == "1")
        let listed = try server.send("GET", "/openscoring/model/new/versions").text
        #expect(listed.contains(#""version" : 2"#) && listed.contains(#""version" : 1"#))
        #expect(try server.send("GET", "/openscoring/model/new/versions/3").status == 404)
        #expect(try server.send("POST", "/openscoring/model/new/rollback").headers["augur-version"] == "1")
        #expect(try server.post("/openscoring/model/new", request).headers["augur-version"] == "1")
    }

    @Test("A rollback without an earlier version is a conflict, of an unknown model not found")
    func rollbackWithoutVersion() throws {
        #expect(try server.send("POST", "/openscoring/model/tree/rollback").status == 409)
        #expect(try server.send("POST", "/openscoring/model/none/rollback").status == 404)
        #expect(try server.send("POST", "/openscoring/model/tree/rollback?version=x").status == 400)
    }

    @Test("Results, id and timing come in one document and its headers")
    func evaluate() throws {
        let answer = try server.post("/openscoring/model/tree", #"{"id": 7, "arguments": {"x": "12.5"}}"#)
        #expect(
            answer.text == """
                {
                  "id" : "7",
                  "results" : {
                    "size" : "large",
                    "node" : "b"
                  }
                }
                """)
        #expect(answer.headers["content-type"] == "application/json")
        #expect(answer.headers["x-application"]?.hasPrefix("Openscoring/2.1.") == true)
        let timing = try #require(answer.headers["server-timing"])
        for stage in ["parse;dur=", "queue;dur=", "infer;dur=", "encode;dur="] {
            #expect(timing.contains(stage))
        }
    }

    @Test("A request id is taken when it is fit to be echoed, else made")
    func requestIDs() throws {
        #expect(
            try server.send("GET", "/health/live", ["X-Request-Id": "mine-1"]).headers["x-request-id"]
                == "mine-1")
        for unfit in ["two words", String(repeating: "x", count: 129), ""] {
            let made = try server.send("GET", "/nowhere", ["X-Request-Id": unfit]).headers["x-request-id"]
            #expect(made?.count == 16 && made != unfit)
        }
        #expect(try server.send("BREW", "/%", [:]).headers["x-request-id"]?.count == 16)
    }

    @Test(
        "A body that is no evaluation request is refused with a message",
        arguments: [
            "", "{}", "null", "[]", #"{"arguments": 7}"#, #"{"arguments": null}"#,
            #"{"arguments": {}, "x": 1}"#,
            #"{"id": {}, "arguments": {}}"#, #"{"arguments": {"x": NaN}}"#, #"{"arguments": {"x": 101}}"#,
            #"{"arguments": {"x": [1]}}"#, #"{"arguments": {"x": {"y": 1}}}"#,
        ])
    func badRequests(body: String) throws {
        let answer = try server.post("/openscoring/model/tree", body)
        #expect(answer.status == 400 && answer.text.contains("\"message\" : \""))
    }

    @Test("Rows of a batch fail alone, and more than a chunk of them comes back in order")
    func batch() throws {
        let rows = (0..<2500).map { #"{"id": "\#($0)", "arguments": {"x": \#($0 % 200)}}"# }
        let body = #"{"id": "b", "requests": [\#(rows.joined(separator: ","))]}"#
        let answer = try server.post("/openscoring/model/tree/batch", body)
        let document = try JSONText.parse(answer.body)
        let responses = Array(try #require(document["responses"]).elements)
        #expect(responses.count == 2500 && document["id"]?.asString == "b")
        for (index, response) in responses.enumerated() {
            #expect(response["id"]?.asString == "\(index)")
            #expect((response["results"] != nil) == (index % 200 <= 100))
            #expect((response["message"] != nil) == (index % 200 > 100))
        }
    }

    @Test("A batch is refused as a whole when it is no batch")
    func badBatches() throws {
        let path = "/openscoring/model/tree/batch"
        #expect(try server.post(path, #"{"id": "e", "requests": []}"#).text == "{\n  \"id\" : \"e\"\n}")
        for body in ["{}", #"{"requests": [null]}"#, #"{"requests": [7]}"#, #"{"requests": {}}"#, "[]"] {
            #expect(try server.post(path, body).status == 400)
        }
        let missing = try server.post(path, #"{"requests": [{"id": "a"}]}"#)
        #expect(missing.status == 200 && missing.text.contains("message"))
    }

    @Test("A batch above its bound in rows is refused")
    func boundedBatch() throws {
        let bounded = try TestServer { $0.batchRowsMax = 2 }
        _ = try bounded.send("PUT", "/openscoring/model/tree", Self.xml, Fixtures.tree())
        let row = #"{"arguments": {"x": 1}}"#
        #expect(
            try bounded.post("/openscoring/model/tree/batch", #"{"requests": [\#(row),\#(row)]}"#).status
                == 200)
        let three = #"{"requests": [\#(row),\#(row),\#(row)]}"#
        #expect(try bounded.post("/openscoring/model/tree/batch", three).status == 413)
    }

    @Test("What the server counts stands in the metrics")
    func counts() throws {
        var counted = ServerStatistics()
        (counted.acceptPauses, counted.requests) = (3, 5)
        let api = ModelAPI(
            configuration: APIConfiguration(), service: server.service, metrics: Metrics(),
            logger: Logger(label: "test")
        ) { [counted] in counted }
        let text = Mutex("")
        let exchange = Exchange(head: try RequestHead(.get, "/metrics", headers: [:])) { response in
            guard case .bytes(let bytes) = response.body else { return }
            text.withLock { $0 = String(decoding: bytes, as: UTF8.self) }
        }
        api.scrape(api.call(exchange, nil, nil))
        let lines = text.withLock { $0 }.split(separator: "\n")
        #expect(lines.contains("augur_accept_pauses_total 3"))
        #expect(lines.contains("augur_http_requests_total 5"))
    }

    @Test("An answer of lists above its bound is refused, alone and in a batch")
    func boundedLists() throws {
        let row = #"{"arguments": {"basket": "x", "item": ["tea"]}}"#
        for (bytesMax, status) in [(1_000, 200), (30, 413)] {
            let bounded = try TestServer { $0.answerBytesMax = bytesMax }
            _ = try bounded.send("PUT", "/openscoring/model/rules", Self.xml, Fixtures.rules)
            #expect(try bounded.post("/openscoring/model/rules", row).status == status)
            let batch = #"{"requests": [\#(row)]}"#
            #expect(try bounded.post("/openscoring/model/rules/batch", batch).status == status)
        }
    }

    @Test("Rows of one group are merged and lose their ids; distinct ones keep them")
    func groups() throws {
        _ = try server.send("PUT", "/openscoring/model/rules", Self.xml, Fixtures.rules)
        func row(_ id: String, _ basket: String, _ item: String) -> String {
            #"{"id": "\#(id)", "arguments": {"basket": "\#(basket)", "item": \#(item)}}"#
        }
        let path = "/openscoring/model/rules/batch"
        let rows = [row("1", "x", #""tea""#), row("2", "x", #""milk""#), row("3", "y", #""milk""#)]
        let merged = try server.post(path, #"{"requests": [\#(rows.joined(separator: ","))]}"#)
        let responses = Array(try #require(try JSONText.parse(merged.body)["responses"]).elements)
        #expect(responses.count == 2 && responses.allSatisfy { $0["id"] == nil })
        let distinct = try server.post(path, #"{"requests": [\#(row("1", "x", #"["tea"]"#))]}"#)
        #expect(distinct.text.contains(#""id" : "1""#) && distinct.text.contains("milk"))
        let table = try server.send(
            "POST", "/openscoring/model/rules/csv", ["Content-Type": "text/csv"],
            Array("id,basket,item\n1,x,tea\n2,x,sugar\n".utf8))
        #expect(table.text == "id,advice\n,[[milk]]\n", "\(table.text)")
    }

    @Test("A table keeps its dialect and its ids; one bad row refuses it, with its line")
    func tables() throws {
        func csv(_ text: String, _ query: String = "", type: String = "text/csv") throws -> Loopback.Answer {
            let headers = ["Content-Type": type]
            return try server.send("POST", "/openscoring/model/tree/csv" + query, headers, Array(text.utf8))
        }
        #expect(try csv("ID;x\n1;5\n2;\n").text == "ID;size;node\n1;small;a\n2;small;a\n")
        #expect(try csv("x\n5\n", "?delimiterChar=,").text == "size,node\nsmall,a\n")
        #expect(try csv("id,x\n", "?delimiterChar=,").text == "id\n")
        #expect(try csv("id,x\n1,5\n2,500\n").text.contains("line 3"))
        #expect(try csv("id,x\n1,5\n2,5,6\n").status == 400)
        #expect(try csv("x,x\n1,5\n").text.contains("duplicate nameMapping 'x' at index 1"))
        #expect(try csv("id,x\n1,5\n", type: "text/csv; charset=ebcdic").status == 415)
        let many = "id,x\n" + (0..<3000).map { "\($0),\($0 % 100)\n" }.joined()
        #expect(try csv(many).text.split(separator: "\n").count == 3001)
    }

    @Test("The file comes back as it was deployed")
    func download() throws {
        for path in ["pmml", "file", "versions/1/file"] {
            let answer = try server.send("GET", "/openscoring/model/tree/" + path)
            #expect(
                answer.body == Fixtures.tree()
                    && answer.headers["content-type"] == "application/xml;charset=UTF-8")
        }
    }

    @Test("A dry run says what a deployment would, and changes nothing")
    func dryRun() throws {
        let answer = try server.send("PUT", "/openscoring/model/dry?dryRun=true", Self.xml, Fixtures.tree())
        #expect(answer.status == 200 && answer.text.contains("Tree model"))
        #expect(try server.send("GET", "/openscoring/model/dry").status == 404)
        #expect(try server.send("PUT", "/openscoring/model/dry?dryRun=true", Self.xml, [60]).status == 400)
    }

    @Test("A dry run lists every fault of a document by itself")
    func faults() throws {
        let text = String(decoding: Fixtures.tree(), as: UTF8.self)
            .replacing("dataType=\"double\"", with: "dataType=\"doubled\"")
            .replacing("operator=\"lessOrEqual\"", with: "operator=\"less\"")
        let refused = try server.send(
            "PUT", "/openscoring/model/dry?dryRun=true", Self.xml, Array(text.utf8))
        #expect(refused.status == 400)
        let document = try JSONDocument.parse(refused.body)
        let faults = try #require(document.root["faults"])
        #expect(faults.elements.map { $0["line"]?.asInt64 } == [4, 17])
        #expect(faults.elements.map { $0["element"]?.asString } == ["DataField", "SimplePredicate"])
        #expect(faults.elements.allSatisfy { $0["severity"]?.asString == "error" })
        #expect(
            faults.elements.first { _ in true }?["message"]?.asString
                == "attribute dataType is \"doubled\"; a PMML data type was expected")
        // Clients of a real deployment know no key but `message`.
        let real = try server.send("PUT", "/openscoring/model/dry", Self.xml, Array(text.utf8))
        #expect(real.status == 400)
        #expect(try JSONDocument.parse(real.body).root.count == 1)
        #expect(real.text.contains("line 17, <SimplePredicate>: attribute operator"))
    }

    @Test("A form deploys the model that it carries")
    func form() throws {
        func form(_ part: String, _ content: [UInt8]) -> [UInt8] {
            Array("--b\r\nContent-Disposition: form-data; name=\"\(part)\"\r\n\r\n".utf8) + content
                + Array("\r\n--b--\r\n".utf8)
        }
        let type = ["Content-Type": "multipart/form-data; boundary=b"]
        let path = "/openscoring/model/form"
        #expect(try server.send("PUT", path, type, form("pmml", Fixtures.tree())).status == 201)
        #expect(
            try server.send("POST", path + "?_method=put", type, form("model", Fixtures.sum)).status == 200)
        #expect(try server.send("PUT", path, type, form("other", [1])).status == 400)
        #expect(try server.send("PUT", path, type, Array("no form".utf8)).status == 400)
        #expect(try server.send("GET", path).text.contains("Neural network"))
    }

    @Test("A user token shuts out whoever lacks it, an admin token guards the models")
    func roles() throws {
        let guarded = try TestServer { $0.roles = Roles(adminToken: "boss", userToken: "clerk") }
        func status(_ method: String, _ path: String, _ token: String?, _ body: [UInt8] = []) throws -> Int {
            var headers = Self.xml
            if let token { headers["Authorization"] = "Bearer \(token)" }
            return try guarded.send(method, path, headers, body).status
        }
        #expect(try status("PUT", "/openscoring/model/tree", nil, Fixtures.tree()) == 403)
        #expect(try status("PUT", "/openscoring/model/tree", "clerk", Fixtures.tree()) == 403)
        #expect(try status("PUT", "/openscoring/model/tree", "boss", Fixtures.tree()) == 201)
        #expect(try status("GET", "/openscoring/model/tree", "clerk") == 200)
        #expect(try status("GET", "/openscoring/model/tree/file", "clerk") == 403)
        #expect(try status("GET", "/openscoring/model", nil) == 403)
        #expect(try status("GET", "/metrics", nil) == 403)
        #expect(try status("GET", "/health/live", nil) == 200)
        let refused = try guarded.send("DELETE", "/openscoring/model/tree")
        #expect(refused.text == "{\n  \"message\" : \"User not authorized.\"\n}")
    }
}
