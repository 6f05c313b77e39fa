import Glibc

/// Opens a model's external data files, each once, and only inside the model's own folder.
final class ExternalFiles {
    private let folder: String
    private let bytesMax: Int
    private var opened: [String: ModelBytes] = [:]

    /// For the model at `path`.
    init(besideModel path: String, bytesMax: Int) {
        let end = path.lastIndex(of: "/")
        folder = end.map { String(path[..<$0]) + "/" } ?? "./"
        self.bytesMax = bytesMax
    }

    /// The file at the relative path `location`.
    /// - Throws: `ONNXError.invalid` when the path, or where its links lead, is outside the model's folder.
    func open(_ location: String) throws(ONNXError) -> ModelBytes {
        if let bytes = opened[location] { return bytes }
        guard opened.count < 4096 else { throw .tooLarge(what: "the number of external files", limit: 4096) }
        let parts = location.split(separator: "/", omittingEmptySubsequences: false)
        guard !location.isEmpty, !location.hasPrefix("/"), !location.utf8.contains(0), !parts.contains("..")
        else {
            throw .invalid(
                node: "external data", reason: "'\(location)' is not a path inside the model's folder")
        }
        guard let home = Self.resolved(folder), let target = Self.resolved(folder + location) else {
            throw .file(path: folder + location, reason: String(cString: strerror(errno)))
        }
        guard target.hasPrefix(home == "/" ? "/" : home + "/") else {
            throw .invalid(node: "external data", reason: "'\(location)' leads outside the model's folder")
        }
        let bytes = try ModelBytes(mapping: target, bytesMax: bytesMax)
        opened[location] = bytes
        return bytes
    }

    private static func resolved(_ path: String) -> String? {
        // SAFETY: realpath returns null or a malloc'ed, terminated string, which is freed here.
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
