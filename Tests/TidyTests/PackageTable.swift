/// The `table` of `Package.swift`: each target, and what it may import.
struct PackageTable {
    struct Entry: Hashable {
        let target: String
        /// Other targets of this package.
        let imports: [String]
        /// Products of other packages.
        let products: [String]
    }

    /// Lowest first.
    let entries: [Entry]

    /// Reads the rows of the array called `table`, each `("Name", [imports], [products])`.
    init(manifest: String) {
        let lines = manifest.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("let table:") }),
            let end = lines[start...].firstIndex(of: "]")
        else {
            entries = []
            return
        }
        let body = lines[(start + 1)..<end].joined(separator: " ")
        entries = Self.rows(in: body).compactMap(Self.entry)
    }

    /// The text of each outermost pair of parentheses.
    private static func rows(in body: String) -> [String] {
        var rows: [String] = []
        var depth = 0
        var row = ""
        for character in body {
            if character == ")" { depth -= 1 }
            if depth > 0 { row.append(character) }
            if character == "(" { depth += 1 }
            if depth == 0, !row.isEmpty {
                rows.append(row)
                row = ""
            }
        }
        return rows
    }

    /// `"Name", ["A"], [.product(name: "B", package: "b")]`: strings before, in and after the first brackets.
    private static func entry(_ row: String) -> Entry? {
        let parts = row.split(separator: "[", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let target = quoted(parts[0]).first else { return nil }
        let products = parts[2].split(separator: ".product").map { quoted($0).first }
        return Entry(target: target, imports: quoted(parts[1]), products: products.compactMap(\.self))
    }

    private static func quoted(_ text: Substring) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// Targets that name one that does not stand above them, as findings in the manifest.
    func findings() -> [Finding] {
        var above: Set<String> = []
        var findings: [Finding] = []
        for entry in entries {
            for name in entry.imports where !above.contains(name) && !Self.isC(name) {
                findings.append(
                    Finding(
                        path: "Package.swift", line: 1,
                        message: "\(entry.target) imports \(name), not above it"))
            }
            above.insert(entry.target)
        }
        return findings
    }

    /// C targets and system libraries are named `C` and a capital.
    private static func isC(_ name: String) -> Bool {
        name.first == "C" && name.dropFirst().first?.isUppercase == true
    }
}
