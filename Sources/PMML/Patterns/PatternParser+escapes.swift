/// Escapes.
extension PatternParser {
    /// What follows a backslash outside brackets.
    mutating func escaped() throws(PatternFault) -> PatternPart {
        guard let character = next else { throw .wrong }
        let start = place
        place += 1
        switch Unicode.Scalar(character) {
        case "b":
            guard next != 0x7B else { throw .unsupported("\\b{g}") }
            return .edge(.wordEdge)
        case "B": return .edge(.wordInside)
        case "A": return .edge(.start)
        case "z": return .edge(.end)
        case "Z": return .edge(.lastEnd)
        case "G", "X", "N": throw .unsupported("\\G, \\N and \\X")
        case "k", "1", "2", "3", "4", "5", "6", "7", "8", "9": throw .unsupported("a back-reference")
        case "R":
            return .choice([
                .sequence([.characters(CharacterTest(.one(13))), .characters(CharacterTest(.one(10)))]),
                .characters(CharacterTest(.vertical)),
            ])
        case "Q":
            let quoted = quotation().map { PatternPart.characters(CharacterTest(single($0))) }
            guard let last = quoted.last else { return .sequence([]) }
            // A repetition is one of the last character.
            let end = try repeated(last)
            return .sequence(quoted.dropLast() + [end])
        case "E": throw .wrong
        default:
            place = start
            let rule = try escape()
            return .characters(CharacterTest(rule))
        }
    }

    /// The characters up to `\E`, or to the end.
    mutating func quotation() -> [UInt32] {
        var quoted: [UInt32] = []
        while place < text.count, !take("\\E") {
            quoted.append(text[place])
            place += 1
        }
        return quoted
    }

    /// What follows a backslash: a class or one character.
    mutating func escape() throws(PatternFault) -> CharacterTest.Rule {
        guard let character = next, let scalar = Unicode.Scalar(character) else { throw .wrong }
        place += 1
        switch scalar {
        case "d": return .digits
        case "D": return .not(.digits)
        case "w": return .word
        case "W": return .not(.word)
        case "s": return .space
        case "S": return .not(.space)
        case "h": return .horizontal
        case "H": return .not(.horizontal)
        case "v": return .vertical
        case "V": return .not(.vertical)
        case "p": return try property()
        case "P": return .not(try property())
        case "t": return .one(9)
        case "n": return .one(10)
        case "r": return .one(13)
        case "f": return .one(12)
        case "a": return .one(7)
        case "e": return .one(27)
        case "0": return single(try octal())
        case "x", "u": return single(try hexadecimal(isLong: scalar == "u"))
        case "c":
            guard let control = next else { throw .wrong }
            place += 1
            return .one(control ^ 64)
        default:
            guard !(65...90).contains(character), !(97...122).contains(character),
                !(48...57).contains(character)
            else { throw .wrong }
            return single(character)
        }
    }

    private mutating func property() throws(PatternFault) -> CharacterTest.Rule {
        var name = ""
        if take("{") {
            while let character = next.flatMap(Unicode.Scalar.init), character != "}" {
                name.unicodeScalars.append(character)
                place += 1
            }
            guard take("}") else { throw .wrong }
        } else if let character = next.flatMap(Unicode.Scalar.init) {
            name.unicodeScalars.append(character)
            place += 1
        }
        guard let rule = CharacterTest.Rule.named(flags.foldsCase ? inBothCases(name) : name) else {
            throw .unsupported("the property \(name.prefix(40))")
        }
        return rule
    }

    /// The property that has the letters of a property in both cases.
    private func inBothCases(_ name: String) -> String {
        switch name {
        case "Lower", "Upper": "Alpha"
        case "Lu", "Ll", "Lt", "IsLu", "IsLl", "IsLt", "IsUppercase", "IsLowercase": "LC"
        default: name
        }
    }

    /// Up to three octal digits, of which the first of three is at most 3.
    private mutating func octal() throws(PatternFault) -> UInt32 {
        var value: UInt32 = 0
        var count = 0
        while let digit = next, (48...55).contains(digit), count < 3, value * 8 + digit - 48 <= 0xFF {
            value = value * 8 + digit - 48
            place += 1
            count += 1
        }
        guard count > 0 else { throw .wrong }
        return value
    }

    private mutating func hexadecimal(isLong: Bool) throws(PatternFault) -> UInt32 {
        if !isLong, take("{") {
            var value: UInt32 = 0
            while let digit = next.flatMap(hexDigit) {
                value = value << 4 | digit
                guard value <= 0x10FFFF else { throw .wrong }
                place += 1
            }
            guard take("}") else { throw .wrong }
            return value
        }
        var value: UInt32 = 0
        for _ in 0..<(isLong ? 4 : 2) {
            guard let digit = next.flatMap(hexDigit) else { throw .wrong }
            value = value << 4 | digit
            place += 1
        }
        return value
    }

    private func hexDigit(_ character: UInt32) -> UInt32? {
        switch character {
        case 48...57: character - 48
        case 65...70: character - 55
        case 97...102: character - 87
        default: nil
        }
    }
}
