/// Classes in brackets.
extension PatternParser {
    /// The rest of a class: its members, `&&` between sets that must all accept.
    mutating func bracket() throws(PatternFault) -> CharacterTest.Rule {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw .tooLarge }
        let isNegated = take("^")
        var sides: [CharacterTest.Rule] = []
        var members: [CharacterTest.Rule] = []
        var isFirst = true
        while true {
            guard let character = next else { throw .wrong }
            if character == 0x5D, !isFirst {
                place += 1
                break
            }
            isFirst = false
            if take("&&") {
                if !members.isEmpty { sides.append(.any(members)) }
                members = []
                continue
            }
            members.append(try member())
        }
        if !members.isEmpty { sides.append(.any(members)) }
        guard !sides.isEmpty else { throw .wrong }
        let rule = sides.count == 1 ? sides[0] : .all(sides)
        return isNegated ? .not(rule) : rule
    }

    /// A character, a range, a class or a set within a set.
    private mutating func member() throws(PatternFault) -> CharacterTest.Rule {
        if take("[") { return try bracket() }
        if take("\\Q") { return .any(quotation().map(single)) }
        let (first, rule) = try boundary()
        guard let first, next == 0x2D, place + 1 < text.count, text[place + 1] != 0x5D,
            text[place + 1] != 0x5B
        else { return rule }
        place += 1
        guard let last = try boundary().character, last >= first else { throw .wrong }
        let range = CharacterTest.Rule.ranges([first...last])
        return flags.foldsCase ? .folded(range, isUnicode: flags.isUnicode) : range
    }

    /// One character, or a class of them, which is no end of a range.
    private mutating func boundary() throws(PatternFault) -> (character: UInt32?, rule: CharacterTest.Rule) {
        guard let character = next else { throw .wrong }
        place += 1
        guard character == 0x5C else { return (character, single(character)) }
        let rule = try escape()
        return (rule.only, rule)
    }
}
