/// Numbers through a format such as `%8.2f` or `%03d` (function `formatNumber`, `java.util.Formatter`).
enum NumberFormat {
    private struct Specifier {
        var flags: Set<Character> = []
        var width = 0
        var precision: Int?
        var conversion: Character = "s"
        /// Whether the specifier says `1$`.
        var hasIndex = false
    }

    private static let widthMax = 1024
    /// Characters of all numbers in one result: an index lets a short pattern say the number often.
    private static let charactersMax = 1 << 16

    /// `number` in place of the one specifier of `format`; other text stays.
    static func text(_ number: Value, format: String) throws(EvaluationError) -> String {
        var result = ""
        var rest = format[...]
        var isUsed = false
        var left = charactersMax
        while let character = rest.popFirst() {
            guard character == "%" else {
                result.append(character)
                continue
            }
            guard let specifier = specifier(&rest) else { throw fault(format) }
            switch specifier.conversion {
            case "%": result.append("%")
            case "n": result.append("\n")
            default:
                guard !isUsed || specifier.hasIndex, let digits = digits(number, specifier) else {
                    throw fault(format)
                }
                if !specifier.hasIndex { isUsed = true }
                let number = padded(digits, specifier)
                left -= number.utf8.count
                guard left >= 0 else { throw fault(format) }
                result += number
            }
        }
        return result
    }

    private static func fault(_ format: String) -> EvaluationError {
        .invalidArgument("formatNumber", "cannot accept \"pattern\" value of \"\(format)\"")
    }

    private static func specifier(_ rest: inout Substring) -> Specifier? {
        var specifier = Specifier()
        if rest.hasPrefix("1$") {
            specifier.hasIndex = true
            rest.removeFirst(2)
        }
        while let flag = rest.first, "-+ 0,(#".contains(flag) {
            specifier.flags.insert(flag)
            rest.removeFirst()
        }
        let width = count(&rest)
        specifier.width = width ?? 0
        if rest.first == "." {
            rest.removeFirst()
            guard let precision = count(&rest) else { return nil }
            specifier.precision = precision
        }
        guard let conversion = rest.popFirst(), specifier.width <= widthMax,
            (specifier.precision ?? 0) <= widthMax
        else { return nil }
        specifier.conversion = conversion
        return specifier
    }

    private static func count(_ rest: inout Substring) -> Int? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        return Int(digits) ?? .max
    }

    /// The number by its conversion; nil where they do not go together.
    private static func digits(_ number: Value, _ specifier: Specifier) -> String? {
        switch specifier.conversion {
        case "d", "x", "X", "o", "c": return whole(number, specifier)
        case "f", "e", "E", "g", "G": return real(number, specifier)
        case "s", "S", "b", "B", "h", "H":
            var text = number.displayText
            if "bB".contains(specifier.conversion) { text = "true" }
            if "hH".contains(specifier.conversion) { text = hash(number) }
            if let precision = specifier.precision { text = String(text.prefix(precision)) }
            return "SBH".contains(specifier.conversion) ? text.uppercased() : text
        default: return nil
        }
    }

    private static func whole(_ number: Value, _ specifier: Specifier) -> String? {
        guard case .integer(let value) = number, specifier.precision == nil else { return nil }
        let isLong = specifier.flags.contains("#")
        switch specifier.conversion {
        case "d": return signed(grouped(String(value), specifier), specifier)
        case "o": return (isLong ? "0" : "") + String(UInt32(bitPattern: value), radix: 8)
        case "c": return UnicodeScalar(UInt32(bitPattern: value)).map { String(Character($0)) }
        default:
            let text = (isLong ? "0x" : "") + String(UInt32(bitPattern: value), radix: 16)
            return specifier.conversion == "X" ? text.uppercased() : text
        }
    }

    private static func real(_ number: Value, _ specifier: Specifier) -> String? {
        guard let value = number.number else { return nil }
        if case .integer = number { return nil }
        guard value.isFinite else { return JavaNumber.text(value) }
        let places = specifier.precision ?? 6
        let text: String
        switch specifier.conversion {
        case "f": text = grouped(DecimalText.fixed(value, places: places), specifier)
        case "e", "E": text = DecimalText.scientific(value, places: places)
        default: text = DecimalText.general(value, digits: max(1, places))
        }
        return signed("EG".contains(specifier.conversion) ? text.uppercased() : text, specifier)
    }

    /// Java's hash of a number, in hexadecimal.
    private static func hash(_ number: Value) -> String {
        switch number {
        case .integer(let value): return String(UInt32(bitPattern: value), radix: 16)
        case .float(let value): return String(value.bitPattern, radix: 16)
        default:
            let bits = (number.number ?? 0).bitPattern
            return String(UInt32(truncatingIfNeeded: bits ^ (bits >> 32)), radix: 16)
        }
    }

    private static func grouped(_ digits: String, _ specifier: Specifier) -> String {
        guard specifier.flags.contains(",") else { return digits }
        let isNegative = digits.hasPrefix("-")
        let parts = digits.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        var whole = ""
        for (index, digit) in parts[0].enumerated() {
            if index > 0, (parts[0].count - index) % 3 == 0 { whole.append(",") }
            whole.append(digit)
        }
        return (isNegative ? "-" : "") + whole + (parts.count > 1 ? "." + parts[1] : "")
    }

    private static func signed(_ digits: String, _ specifier: Specifier) -> String {
        if digits.hasPrefix("-") {
            return specifier.flags.contains("(") ? "(" + digits.dropFirst() + ")" : digits
        }
        if specifier.flags.contains("+") { return "+" + digits }
        return specifier.flags.contains(" ") ? " " + digits : digits
    }

    private static func padded(_ text: String, _ specifier: Specifier) -> String {
        let missing = specifier.width - text.count
        guard missing > 0 else { return text }
        if specifier.flags.contains("-") { return text + String(repeating: " ", count: missing) }
        guard specifier.flags.contains("0") else { return String(repeating: " ", count: missing) + text }
        let sign = text.prefix { "+- (".contains($0) }
        return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
    }
}

