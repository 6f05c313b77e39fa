import Glibc
import Serving

/// A form with a model: `pmml`, or `model` and an optional `config` (a model.yaml).
///
/// The model's part is copied to a file of its own, in constant memory.
struct ModelForm {
    private static let configurationBytesMax = 1 << 20

    private var format: ArtifactFormat?
    private var path: String?
    private var configuration: [UInt8]?

    /// - Throws: `badRequest` for a malformed form or one without a model, `storage` when the disk refuses.
    init(_ call: Call, directory: String) throws(APIError) {
        guard let type = call.mediaType else { throw .unsupportedMediaType }
        var parser = try MultipartParser(type)
        var sink = Sink(
            path: call.temporaryPath(in: directory, "form"))
        do throws(APIError) {
            try call.forEachPiece { chunk throws(APIError) in
                try parser.consume(chunk) { event throws(APIError) in try sink.take(event) }
            }
            try parser.finish()
            try sink.finish()
        } catch {
            sink.discard()
            throw error
        }
        format = sink.format
        path = sink.path
        configuration = sink.configuration
    }

    /// What to deploy as `id`.
    func deployment(_ id: String) -> Deployment {
        var deployment = Deployment(model: id, artifact: path.map { .file(path: $0) } ?? .bytes([]))
        deployment.format = format
        deployment.configuration = configuration
        return deployment
    }

    /// Sorts the parts: the model to a file, its configuration to memory, everything else away.
    private struct Sink {
        private enum Target { case none, model, configuration }

        let path: String
        private(set) var format: ArtifactFormat?
        private(set) var configuration: [UInt8]?
        private var descriptor: Int32 = -1
        private var target = Target.none
        private var hasModel = false

        init(path: String) { self.path = path }

        mutating func take(_ event: MultipartParser.Event) throws(APIError) {
            switch event {
            case .part(let part): try begin(part.name)
            case .content(let bytes):
                switch target {
                case .none: break
                case .model: try write(bytes)
                case .configuration: try keep(bytes)
                }
            case .end: target = .none
            }
        }

        private mutating func begin(_ name: String) throws(APIError) {
            switch name {
            case "pmml", "model":
                guard !hasModel else { throw .badRequest("The form has more than one model") }
                descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
                guard descriptor >= 0 else { throw .storage("The model cannot be written: error \(errno)") }
                format = name == "pmml" ? .pmml : nil
                hasModel = true
                target = .model
            case "config":
                configuration = []
                target = .configuration
            default: target = .none
            }
        }

        private mutating func keep(_ bytes: ArraySlice<UInt8>) throws(APIError) {
            guard (configuration?.count ?? 0) + bytes.count <= ModelForm.configurationBytesMax else {
                throw .tooLarge("The part config exceeds \(ModelForm.configurationBytesMax) bytes")
            }
            configuration?.append(contentsOf: bytes)
        }

        private func write(_ bytes: ArraySlice<UInt8>) throws(APIError) {
            guard FileBytes.write(descriptor, bytes) else {
                throw .storage("The model cannot be written: error \(errno)")
            }
        }

        mutating func finish() throws(APIError) {
            guard hasModel else { throw .badRequest("The form has no part called pmml or model") }
            let code = close(descriptor)
            descriptor = -1
            guard code == 0 else { throw .storage("The model cannot be written: error \(errno)") }
        }

        mutating func discard() {
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
            if hasModel { unlink(path) }
        }
    }
}
