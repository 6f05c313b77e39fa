/// Characters that one place of a pattern accepts.
struct CharacterRanges: Sendable, Hashable {
    private(set) var ranges: [ClosedRange<UInt32>] = []
    var isNegated = false

    init(_ ranges: [ClosedRange<UInt32>] = []) { self.ranges = ranges }

    /// The last character there is.
    private static let last: UInt32 = 0x10FFFF

    /// Every character but a line feed.
    static let line = CharacterRanges([0...9, 11...last])
    /// Every character.
    static let all = CharacterRanges([0...last])

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

    mutating func insert(_ other: CharacterRanges) { ranges += other.settled.ranges }

    /// The same characters as ranges in ascending order with gaps between them, not negated.
    var settled: CharacterRanges {
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let before = merged.last, range.lowerBound <= before.upperBound + 1 {
                let upper = max(before.upperBound, range.upperBound)
                merged[merged.count - 1] = before.lowerBound...upper
            } else {
                merged.append(range)
            }
        }
        guard isNegated else { return CharacterRanges(merged) }
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in merged {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= Self.last { gaps.append(next...Self.last) }
        return CharacterRanges(gaps)
    }

    /// Whether `character` is one of a settled set's.
    func contains(_ character: UInt32) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < character { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= character
    }

    /// Elementary operations of `contains`.
    var work: Int { 1 + Int.bitWidth - ranges.count.leadingZeroBitCount }

    /// The same, before negation, with every case of each letter, as Unicode's simple case folding has them.
    var foldingCase: CharacterRanges {
        let plain = CharacterRanges(ranges).settled
        var folded = self
        let count = plain.ranges.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) + 1 }
        if count <= 64 {
            for code in plain.ranges.joined() { folded.insert(casesOf: code) }
        } else {
            for code in caseVariants.keys where plain.contains(code) { folded.insert(casesOf: code) }
        }
        return folded
    }

    private mutating func insert(casesOf code: UInt32) {
        for variant in caseVariants[code] ?? [] { insert(variant...variant) }
    }

    /// A class by its letter (`\d`, `\W`) or its name (`[:alpha:]`), ASCII as RE2 has them.
    static func named(_ name: String) -> CharacterRanges? {
        let digits: ClosedRange<UInt32> = 48...57
        let (upper, lower): (ClosedRange<UInt32>, ClosedRange<UInt32>) = (65...90, 97...122)
        var set: CharacterRanges
        switch name {
        case "d", "D", "digit": set = .init([digits])
        case "w", "W", "word": set = .init([digits, upper, lower, 95...95])
        case "s", "S": set = .init([9...10, 12...13, 32...32])
        case "space": set = .init([9...13, 32...32])
        case "alpha": set = .init([upper, lower])
        case "alnum": set = .init([digits, upper, lower])
        case "upper": set = .init([upper])
        case "lower": set = .init([lower])
        case "punct": set = .init([33...47, 58...64, 91...96, 123...126])
        case "blank": set = .init([9...9, 32...32])
        case "xdigit": set = .init([digits, 65...70, 97...102])
        default: return nil
        }
        set.isNegated = ["D", "W", "S"].contains(name)
        return set
    }
}

/// The other characters that are the same letter in another case, by character (Unicode's simple case
/// folding: `k`, `K` and the sign of the Kelvin are one letter).
private let caseVariants: [UInt32: [UInt32]] = {
    var classes: [UInt32: [UInt32]] = [:]
    // No letter past this plane has a case.
    for code in UInt32(0)...0x1FFFF {
        // Turkish dotted and dotless i fold with nothing by the simple rule.
        guard let scalar = Unicode.Scalar(code), code != 0x130, code != 0x131 else { continue }
        let upper = scalar.inCase(scalar.properties.uppercaseMapping)
        let lower = upper.inCase(upper.properties.lowercaseMapping)
        classes[lower.value, default: []].append(code)
    }
    var variants: [UInt32: [UInt32]] = [:]
    for members in classes.values where members.count > 1 {
        for code in members { variants[code] = members.filter { $0 != code } }
    }
    return variants
}()

extension Unicode.Scalar {
    /// The one character of `mapping`; this one where there are several.
    fileprivate func inCase(_ mapping: String) -> Unicode.Scalar {
        let scalars = mapping.unicodeScalars
        return scalars.count == 1 ? scalars.first ?? self : self
    }
}
