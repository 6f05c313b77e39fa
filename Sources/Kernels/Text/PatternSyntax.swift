/// A part of a regular expression.
indirect enum PatternPart: Sendable {
    /// A condition on a place between characters.
    enum Edge: Sendable { case start, end, lineStart, lineEnd, wordEdge, wordInside }

    case characters(CharacterRanges)
    case edge(Edge)
    case sequence([PatternPart])
    case choice([PatternPart])
    /// At least `least` times, at most `most` (nil: without a bound).
    case repeated(PatternPart, least: Int, most: Int?)
}

/// Reads RE2's syntax but for Unicode classes and what no automaton can do (back-references, look-around).
struct PatternParser {
    private let text: [Unicode.Scalar]
    private var place = 0
    private var depth = 0
    private var (foldsCase, dotTakesAll, isMultiline) = (false, false, false)

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    /// The whole expression.
    /// - Throws: `KernelError.invalid`, or `.unsupported` for syntax that is left out.
    mutating func pattern() throws(KernelError) -> PatternPart {
        let part = try choice()
        guard place == text.count else { throw fault("an unopened )") }
        return part
    }

    private func fault(_ what: String) -> KernelError {
        .invalid("pattern '\(String(String.UnicodeScalarView(text.prefix(80))))' has \(what)")
    }

    private var next: Unicode.Scalar? { place < text.count ? text[place] : nil }

    private mutating func take(_ wanted: String) -> Bool {
        let scalars = Array(wanted.unicodeScalars)
        guard text[place...].starts(with: scalars) else { return false }
        place += scalars.count
        return true
    }

