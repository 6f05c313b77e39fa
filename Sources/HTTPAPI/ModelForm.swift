import HTTPServer
import Serving

/// A form with a model: `pmml`, or `model` and an optional `config` (a model.yaml).
///
/// The model's part is copied to a file of its own, in constant memory; it is removed with the form, unless a
/// deployment has taken it away.
struct ModelForm {
    private static let configurationBytesMax = 1 << 20

    private enum Target { case none, model, configuration }

    private let file: SpooledFile
    private var format: ArtifactFormat?
    private var configuration: [UInt8]?
    private var target = Target.none
    private var hasModel = false

    /// - Throws: `badRequest` for a malformed form or one without a model, `storage` when the disk refuses.
    init(_ call: Call, directory: String) throws(APIError) {
        guard let type = call.mediaType else { throw .unsupportedMediaType }
        file = call.exchange.makeFile(in: directory, of: .whole)
        var parser = try MultipartParser(type)
        try call.forEachPiece { chunk throws(APIError) in
            try parser.consume(chunk) { event throws(APIError) in try take(event) }
        }
        try parser.finish()
        guard hasModel else { throw .badRequest("The form has no part called pmml or model") }
    }

    /// What to deploy as `id`.
    func deployment(_ id: String) -> Deployment {
        var deployment = Deployment(model: id, artifact: .file(path: file.path))
        deployment.format = format
        deployment.configuration = configuration
        return deployment
    }

    /// Sorts the parts: the model to its file, its configuration to memory, everything else away.
    private mutating func take(_ event: MultipartParser.Event) throws(APIError) {
        switch event {
        case .part(let part): try begin(part.name)
        case .content(let bytes, _):
            switch target {
            case .none: break
            case .model: try file.add(Array(bytes))
            case .configuration: try keep(bytes)
            }
        case .end: target = .none
        }
    }

    private mutating func begin(_ name: String) throws(APIError) {
        switch name {
        case "pmml", "model":
            guard !hasModel else { throw .badRequest("The form has more than one model") }
            format = name == "pmml" ? .pmml : nil
            hasModel = true
            target = .model
            // An empty part is a file too.
            try file.add([])
        case "config":
            configuration = []
            target = .configuration
        default: target = .none
        }
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) throws(APIError) {
        guard (configuration?.count ?? 0) + bytes.count <= Self.configurationBytesMax else {
            throw .tooLarge("The part config exceeds \(Self.configurationBytesMax) bytes")
        }
        configuration?.append(contentsOf: bytes)
    }
}
