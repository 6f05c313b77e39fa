import ArgumentParser
import JSON

/// `augur predict`
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score features, an image, a table or a request from a file.",
        discussion: """
              augur predict iris Petal_Length=1.4 Petal_Width=0.2
              augur predict cifar10 --image cat.jpg --top 3
              augur predict iris --csv rows.csv
              augur predict iris --json request.json
            """)

    @Argument(help: "Name of the model.")
    var name: String
    @Argument(help: "Features as name=value; a value that is JSON is sent as such, any other as text.")
    var features: [String] = []
    @Option(help: "A JPEG or PNG file.")
    var image: String?
    @Option(help: "A table; `-` reads standard input.")
    var csv: String?
    @Option(help: "A JSON request, as the body of POST; `-` reads standard input.")
    var json: String?
    @Option(help: "How many classes to list.")
    var top: Int?
    @Option(help: "A version other than the one served.")
    var version: Int?
    @OptionGroup var server: ServerOptions

    func validate() throws {
        let sources = [image != nil, csv != nil, json != nil, !features.isEmpty].filter { $0 }.count
        guard sources <= 1 else {
            throw ValidationError("Give features, --image, --csv or --json, only one of them")
        }
    }

    func run() throws {
        var path = "/openscoring/model/\(percentEncoded(name))"
        if let version { path += "/versions/\(version)" }
        var request = ClientRequest(method: "POST", path: path)
        if let image {
            let bytes = contents(image)
            let isPNG = bytes.starts(with: [0x89, 0x50, 0x4E, 0x47])
            request.headers = [("Content-Type", isPNG ? "image/png" : "image/jpeg")]
            request.body = .bytes(bytes)
        } else if let csv {
            request.path += "/csv"
            request.headers = [("Content-Type", "text/csv")]
            request.body = .bytes(contents(csv))
        } else {
            request.headers = [("Content-Type", "application/json")]
            request.body = .bytes(try json.map(contents) ?? arguments())
        }
        if let top { request.path += "?top=\(top)" }
        try server.run(request)
    }

    private func contents(_ path: String) -> [UInt8] {
        guard let bytes = readFile(path) else { fail("\(path) cannot be read") }
        return bytes
    }

    /// `{"arguments": {...}}` of the features.
    private func arguments() throws -> [UInt8] {
        var members: [String] = []
        for feature in features {
            let halves = feature.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else { throw ValidationError("\(feature) is not name=value") }
            let value = String(halves[1])
            let isJSON = (try? JSONDocument.parse(Array(value.utf8))) != nil
            members.append("\(quoted(String(halves[0]))): \(isJSON ? value : quoted(value))")
        }
        return Array("{\"arguments\": {\(members.joined(separator: ", "))}}".utf8)
    }

    private func quoted(_ text: String) -> String {
        var writer = JSONWriter(.compact)
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
