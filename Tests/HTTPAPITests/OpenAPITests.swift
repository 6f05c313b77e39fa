import HTTPAPI
import JSON
import Testing
import Yams

/// Sends every example of `openapi.yaml` to a running server and compares the answer with the one described.
@Suite struct OpenAPITests {
    private static let root = Fixtures.root

    private struct Example {
        let operation: String
        let method: String
        let target: String
        let contentType: String?
        let body: [UInt8]
        let status: String
        let expected: Node
        let comparesShapeOnly: Bool
    }

    @Test("The document that is served is the file")
    func served() throws {
        let answer = try TestServer().send("GET", "/openapi.yaml")
        let file = try #require(FileBytes.contents(of: Self.root + "/openapi.yaml", bytesMax: 1 << 20))
        #expect(answer.status == 200 && answer.body == file)
    }

    @Test("Every example is answered as described")
    func replay() throws {
        let server = try TestServer(bundled: Self.root + "/models")
        let served = try server.send("GET", "/openscoring/model").text
        let examples = try examples()
        #expect(examples.count > 15)
        for example in examples {
            // Networks that this machine cannot serve yet are named, not passed over in silence.
            if example.target.contains("cifar10"), !served.contains("cifar10") {
                print("skipped \(example.operation): cifar10 is not served")
                continue
            }
            let headers = example.contentType.map { ["Content-Type": $0] } ?? [:]
            let answer = try server.send(example.method, example.target, headers, example.body)
            #expect("\(answer.status)" == example.status, "\(example.operation): \(answer.text)")
            compare(answer, example)
        }
    }

    private func compare(_ answer: Loopback.Answer, _ example: Example) {
        guard answer.headers["content-type"] == "application/json" else {
            let line = answer.text.split(separator: "\n").first.map { String($0) }
            let expected = example.expected.string?.split(separator: "\n").first.map { String($0) }
            #expect(line == expected, "\(example.operation)")
            return
        }
        do {
            let document = try JSONDocument.parse(answer.body)
            let differences = differences(
                example.expected, document.root, at: "", shapeOnly: example.comparesShapeOnly)
            #expect(differences.isEmpty, "\(example.operation): \(differences)")
        } catch {
            Issue.record("\(example.operation): \(error)")
        }
    }

    /// Values that change from run to run are compared by type only.
    private static let volatile: Set<String> = [
        "created.timestamp", "accessed.timestamp", "file.size", "file.checksum", "augur.version",
    ]

    private func differences(_ expected: Node, _ found: JSONElement, at path: String, shapeOnly: Bool)
        -> [String]
    {
        if let mapping = expected.mapping {
            guard found.kind == .object else { return ["\(path): \(found.kind), an object is described"] }
            let names = Set(mapping.keys.compactMap(\.string))
            let given = Set(found.members.map(\.name.string))
            guard names == given else { return ["\(path): \(given) in place of \(names)"] }
            return mapping.flatMap { key, value -> [String] in
                let name = key.string ?? ""
                guard let member = found[name] else { return [] }
                if Self.volatile.contains(name) { return [] }
                return differences(value, member, at: "\(path)/\(name)", shapeOnly: shapeOnly)
            }
        }
        if let sequence = expected.sequence {
            let elements = Array(found.elements)
            guard found.kind == .array, shapeOnly || elements.count == sequence.count else {
                return ["\(path): an array of \(elements.count), of \(sequence.count) is described"]
            }
            return zip(sequence, elements).enumerated().flatMap { index, pair in
                differences(pair.0, pair.1, at: "\(path)/\(index)", shapeOnly: shapeOnly)
            }
        }
        return shapeOnly || scalarsAgree(expected, found) ? [] : ["\(path): not \(expected.string ?? "")"]
    }

    private func scalarsAgree(_ expected: Node, _ found: JSONElement) -> Bool {
        switch found.kind {
        case .string: expected.string == found.asString
        case .number: expected.float == found.asDouble
        case .boolean: expected.bool == found.asBoolean
        case .null: expected.null != nil
        case .array, .object: false
        }
    }

    // MARK: - Reading the document

    private func examples() throws -> [Example] {
        let text = try #require(FileBytes.contents(of: Self.root + "/openapi.yaml", bytesMax: 1 << 20))
        let document = try #require(try Yams.compose(yaml: String(decoding: text, as: UTF8.self)))
        let paths = try #require(document["paths"]?.mapping)
        var examples: [Example] = []
        for (path, operations) in paths {
            for (method, operation) in try #require(operations.mapping) {
                guard let method = method.string, ["get", "put", "post", "delete"].contains(method) else {
                    continue
                }
                examples += try self.examples(of: operation, method.uppercased(), try #require(path.string))
            }
        }
        return examples
    }

    private func examples(of operation: Node, _ method: String, _ path: String) throws -> [Example] {
        let sent = named(operation["requestBody"]?["content"])
        let target = path.replacing("{id}", with: "iris").replacing("{version}", with: "1")
        var examples: [Example] = []
        for (status, response) in try #require(operation["responses"]?.mapping) {
            for (name, _, expected) in named(response["content"]) {
                let request = sent.first { $0.name == name }
                if operation["requestBody"] != nil, request == nil { continue }
                let place = request?.example["x-target"]?.string ?? expected["x-target"]?.string ?? target
                examples.append(
                    Example(
                        operation: "\(method) \(path) \(name)", method: method, target: place,
                        contentType: request?.type, body: try body(request?.example),
                        status: status.string ?? "",
                        expected: try #require(expected["value"]),
                        comparesShapeOnly: expected["x-compare"]?.string == "shape"))
            }
        }
        return examples
    }

    private func named(_ content: Node?) -> [(name: String, type: String, example: Node)] {
        (content?.mapping ?? [:]).flatMap { type, media in
            (media["examples"]?.mapping ?? [:]).map { ($0.key.string ?? "", type.string ?? "", $0.value) }
        }
    }

    private func body(_ example: Node?) throws -> [UInt8] {
        guard let example else { return [] }
        if let file = example["externalValue"]?.string {
            return try #require(FileBytes.contents(of: "\(Self.root)/\(file)", bytesMax: 1 << 24))
        }
        let value = try #require(example["value"])
        if value.scalar != nil { return Array((value.string ?? "").utf8) }
        var writer = JSONWriter(.compact)
        write(value, to: &writer)
        return writer.bytes
    }

    private func write(_ node: Node, to writer: inout JSONWriter) {
        if let mapping = node.mapping {
            writer.beginObject()
            for (key, value) in mapping {
                writer.name(key.string ?? "")
                write(value, to: &writer)
            }
            writer.endObject()
        } else if let sequence = node.sequence {
            writer.beginArray()
            for value in sequence { write(value, to: &writer) }
            writer.endArray()
        } else if node.scalar?.style == .plain, let number = node.float {
            writer.double(number)
        } else {
            writer.string(node.string ?? "")
        }
    }
}
