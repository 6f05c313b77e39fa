import Testing

/// Each rule against literal snippets: one that it passes, and one for each thing that it refuses.
@Suite struct RuleTests {
    static let manifest = """
        let table: [(name: String, imports: [String], products: [Target.Dependency])] = [
            ("Shapes", [], []),
            ("Store", ["CDisk"], [.product(name: "Logging", package: "swift-log")]),
            (
                "Server",
                ["Shapes", "Store"],
                []
            ),
        ]
        """

    static func source(_ path: String, _ text: String) -> SourceFile { SourceFile(path: path, text: text) }

    @Test func theTableIsReadRowByRow() {
        let table = PackageTable(manifest: Self.manifest)
        #expect(
            table.entries == [
                .init(target: "Shapes", imports: [], products: []),
                .init(target: "Store", imports: ["CDisk"], products: ["Logging"]),
                .init(target: "Server", imports: ["Shapes", "Store"], products: []),
            ])
        #expect(table.findings().isEmpty)
    }

    @Test func aTargetMayNotImportOneBelowIt() {
        let table = PackageTable(
            manifest: "let table: [()] = [\n(\"Low\", [\"High\"], []),\n(\"High\", [], []),\n]\n")
        #expect(table.findings().map(\.message) == ["Low imports High, not above it"])
    }

    @Test(arguments: [
        ("import Shapes", true), ("import Glibc", true), ("import struct Shapes.Circle", true),
        ("package import Store", true), ("import Foundation", false),
        ("import struct Foundation.Date", false),
        ("@preconcurrency import CDisk", false), ("private import Logging", false),
        ("// import Foundation", true),
        ("let text = \"import Foundation\"", true),
    ])
    func importsFollowTheTable(line: String, isAllowed: Bool) {
        let rule = ImportRule(
            table: PackageTable(manifest: Self.manifest), foundationTargets: ["Store"], executables: ["tool"])
        let findings = rule.findings(in: Self.source("Sources/Server/Server+start.swift", line))
        #expect(findings.isEmpty == isAllowed)
    }

    @Test func executablesMayImportEveryTarget() {
        let table = PackageTable(manifest: Self.manifest)
        let rule = ImportRule(table: table, foundationTargets: [], executables: ["tool"])
        #expect(rule.findings(in: Self.source("Sources/tool/main.swift", "import Server")).isEmpty)
        #expect(!rule.findings(in: Self.source("Sources/tool/main.swift", "import Elsewhere")).isEmpty)
    }

    @Test func foundationIsForNamedTargetsOnly() {
        let rule = ImportRule(
            table: PackageTable(manifest: Self.manifest), foundationTargets: ["Store"], executables: ["tool"])
        #expect(rule.findings(in: Self.source("Sources/Store/Disk.swift", "import Foundation")).isEmpty)
        #expect(!rule.findings(in: Self.source("Sources/Shapes/Disk.swift", "import Foundation")).isEmpty)
    }

    @Test func pointersStayInTheirHomes() {
        let rule = UnsafeRule(homes: ["Sources/Store/Disk.swift", "Sources/Shapes/"])
        let text = "let base: UnsafeRawPointer"
        #expect(rule.findings(in: Self.source("Sources/Store/Disk.swift", text)).isEmpty)
        #expect(rule.findings(in: Self.source("Sources/Shapes/Any.swift", text)).isEmpty)
        #expect(!rule.findings(in: Self.source("Sources/Store/Journal.swift", text)).isEmpty)
        #expect(rule.findings(in: Self.source("Sources/Store/Journal.swift", "// \(text)")).isEmpty)
    }

    @Test(arguments: [
        ("// SAFETY: the buffer outlives the call.\nbytes.withUnsafeBytes { read($0) }", true),
        ("/// Reads.\n// SAFETY: read-only.\nfunc f() {\n    bytes.withUnsafeBytes { read($0) }\n}", true),
        ("bytes.withUnsafeBytes {\n    // SAFETY: read-only.\n    read($0)\n}", true),
        ("bytes.withUnsafeBytes { read($0) }", false),
        (
            "// SAFETY: of another function.\nfunc a() {}\n\nfunc b() {\n    withUnsafeBytes(x) {}\n}",
            false
        ),
        ("func take(_ pointer: UnsafeRawPointer)", true),
    ])
    func unsafeOperationsAreJustified(text: String, isAllowed: Bool) {
        let findings = UnsafeRule(homes: ["Sources/Store/"]).findings(
            in: Self.source("Sources/Store/A.swift", text))
        #expect(findings.isEmpty == isAllowed)
    }

    @Test func filesFunctionsAndLinesHaveCeilings() {
        let rule = CeilingRule(fileLinesMax: 6, functionLinesMax: 3, columnsMax: 20)
        let short = "func a() {\n    b()\n}\n"
        #expect(rule.findings(in: Self.source("Sources/Store/A.swift", short)).isEmpty)
        let long = "func a() {\n    b()\n    c()\n}\n"
        #expect(rule.findings(in: Self.source("Sources/Store/A.swift", long)).map(\.line) == [1])
        let tall = String(repeating: "\n", count: 7)
        #expect(rule.findings(in: Self.source("training/a.py", tall)).count == 1)
        let wide = "let wide = 12345678901"
        #expect(rule.findings(in: Self.source("Sources/Store/A.swift", wide)).map(\.line) == [1])
    }

    @Test func aLongLiteralMayPassTheColumns() {
        let rule = CeilingRule(fileLinesMax: 6, functionLinesMax: 3, columnsMax: 20)
        let literal = "let a = \"a literal of many words\""
        #expect(rule.findings(in: Self.source("Sources/Store/A.swift", literal)).isEmpty)
        #expect(!rule.findings(in: Self.source("Sources/Store/A.swift", "// \(literal)")).isEmpty)
    }

    @Test func aBraceInALiteralEndsNoFunction() {
        let rule = CeilingRule(fileLinesMax: 99, functionLinesMax: 3, columnsMax: 99)
        let text = "func a() {\n    b(\"}\")\n    c()\n    d()\n}\n"
        #expect(rule.findings(in: Self.source("Sources/Store/A.swift", text)).count == 1)
    }

    @Test(arguments: [
        ("struct Ledger {}", true), ("final class StoreManager {}", false), ("enum ModelInfo {}", false),
        ("struct BaseStore {}", false), ("struct Base64 {}", true), ("struct Baseline {}", true),
        ("enum Store {}", false), ("// struct StoreManager", true), ("class func helper() {}", true),
    ])
    func namesSayWhatAThingIs(text: String, isAllowed: Bool) {
        #expect(NameRule().findings(in: Self.source("Sources/Store/A.swift", text)).isEmpty == isAllowed)
    }

    @Test func fileNamesAreHeldToTheSameWords() {
        #expect(!NameRule().findings(in: Self.source("Sources/Store/StringUtils.swift", "")).isEmpty)
        #expect(!NameRule().findings(in: Self.source("Tests/StoreTests/Helpers.swift", "")).isEmpty)
        #expect(NameRule().findings(in: Self.source("Sources/Store/Journal+replay.swift", "")).isEmpty)
    }

    @Test(arguments: [
        ("/// A.\npackage struct A {}", true), ("package struct A {}", false),
        ("/// A.\n@frozen\npackage struct A {}", true), ("// A.\npackage let a = 1", false),
        ("package final class A {}", false), ("package static func == (l: A, r: A) -> Bool { true }", true),
        ("struct A {}", true), ("package private(set) var a = 1", false),
        ("let package = 1", true), ("/// A.\n\npackage func a() {}", false),
        ("/// A size.\npackage struct A {\n    package let width: Int\n    package let height: Int\n}", true),
        (
            "/// A size.\npackage struct A {\n    package let width: Int\n\n    package let height: Int\n}",
            false
        ),
        ("extension A: B {\n    package var c: Int { 1 }\n}", true),
        ("extension A {\n    package var c: Int { 1 }\n}", false),
        ("package init(a: Int) {\n    self.a = a\n}", true),
        ("package init(a: Int) {\n    self.a = a + 1\n}", false),
    ])
    func packageDeclarationsAreDocumented(text: String, isAllowed: Bool) {
        #expect(
            DocumentationRule().findings(in: Self.source("Sources/Store/A.swift", text)).isEmpty == isAllowed)
    }

    @Test(arguments: [
        ("let a = try! b()", false), ("let a = b as! C", false), ("fatalError(\"no\")", false),
        ("let a = \"as!\"", true), ("// nothing left to do", true),
    ])
    func trapsAreRefusedInSources(text: String, isAllowed: Bool) {
        #expect(PhraseRule().findings(in: Self.source("Sources/Store/A.swift", text)).isEmpty == isAllowed)
        #expect(PhraseRule().findings(in: Self.source("Tests/StoreTests/A.swift", text)).isEmpty)
    }

    @Test func postponedWorkIsRefusedEverywhere() {
        let text = "# TO" + "DO: later"
        #expect(!PhraseRule().findings(in: Self.source("training/a.py", text)).isEmpty)
        #expect(!PhraseRule().findings(in: Self.source("Tests/StoreTests/A.swift", text)).isEmpty)
    }

    @Test(arguments: [
        ("a // b", "a     "), ("a /* b /* c */ d */ e", "a                   e"), ("f(\"x(\")", "f(    )"),
        ("f(\"\\(g(\"y\"))z\") + h", "f(            ) + h"), ("#\"a\\(b)\"# c", "          c"),
        ("\"\"\"\n{ \"\n\"\"\" }", "   \n   \n    }"),
    ])
    func commentsAndLiteralsAreBlanked(text: String, code: String) {
        #expect(Blanking.code(of: text) == code)
    }
}
