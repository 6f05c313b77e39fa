/// Numbers through a format such as `%8.2f` or `%03d` (function `formatNumber`, `java.util.Formatter`).
enum NumberFormat {
    private struct Specifier {
        var flags: Set<Character> = []
        var width = 0
        var precision: Int?
        var conversion: Character = "s"
    }

    private static let widthMax = 1024

    /// `number` in place of the one specifier of `format`; other text stays.
    static func text(_ number: Value, format: String) throws(EvaluationError) -> String {
        var result = ""
        var rest = format[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                result.append(character)
                continue
            }
            let specifier = try specifier(&rest, format)
            if specifier.conversion == "%" {
                result.append("%")
            } else {
                result += try padded(try digits(number, specifier), specifier)
            }
        }
        return result
    }

    private static func fault(_ format: String) -> EvaluationError {
        EvaluationError(.type, "java.lang.IllegalArgumentException", "Bad number format \"\(format)\"")
    }

    private static func specifier(
        _ rest: inout Substring, _ format: String
    ) throws(EvaluationError) -> Specifier {
        var specifier = Specifier()
        while let flag = rest.first, "-+ 0,(#".contains(flag) {
            specifier.flags.insert(flag)
            rest.removeFirst()
        }
        specifier.width = try count(&rest, format) ?? 0
        if rest.first == "." {
            rest.removeFirst()
            specifier.precision = try count(&rest, format)
        }
        guard let conversion = rest.popFirst() else { throw fault(format) }
        specifier.conversion = conversion
        return specifier
    }

    private static func count(_ rest: inout Substring, _ format: String) throws(EvaluationError) -> Int? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        guard let count = Int(digits), count <= widthMax else { throw fault(format) }
        return count
    }

    private static func digits(_ number: Value, _ specifier: Specifier) throws(EvaluationError) -> String {
        switch specifier.conversion {
        case "d":
            guard case .integer(let value) = number else {
                throw EvaluationError(
                    .type, "java.util.IllegalFormatConversionException", "d != \(number.typeName)")
            }
            return grouped(String(value), specifier)
        case "f", "e", "E":
            guard let value = number.number, value.isFinite else {
                return number.number.map(JavaNumber.text) ?? number.displayText
            }
            if case .integer = number {
                throw EvaluationError(
                    .type, "java.util.IllegalFormatConversionException",
                    "\(specifier.conversion) != java.lang.Integer")
            }
            let places = specifier.precision ?? 6
            if specifier.conversion == "f" {
                return grouped(DecimalText.fixed(value, places: places), specifier)
            }
            let text = DecimalText.scientific(value, places: places)
            return specifier.conversion == "E" ? text.uppercased() : text
        case "s": return number.displayText
        default: throw fault("%\(specifier.conversion)")
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

    private static func padded(_ digits: String, _ specifier: Specifier) throws(EvaluationError) -> String {
        var text = digits
        if specifier.flags.contains("+"), !text.hasPrefix("-") { text = "+" + text }
        if specifier.flags.contains(" "), !text.hasPrefix("-") { text = " " + text }
        let missing = specifier.width - text.count
        guard missing > 0 else { return text }
        if specifier.flags.contains("-") { return text + String(repeating: " ", count: missing) }
        guard specifier.flags.contains("0") else { return String(repeating: " ", count: missing) + text }
        let sign = text.prefix { "+- ".contains($0) }
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
}