    private mutating func choice() throws(KernelError) -> PatternPart {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 64 else { throw fault("groups too deep") }
        var branches: [PatternPart] = []
        repeat { branches.append(try sequence()) } while take("|")
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(KernelError) -> PatternPart {
        var parts: [PatternPart] = []
        while let character = next, character != "|", character != ")" {
            guard var part = try atom() else { continue }
            if let (least, most) = try count() {
                part = .repeated(part, least: least, most: most)
                // Lazy or not is the same where the longest match is wanted.
                _ = take("?")
                // As RE2 has it; each would nest the part once more.
                guard try count() == nil else { throw fault("a repetition of a repetition") }
            }
            parts.append(part)
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    /// A repetition behind an atom.
    private mutating func count() throws(KernelError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = place
        guard take("{") else { return nil }
        var least = 0
        var most: Int?
        if let stated = number() {
            (least, most) = (stated, stated)
            if take(",") { most = number() }
        }
        // A brace that opens no repetition is a character.
        guard place > start + 1, take("}") else {
            place = start
            return nil
        }
        guard least <= 1000, most ?? 1000 <= 1000, most ?? least >= least else {
            throw fault("a repetition out of range")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let digit = next, ("0"..."9").contains(digit) {
            value = min((value ?? 0) * 10 + Int(digit.value - 48), 10_000)
            place += 1
        }
        return value
    }

    private func characters(_ set: CharacterRanges) -> PatternPart {
        .characters(foldsCase ? set.foldingCase : set)
    }

    /// One character, class, group or edge; nil for flags, which match nothing themselves.
    private mutating func atom() throws(KernelError) -> PatternPart? {
        guard let character = next else { return nil }
        place += 1
        switch character {
        case "(": return try group()
        case "[": return characters(try bracket())
        case ".": return .characters(dotTakesAll ? .all : .line)
        case "^": return .edge(isMultiline ? .lineStart : .start)
        case "$": return .edge(isMultiline ? .lineEnd : .end)
        case "*", "+", "?": throw fault("a repetition of nothing")
        case "{":
            place -= 1
            guard try count() == nil else { throw fault("a repetition of nothing") }
            place += 1
            return characters(CharacterRanges([character.value...character.value]))
        case "\\":
            if take("b") { return .edge(.wordEdge) }
            if take("B") { return .edge(.wordInside) }
            if take("A") { return .edge(.start) }
            if take("z") { return .edge(.end) }
            return characters(try escape())
        default: return characters(CharacterRanges([character.value...character.value]))
        }
    }

    private mutating func group() throws(KernelError) -> PatternPart? {
        let flags = (foldsCase, dotTakesAll, isMultiline)
        if take("?P<") || take("?<") {
            while let character = next, character != ">" {
                guard character.properties.isAlphabetic || character == "_" || ("0"..."9").contains(character)
                else { throw KernelError.unsupported("look-around in a pattern") }
                place += 1
            }
            guard take(">") else { throw fault("an unclosed group") }
        } else if take("?") {
            var isOn = true
            while let character = next, character != ":", character != ")" {
                place += 1
                switch character {
                case "-": isOn = false
                case "i": foldsCase = isOn
                case "s": dotTakesAll = isOn
                case "m": isMultiline = isOn
                default: throw .unsupported("(?\(character) in a pattern")
                }
            }
            if take(")") { return nil }
            guard take(":") else { throw fault("an unclosed group") }
        }
        let part = try choice()
        guard take(")") else { throw fault("an unclosed group") }
        (foldsCase, dotTakesAll, isMultiline) = flags
        return part
    }

    /// What follows a backslash, a class or one character.
    private mutating func escape() throws(KernelError) -> CharacterRanges {
        guard let character = next else { throw fault("a backslash at its end") }
        place += 1
        if let set = CharacterRanges.named(String(character)), "dDwWsS".unicodeScalars.contains(character) {
            return set
        }
        let controls: [Unicode.Scalar: UInt32] = ["t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "a": 7]
        if let code = controls[character] { return CharacterRanges([code...code]) }
        if character == "x" {
            let isBraced = take("{")
            var (code, count): (UInt32, Int) = (0, 0)
            while let digit = next, let value = Character(digit).hexDigitValue, count < (isBraced ? 6 : 2) {
                (code, count) = (code * 16 + UInt32(value), count + 1)
                place += 1
            }
            guard count > 0, !isBraced || take("}") else { throw fault("a bad code") }
            return CharacterRanges([code...code])
        }
        guard !character.properties.isAlphabetic, !("0"..."9").contains(character) else {
            throw .unsupported("\\\(character) in a pattern")
        }
        return CharacterRanges([character.value...character.value])
    }

    /// A bracketed class.
    private mutating func bracket() throws(KernelError) -> CharacterRanges {
        var set = CharacterRanges()
        let isNegated = take("^")
        var isFirst = true
        while isFirst || next != "]" {
            isFirst = false
            guard let character = next else { throw fault("an unclosed [") }
            if take("[:") {
                let start = place
                while let letter = next, letter != ":", letter != "]" { place += 1 }
                let name = String(String.UnicodeScalarView(text[start..<place]))
                guard take(":]"), let named = CharacterRanges.named(name), name.count > 1 else {
                    throw fault("an unknown class '\(name)'")
                }
                set.insert(named)
                continue
            }
            place += 1
            let low = character == "\\" ? try escape() : CharacterRanges([character.value...character.value])
            guard let first = low.single, next == "-", place + 1 < text.count, text[place + 1] != "]" else {
                set.insert(low)
                continue
            }
            place += 1
            let end = text[place]
            place += 1
            let high = end == "\\" ? try escape().single : end.value
            guard let high, high >= first else { throw fault("a range that ends before it starts") }
            set.insert(first...high)
        }
        place += 1
        if foldsCase { set = set.foldingCase }
        set.isNegated = isNegated
        return set
    }
}

extension CharacterRanges {
    /// The one character of the set, where it has one.
    fileprivate var single: UInt32? {
        guard ranges.count == 1, !isNegated, ranges[0].lowerBound == ranges[0].upperBound else { return nil }
        return ranges[0].lowerBound
    }
}