/// Decimal digits of doubles, rounded half up on their shortest decimal form, as Java's formatter does.
enum DecimalText {
    /// Significant digits of a finite number's shortest form, with the power of ten of the first.
    private static func shortest(_ value: Double) -> (digits: [UInt8], exponent: Int) {
        let text = value.magnitude.description
        let halves = text.split(separator: "e")
        let exponent = halves.count > 1 ? Int(halves[1]) ?? 0 : 0
        let parts = halves[0].split(separator: ".")
        let whole = parts[0]
        var digits = (whole + (parts.count > 1 ? parts[1] : "")).utf8.map { $0 - 0x30 }
        var first = exponent + whole.count - 1
        while digits.count > 1, digits.first == 0 {
            digits.removeFirst()
            first -= 1
        }
        return (digits, first)
    }

    /// Keeps `count` digits, rounding half up; a carry past the front raises the exponent.
    private static func rounded(_ number: (digits: [UInt8], exponent: Int), keeping count: Int) -> (
        digits: [UInt8], exponent: Int
    ) {
        guard count < number.digits.count else { return number }
        guard count >= 0 else { return ([0], number.exponent) }
        var digits = Array(number.digits.prefix(count))
        var exponent = number.exponent
        if number.digits[count] >= 5 {
            var index = count - 1
            while index >= 0, digits[index] == 9 {
                digits[index] = 0
                index -= 1
            }
            if index >= 0 {
                digits[index] += 1
            } else {
                digits.insert(1, at: 0)
                exponent += 1
            }
        }
        return (digits, exponent)
    }

    /// `value` with `places` digits after the point.
    static func fixed(_ value: Double, places: Int) -> String {
        let number = shortest(value)
        let kept = rounded(number, keeping: number.exponent + 1 + places)
        func digit(_ power: Int) -> Character {
            let index = kept.exponent - power
            guard index >= 0, index < kept.digits.count else { return "0" }
            return Character(UnicodeScalar(0x30 + kept.digits[index]))
        }
        var text = value.sign == .minus ? "-" : ""
        for power in stride(from: max(0, kept.exponent), through: 0, by: -1) { text.append(digit(power)) }
        if places > 0 {
            text.append(".")
            for place in 1...places { text.append(digit(-place)) }
        }
        return text
    }

    /// `value` as `1.50e+02`.
    static func scientific(_ value: Double, places: Int) -> String {
        var kept = rounded(shortest(value), keeping: places + 1)
        if value == 0 { kept.exponent = 0 }
        let padded = kept.digits + Array(repeating: 0, count: max(0, places + 1 - kept.digits.count))
        let digits = padded.prefix(places + 1).map { Character(UnicodeScalar(0x30 + $0)) }
        let fraction = places > 0 ? "." + String(digits.dropFirst()) : ""
        let sign = kept.exponent < 0 ? "-" : "+"
        return (value.sign == .minus ? "-" : "") + String(digits.prefix(1)) + fraction + "e" + sign
            + CivilDate.padded(Swift.abs(kept.exponent), 2)
    }

    /// `value` with so many significant digits, as `fixed` or `scientific`, whichever is usual.
    static func general(_ value: Double, digits: Int) -> String {
        let exponent = value == 0 ? 0 : rounded(shortest(value), keeping: digits).exponent
        guard exponent >= -4, exponent < digits else { return scientific(value, places: digits - 1) }
        return fixed(value, places: digits - 1 - exponent)
    }
}
