import HTTPServer
import JSON
import Serving

// Images on the scoring endpoint: as the body, as the form's part `image`, or in base64 as `arguments.image`.

extension ModelAPI {
    /// The body is a JPEG or PNG file; it is decoded on the thread that runs the network.
    func evaluateImage(_ bytes: [UInt8], _ scoring: ScoringCall) {
        do throws(APIError) {
            let servable = try scoring.imageNetwork
            submit([.image(bytes)], to: servable, Asked(scoring: scoring))
        } catch {
            scoring.fail(error)
        }
    }

    /// The body is a form whose part `image` is a JPEG or PNG file (`curl -F image=@cat.jpg`).
    func evaluateForm(_ scoring: ScoringCall) throws(APIError) {
        let servable = try scoring.imageNetwork
        let parts = try FormParts(scoring.call, wanted: ["image", "id"])
        guard let image = parts["image"] else { throw .badRequest("The form has no part called image") }
        let id = parts["id"].flatMap { String(validating: $0, as: UTF8.self) }
        submit([.image(image)], to: servable, Asked(scoring: scoring, id: id))
    }
}

extension ScoringCall {
    /// The network, if it takes images.
    ///
    /// - Throws: `unsupportedMediaType` for any other model.
    var imageNetwork: NetworkServable {
        get throws(APIError) {
            switch version.kind {
            case .evaluator: throw .unsupportedMediaType
            case .network(let servable):
                guard servable.recipe != nil else { throw .unsupportedMediaType }
                return servable
            }
        }
    }
}

/// The parts of a form in memory that an endpoint looks at.
struct FormParts {
    private let contents: [String: [UInt8]]

    /// Reads the body; parts that are not wanted are passed over, of equal names the last counts.
    ///
    /// - Throws: `badRequest` for a malformed form.
    init(_ call: Call, wanted: Set<String>) throws(APIError) {
        guard let type = call.mediaType else { throw .unsupportedMediaType }
        var parser = try MultipartParser(type)
        var current: String?
        var contents: [String: [UInt8]] = [:]
        try parser.consume(call.bytes) { event throws(APIError) in
            switch event {
            case .part(let part):
                current = wanted.contains(part.name) ? part.name : nil
                if let current { contents[current] = [] }
            case .content(let bytes, _):
                if let current { contents[current, default: []].append(contentsOf: bytes) }
            case .end: current = nil
            }
        }
        try parser.finish()
        self.contents = contents
    }

    /// Content of the part of that name.
    subscript(name: String) -> [UInt8]? { contents[name] }
}

extension NetworkServable {
    /// The row that the arguments describe: the image in base64, or every input by its name.
    ///
    /// - Throws: `badRequest` when an input is missing or does not fit.
    func input(_ arguments: JSONElement) throws(APIError) -> NetworkInput {
        if recipe != nil, let image = arguments["image"] {
            guard let text = image.asText else {
                throw .badRequest("\"image\" must be a string in base64, found \(image.kind.rawValue)")
            }
            guard let bytes = Base64.decode(text.withUTF8 { Array($0) }) else {
                throw .badRequest("\"image\" is not valid base64")
            }
            return .image(bytes)
        }
        return .tensors(try network.tensors(arguments, takesImages: recipe != nil))
    }
}
