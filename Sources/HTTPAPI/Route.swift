/// A model in a path, and the version that the path names, if any.
package struct ModelReference: Sendable, Equatable {
    package let id: String
    package let version: Int?

    package init(id: String, version: Int? = nil) {
        self.id = id
        self.version = version
    }
}

/// A path that exists, whatever the method.
package enum Route: Sendable, Equatable {
    /// `/openscoring`
    case contextRoot
    /// `/openscoring/application.wadl`
    case description
    /// `/openscoring/model`
    case models
    /// `/openscoring/model/ID` and `/openscoring/model/ID/versions/N`
    case model(ModelReference)
    /// `.../pmml`
    case document(ModelReference)
    /// `.../file`
    case file(ModelReference)
    /// `.../batch`
    case batch(ModelReference)
    /// `.../csv`
    case table(ModelReference)
    /// `/openscoring/model/ID/versions`
    case versions(String)
    /// `/openscoring/model/ID/rollback`
    case rollback(String)
    /// `/health/live` and `/v2/health/live`
    case live
    /// `/health/ready` and `/v2/health/ready`
    case ready
    /// `/metrics`
    case metrics
    /// `/openapi.yaml`
    case openAPI

    /// The route of a still-encoded path; `nil` when there is no such path.
    ///
    /// Nothing is percent-decoded, so `%49ris` is no model's id. One trailing slash is accepted.
    package init?(path: String) { self.init(bytes: Array(path.utf8)[...]) }

    /// As `init(path:)`, from the path's bytes.
    package init?(bytes: ArraySlice<UInt8>) {
        guard bytes.first == UInt8(ascii: "/"), bytes.count <= 4096 else { return nil }
        let endsInSlash = bytes.last == UInt8(ascii: "/")
        var segments = PathSegments(rest: bytes.dropFirst())
        guard let first = segments.next() else { return nil }
        if first.elementsEqual("openscoring".utf8) {
            guard let route = Self.openscoring(&segments, endsInSlash: endsInSlash) else { return nil }
            self = route
        } else if first.elementsEqual("health".utf8) {
            guard let route = Self.health(&segments) else { return nil }
            self = route
        } else if first.elementsEqual("v2".utf8) {
            guard segments.next()?.elementsEqual("health".utf8) == true, let route = Self.health(&segments)
            else {
                return nil
            }
            self = route
        } else if first.elementsEqual("metrics".utf8), segments.isAtEnd {
            self = .metrics
        } else if first.elementsEqual("openapi.yaml".utf8), segments.isAtEnd {
            self = .openAPI
        } else {
            return nil
        }
    }

    private static func health(_ segments: inout PathSegments) -> Route? {
        guard let name = segments.next(), segments.isAtEnd else { return nil }
        if name.elementsEqual("live".utf8) { return .live }
        return name.elementsEqual("ready".utf8) ? .ready : nil
    }

    private static func openscoring(_ segments: inout PathSegments, endsInSlash: Bool) -> Route? {
        guard let first = segments.next() else { return endsInSlash ? nil : .contextRoot }
        if first.elementsEqual("application.wadl".utf8) { return segments.isAtEnd ? .description : nil }
        guard first.elementsEqual("model".utf8) else { return nil }
        guard let name = segments.next() else { return .models }
        guard isModelID(name) else { return nil }
        let id = String(decoding: name, as: UTF8.self)
        guard let action = segments.next() else { return .model(ModelReference(id: id)) }
        if action.elementsEqual("versions".utf8) {
            guard let number = segments.next() else { return .versions(id) }
            guard let version = versionNumber(number) else { return nil }
            let model = ModelReference(id: id, version: version)
            guard let action = segments.next() else { return .model(model) }
            return segments.isAtEnd ? route(action, of: model) : nil
        }
        guard segments.isAtEnd else { return nil }
        if action.elementsEqual("rollback".utf8) { return .rollback(id) }
        return route(action, of: ModelReference(id: id))
    }

    private static func route(_ action: ArraySlice<UInt8>, of model: ModelReference) -> Route? {
        if action.elementsEqual("batch".utf8) { return .batch(model) }
        if action.elementsEqual("csv".utf8) { return .table(model) }
        if action.elementsEqual("pmml".utf8) { return .document(model) }
        return action.elementsEqual("file".utf8) ? .file(model) : nil
    }

    /// `[a-zA-Z0-9][a-zA-Z0-9\-._]*`, at most 200 bytes so that it can name a folder.
    package static func isModelID(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, text.count <= 200, isAlphanumeric(first) else { return false }
        return text.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func versionNumber(_ text: ArraySlice<UInt8>) -> Int? {
        guard text.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(String(decoding: text, as: UTF8.self)), number > 0
        else { return nil }
        return number
    }
}

/// The parts of a path between its slashes, one after the other; an empty one counts, but for the last.
private struct PathSegments {
    var rest: ArraySlice<UInt8>

    var isAtEnd: Bool { rest.isEmpty }

    mutating func next() -> ArraySlice<UInt8>? {
        guard !rest.isEmpty else { return nil }
        let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        defer { rest = rest[end...].dropFirst() }
        return rest[..<end]
    }
}
