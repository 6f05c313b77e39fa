import Testing

@testable import Registry

@Suite struct DecisionTests {
    @Test func `A version moves only along legal moves, whatever is asked`() {
        for from in VersionState.allCases {
            for to in VersionState.allCases {
                let life = VersionLife(from)
                let moved = life.move(to: to)
                #expect(moved == from.next.contains(to))
                #expect(life.state == (moved ? to : from))
            }
        }
    }

    @Test func `Only a warmed and stored version can come to serve`() {
        for state in VersionState.allCases where state.next.contains(.serving) {
            #expect([.stored, .kept].contains(state))
        }
        #expect(VersionState.failed.next.isEmpty && VersionState.freed.next.isEmpty)
    }

    static let names = ["a", "Iris-2.0_b", "0", "a..b", String(repeating: "a", count: 200)]
    static let otherTexts = [
        "", ".", "..", ".hidden", "-a", "_a", "a/b", "a b", "ä", "a\0", "a%2e",
        String(repeating: "a", count: 201),
    ]

    @Test(arguments: names)
    func `A name is taken`(_ text: String) {
        #expect(ModelName(text)?.text == text)
    }

    @Test(arguments: otherTexts)
    func `What is not safe as a folder's name is refused`(_ text: String) {
        #expect(ModelName(text) == nil)
    }

    struct RetentionCase: Sendable {
        /// Numbers, and what each replaced.
        let versions: [Int: Int]
        let current: Int
        let retainedMax: Int
        let kept: Set<Int>

        init(_ versions: [Int: Int], _ current: Int, _ retainedMax: Int, _ kept: Set<Int>) {
            self.versions = versions
            self.current = current
            self.retainedMax = retainedMax
            self.kept = kept
        }
    }

    static let retention: [RetentionCase] = [
        RetentionCase([1: 0], 1, 2, [1]),
        RetentionCase([1: 0, 2: 1], 2, 2, [1, 2]),
        RetentionCase([1: 0, 2: 1, 3: 2], 3, 2, [2, 3]),
        RetentionCase([1: 0, 2: 1, 3: 2], 3, 1, [3]),
        RetentionCase([1: 0, 2: 1, 3: 2], 3, 3, [1, 2, 3]),
        // After a rollback from 2 to 1 both stay, and 3 on top of 1 keeps 1 to go back to.
        RetentionCase([1: 0, 2: 1], 1, 2, [1, 2]),
        RetentionCase([1: 0, 2: 1, 3: 1], 3, 2, [1, 2, 3]),
        RetentionCase([1: 0, 2: 1, 3: 1, 4: 3], 4, 2, [3, 4]),
    ]

    @Test(arguments: retention)
    func `What is served, what it replaced and the newest are kept`(_ example: RetentionCase) {
        let versions = example.versions.sorted { $0.key < $1.key }.map { number, replaced in
            var version = VersionRecord(number: number, source: .data, file: "f", bytes: 1, sha256: "")
            version.predecessor = replaced == 0 ? nil : replaced
            return version
        }
        let record = ModelRecord(next: 9, current: example.current, versions: versions)
        #expect(Retention.kept(of: record, retainedMax: example.retainedMax) == example.kept)
    }

    @Test func `A deleted model keeps nothing`() {
        #expect(Retention.kept(of: ModelRecord(next: 5), retainedMax: 2).isEmpty)
    }

    @Test func `A record reads back from its text`() {
        var version = VersionRecord(
            number: 3, source: .data, file: "model.pmml", bytes: 812,
            sha256: String(repeating: "a", count: 64))
        version.created = 1_700_000_000_123
        version.predecessor = 2
        version.configurationSHA256 = "bb"
        version.modelName = "with space\nand = sign ü"
        let bundled = VersionRecord(number: 2, source: .bundled, file: "model.onnx", bytes: 1, sha256: "cc")
        for record in [
            ModelRecord(), ModelRecord(next: 4),
            ModelRecord(next: 4, current: 3, versions: [bundled, version]),
        ] {
            #expect(ModelRecord(text: record.text) == record)
        }
    }

    @Test func `Any changed or missing byte of a record is noticed`() {
        let version = VersionRecord(number: 1, source: .data, file: "model.pmml", bytes: 8, sha256: "aa")
        let text = ModelRecord(next: 2, current: 1, versions: [version]).text
        for index in text.indices {
            var changed = text
            changed[index] ^= 1
            #expect(ModelRecord(text: changed) == nil, "byte \(index)")
            #expect(
                index == text.count - 1 || ModelRecord(text: Array(text[..<index])) == nil, "cut at \(index)")
        }
    }

    @Test func `A record whose served version is not listed is refused`() {
        #expect(ModelRecord(text: ModelRecord(next: 2, current: 1).text) == nil)
    }

    @Test func `SHA-256 is the standard's`() {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Checksum.of(Array("abc".utf8)) == digest)
    }
}
