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

    /// The route of a still-encoded path: nothing is percent-decoded, so `%49ris` is no model's id. One
    /// trailing slash is accepted. `nil` when there is no such path.
    package init?(path: String) {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.count <= 4096 else { return nil }
        var parts = path.split(separator: "/", maxSplits: 8, omittingEmptySubsequences: false).dropFirst()
        if parts.count > 1, parts.last == "" { parts.removeLast() }
        guard let first = parts.first else { return nil }
        let rest = Array(parts.dropFirst())
        switch first {
        case "openscoring":
            guard let route = Self.openscoring(rest, endsInSlash: path.utf8.last == UInt8(ascii: "/")) else {
                return nil
            }
            self = route
        case "health", "v2":
            let tail = first == "v2" && rest.first == "health" ? Array(rest.dropFirst()) : rest
            guard first == "health" || tail.count < rest.count, tail.count == 1 else { return nil }
            switch tail[0] {
            case "live": self = .live
            case "ready": self = .ready
            default: return nil
            }
        case "metrics" where rest.isEmpty: self = .metrics
        case "openapi.yaml" where rest.isEmpty: self = .openAPI
        default: return nil
        }
    }

    private static func openscoring(_ rest: [Substring], endsInSlash: Bool) -> Route? {
        guard let first = rest.first else { return endsInSlash ? nil : .contextRoot }
        if first == "application.wadl", rest.count == 1 { return .description }
        guard first == "model" else { return nil }
        guard rest.count > 1 else { return .models }
        guard isModelID(rest[1]) else { return nil }
        let id = String(rest[1])
        var tail = rest.dropFirst(2)
        if tail.first == "versions" {
            tail.removeFirst()
            guard let number = tail.popFirst() else { return .versions(id) }
            guard let version = versionNumber(number) else { return nil }
            return action(tail, of: ModelReference(id: id, version: version))
        }
        if tail.first == "rollback" { return tail.count == 1 ? .rollback(id) : nil }
        return action(tail, of: ModelReference(id: id))
    }

    private static func action(_ tail: ArraySlice<Substring>, of reference: ModelReference) -> Route? {
        guard let name = tail.first else { return .model(reference) }
        guard tail.count == 1 else { return nil }
        switch name {
        case "pmml": return .document(reference)
        case "file": return .file(reference)
        case "batch": return .batch(reference)
        case "csv": return .table(reference)
        default: return nil
        }
    }

    /// `[a-zA-Z0-9][a-zA-Z0-9\-._]*`, at most 200 bytes so that it can name a folder.
    package static func isModelID(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 200, isAlphanumeric(first) else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func versionNumber(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), number > 0 else {
            return nil
        }
        return number
    }
}
