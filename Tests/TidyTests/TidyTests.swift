import Testing

/// The house rules, held against the package itself.
@Suite struct TidyTests {
    @Test func everyFileKeepsTheHouseRules() throws {
        let table = PackageTable(manifest: try Tree.manifest())
        let rules = Rules(
            imports: ImportRule(
                table: table, foundationTargets: Homes.foundation, executables: Homes.executables),
            unsafe: UnsafeRule(homes: Homes.unsafe))
        let files = try Tree.files()
        #expect(files.count > 30, "the tree was not found")
        let findings = rules.findings(in: files)
        for finding in findings { Issue.record("\(finding)") }
    }

    @Test func targetsImportOnlyTargetsAboveThem() throws {
        let table = PackageTable(manifest: try Tree.manifest())
        #expect(table.entries.count > 10)
        #expect(table.findings().isEmpty)
    }

    @Test func everyHomeOfUnsafeCodeExistsAndNeedsToBeOne() throws {
        let files = try Tree.files()
        let strict = UnsafeRule(homes: [])
        let users = files.filter { !strict.findings(in: $0).isEmpty }.map(\.path)
        for home in Homes.unsafe {
            let isUsed = users.contains { home.hasSuffix("/") ? $0.hasPrefix(home) : $0 == home }
            #expect(isUsed, "\(home) holds no pointer: take it off the list")
        }
    }
}
