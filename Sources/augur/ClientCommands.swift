import ArgumentParser
import JSON

extension ServerOptions {
    /// Sends the request and prints the answer; an error's message goes to standard error, with status 1.
    func run(_ request: ClientRequest) throws {
        let response: ClientResponse
        do throws(ClientError) {
            response = try send(request)
        } catch {
            fail(error.description)
        }
        guard response.status < 400 else { fail("\(response.status): \(response.message)") }
        print(response.text, terminator: response.text.hasSuffix("\n") ? "" : "\n")
    }
}

extension ClientResponse {
    /// The `message` of an error document, else the whole body.
    fileprivate var message: String {
        (try? JSONDocument.parse(body))?.root["message"]?.asString ?? text
    }
}

/// A name as a path segment or query value.
func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(Unicode.Scalar(byte))
        default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }.joined()
}

private func modelPath(_ name: String) -> String { "/openscoring/model/\(percentEncoded(name))" }

/// `augur deploy`
struct Deploy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Deploy a PMML or ONNX file as the next version of a model.",
        discussion:
            "Answers once the new version is durable, warm and served; a refused model changes nothing.")

    @Argument(help: "Name of the model.")
    var name: String
    @Argument(help: "The .pmml or .onnx file.")
    var file: String
    @Option(
        help: "A model.yaml with labels, image recipe and batching; without, the previous version's counts.")
    var config: String?
    @Option(help: "Which model of a PMML document with several, by its modelName.")
    var modelName: String?
    @Flag(help: "Validate and warm up, but do not store or serve.")
    var dryRun = false
    @OptionGroup var server: ServerOptions

    func run() throws {
        var query: [String] = []
        if let modelName { query.append("modelName=\(percentEncoded(modelName))") }
        if dryRun { query.append("dryRun=true") }
        let suffix = query.isEmpty ? "" : "?" + query.joined(separator: "&")
        var request = ClientRequest(method: "PUT", path: modelPath(name) + suffix)
        guard let config else {
            request.body = .file(path: file)
            return try server.run(request)
        }
        guard let yaml = readFile(config, bytesMax: 1 << 20) else { fail("\(config) cannot be read") }
        let boundary = "augur-\(randomToken())"
        request.headers = [("Content-Type", "multipart/form-data; boundary=\(boundary)")]
        func head(_ part: String) -> String {
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part)\"; filename=\"\(part)\"\r\n\r\n"
        }
        let before = Array(head("config").utf8) + yaml + Array(("\r\n" + head("model")).utf8)
        request.body = .file(path: file, before: before, after: Array("\r\n--\(boundary)--\r\n".utf8))
        try server.run(request)
    }
}

/// `augur undeploy`
struct Undeploy: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove a model and all its versions.")

    @Argument(help: "Name of the model.")
    var name: String
    @OptionGroup var server: ServerOptions

    func run() throws { try server.run(ClientRequest(method: "DELETE", path: modelPath(name))) }
}

/// `augur models`
struct Models: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the models, or describe one with its versions.")

    @Argument(help: "Name of a model; without, all are listed.")
    var name: String?
    @OptionGroup var server: ServerOptions

    func run() throws {
        guard let name else {
            return try server.run(ClientRequest(method: "GET", path: "/openscoring/model"))
        }
        try server.run(ClientRequest(method: "GET", path: modelPath(name)))
        try server.run(ClientRequest(method: "GET", path: modelPath(name) + "/versions"))
    }
}

/// `augur rollback`
struct Rollback: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the previous version of a model again.")

    @Argument(help: "Name of the model.")
    var name: String
    @Option(help: "A version to serve instead of the previous one.")
    var version: Int?
    @OptionGroup var server: ServerOptions

    func run() throws {
        let suffix = version.map { "?version=\($0)" } ?? ""
        try server.run(ClientRequest(method: "POST", path: modelPath(name) + "/rollback" + suffix))
    }
}
