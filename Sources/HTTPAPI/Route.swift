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
    package init?(path: String) {
        let bytes = Array(path.utf8)
        self.init(bytes: bytes.span)
    }

    /// As `init(path:)`, from the path's bytes.
    package init?(bytes: Span<UInt8>) {
        guard !bytes.isEmpty, bytes[0] == UInt8(ascii: "/"), bytes.count <= 4096 else { return nil }
        var segments = PathSegments()
        guard let first = segments.next(bytes), let route = Self.route(first, &segments, bytes) else {
            return nil
        }
        self = route
    }

    private static func route(_ first: Range<Int>, _ segments: inout PathSegments, _ path: Span<UInt8>)
        -> Route?
    {
        if path.spells("openscoring", at: first) { return openscoring(&segments, path) }
        if path.spells("health", at: first) { return health(&segments, path) }
        if path.spells("v2", at: first) {
            guard let second = segments.next(path), path.spells("health", at: second) else { return nil }
            return health(&segments, path)
        }
        guard segments.isAtEnd(path) else { return nil }
        if path.spells("metrics", at: first) { return .metrics }
        return path.spells("openapi.yaml", at: first) ? .openAPI : nil
    }

    private static func health(_ segments: inout PathSegments, _ path: Span<UInt8>) -> Route? {
        guard let name = segments.next(path), segments.isAtEnd(path) else { return nil }
        if path.spells("live", at: name) { return .live }
        return path.spells("ready", at: name) ? .ready : nil
    }

    private static func openscoring(_ segments: inout PathSegments, _ path: Span<UInt8>) -> Route? {
        let endsInSlash = path[path.count - 1] == UInt8(ascii: "/")
        guard let first = segments.next(path) else { return endsInSlash ? nil : .contextRoot }
        if path.spells("application.wadl", at: first) { return segments.isAtEnd(path) ? .description : nil }
        guard path.spells("model", at: first) else { return nil }
        guard let name = segments.next(path) else { return .models }
        guard isModelID(path.extracting(name)) else { return nil }
        let id = path.text(at: name)
        guard let action = segments.next(path) else { return .model(ModelReference(id: id)) }
        if path.spells("versions", at: action) { return versions(of: id, &segments, path) }
        guard segments.isAtEnd(path) else { return nil }
        if path.spells("rollback", at: action) { return .rollback(id) }
        return route(action, of: ModelReference(id: id), path)
    }

    private static func versions(of id: String, _ segments: inout PathSegments, _ path: Span<UInt8>)
        -> Route?
    {
        guard let number = segments.next(path) else { return .versions(id) }
        guard let version = versionNumber(path.text(at: number)) else { return nil }
        let model = ModelReference(id: id, version: version)
        guard let action = segments.next(path) else { return .model(model) }
        return segments.isAtEnd(path) ? route(action, of: model, path) : nil
    }

    private static func route(_ action: Range<Int>, of model: ModelReference, _ path: Span<UInt8>) -> Route? {
        if path.spells("batch", at: action) { return .batch(model) }
        if path.spells("csv", at: action) { return .table(model) }
        if path.spells("pmml", at: action) { return .document(model) }
        return path.spells("file", at: action) ? .file(model) : nil
    }

    /// `[a-zA-Z0-9][a-zA-Z0-9\-._]*`, at most 200 bytes so that it can name a folder.
    private static func isModelID(_ text: Span<UInt8>) -> Bool {
        guard !text.isEmpty, text.count <= 200, isAlphanumeric(text[0]) else { return false }
        for index in text.indices {
            let byte = text[index]
            guard isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F else { return false }
        }
        return true
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func versionNumber(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), number > 0
        else { return nil }
        return number
    }
}

/// The parts of a path between its slashes, one after the other; an empty one counts, but for the last.
private struct PathSegments {
    /// Behind the first slash.
    private var position = 1

    func isAtEnd(_ path: Span<UInt8>) -> Bool { position >= path.count }

    mutating func next(_ path: Span<UInt8>) -> Range<Int>? {
        guard !isAtEnd(path) else { return nil }
        let start = position
        while position < path.count, path[position] != UInt8(ascii: "/") { position += 1 }
        defer { position += 1 }
        return start..<position
    }
}

extension Span<UInt8> {
    fileprivate func spells(_ text: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { wanted in
            for offset in 0..<wanted.count where self[range.lowerBound + offset] != wanted[offset] {
                return false
            }
            return true
        }
    }

    fileprivate func text(at range: Range<Int>) -> String {
        guard let text = try? UTF8Span(validating: extracting(range)) else { return "" }
        return String(copying: text)
    }
}
