import JSON

/// `{"id": ..., "arguments": {...}}`, one row of features (contract: EvaluationRequest).
struct EvaluationRequest: Sendable {
    /// Echoed as text; absent and null are not.
    let id: String?
    /// An object; `nil` when absent or null.
    let arguments: JSONElement?

    /// - Throws: `badRequest` for another type, an unknown key, or an id that is no scalar.
    init(_ element: JSONElement) throws(APIError) {
        guard element.kind == .object else {
            throw .badRequest("An evaluation request must be an object, found \(element.kind.rawValue)")
        }
        var id: JSONElement?
        var arguments: JSONElement?
        for (name, value) in element.members {
            if name == "arguments" {
                arguments = value
            } else if name == "id" {
                id = value
            } else {
                throw .badRequest(
                    "Unrecognized field \"\(name.string.prefix(80))\", known: \"id\", \"arguments\"")
            }
        }
        self.id = try Self.identifier(id)
        guard let arguments, !arguments.isNull else {
            self.arguments = nil
            return
        }
        guard arguments.kind == .object else {
            throw .badRequest("\"arguments\" must be an object, found \(arguments.kind.rawValue)")
        }
        self.arguments = arguments
    }

    /// A string, or any other scalar as its text.
    static func identifier(_ element: JSONElement?) throws(APIError) -> String? {
        guard let element else { return nil }
        switch element.kind {
        case .null: return nil
        case .string: return element.asString
        case .number: return element.asInt64.map { "\($0)" } ?? element.asDouble.map { "\($0)" }
        case .boolean: return element.asBoolean.map { "\($0)" }
        case .array, .object: throw .badRequest("\"id\" must be a string, found \(element.kind.rawValue)")
        }
    }
}

/// `{"id": ..., "requests": [...]}` (contract: Batch).
struct BatchRequest: Sendable {
    let id: String?
    let requests: JSONElement

    /// - Throws: `badRequest` for another type, an unknown key or missing requests; `tooLarge` for too many.
    init(_ element: JSONElement, requestsMax: Int) throws(APIError) {
        guard element.kind == .object else {
            throw .badRequest("A batch request must be an object, found \(element.kind.rawValue)")
        }
        var id: JSONElement?
        var requests: JSONElement?
        for (name, value) in element.members {
            if name == "requests" {
                requests = value
            } else if name == "id" {
                id = value
            } else {
                throw .badRequest(
                    "Unrecognized field \"\(name.string.prefix(80))\", known: \"id\", \"requests\"")
            }
        }
        guard let requests, requests.kind == .array else {
            throw .badRequest("\"requests\" must be an array")
        }
        guard requests.count <= requestsMax else {
            throw .tooLarge("More than \(requestsMax) requests in one batch")
        }
        self.id = try EvaluationRequest.identifier(id)
        self.requests = requests
    }
}
