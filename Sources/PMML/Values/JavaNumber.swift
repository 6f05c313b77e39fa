/// Numbers as `java.lang.Double.parseDouble` and its like read them.
///
/// White space around the number is ignored; a sign, a fraction, an exponent and one of the suffixes
/// `fFdD` are allowed; `NaN`, `Infinity` and `INF` are numbers, `inf` and `nan` are not.
enum JavaNumber {
    /// A 64-bit number, or nil where the text is none.
    static func double(_ text: String) -> Double? {
        if let quick = ShortDecimal(text)?.double { return quick }
        return core(text).flatMap { core in special(core) ?? (isDecimal(core) ? Double(core) : nil) }
    }

    /// A 32-bit number, rounded once from the text.
    static func float(_ text: String) -> Float? {
        if let quick = ShortDecimal(text)?.float { return quick }
        return core(text).flatMap { core in
            special(core).map(Float.init) ?? (isDecimal(core) ? Float(core) : nil)
        }
    }

    /// A 32-bit integer written with digits only (and a sign).
    static func integer(_ text: String) -> Int32? {
        Int32(text)
    }

    /// The text without surrounding white space and type suffix.
    private static func core(_ text: String) -> Substring? {
        var core = text[...]
        while let first = core.utf8.first, first <= 0x20 { core = core.dropFirst() }
        while let last = core.utf8.last, last <= 0x20 { core = core.dropLast() }
        guard let last = core.utf8.last else { return nil }
        if core.hasSuffix("INF") { return core }
        if [0x66, 0x46, 0x64, 0x44].contains(last), !core.hasPrefix("0x"), !core.hasPrefix("0X") {
            core = core.dropLast()
        }
        return core.isEmpty ? nil : core
    }

    private static func special(_ core: Substring) -> Double? {
        let sign: Double = core.hasPrefix("-") ? -1 : 1
        let body = core.hasPrefix("-") || core.hasPrefix("+") ? core.dropFirst() : core
        if body == "NaN" { return .nan }
        if body == "Infinity" || body == "INF" { return sign * .infinity }
        return nil
    }

    private static func isDecimal(_ core: Substring) -> Bool {
        core.utf8.allSatisfy { byte in
            (byte >= 0x30 && byte <= 0x39) || byte == 0x2E || byte == 0x2B || byte == 0x2D || byte == 0x65
                || byte == 0x45
        }
    }

    /// A number as `java.lang.Double.toString` writes it: `1.0`, `1.0E7`, `1.0E-4`.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return arranged(value.description, isPlain: value == 0 || (abs(value) >= 1e-3 && abs(value) < 1e7))
    }

    /// A number as `java.lang.Float.toString` writes it.
    static func text(_ value: Float) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return arranged(value.description, isPlain: value == 0 || (abs(value) >= 1e-3 && abs(value) < 1e7))
    }

    /// Rearranges Swift's shortest digits into Java's notation.
    private static func arranged(_ swift: String, isPlain: Bool) -> String {
        var body = swift[...]
        let sign = body.hasPrefix("-") ? "-" : ""
        if !sign.isEmpty { body = body.dropFirst() }
        var exponent = 0
        if let mark = body.firstIndex(of: "e") {
            exponent = Int(body[body.index(after: mark)...]) ?? 0
            body = body[..<mark]
        }
        let parts = body.split(separator: ".", omittingEmptySubsequences: false)
        var whole = String(parts[0])
        var fraction = parts.count > 1 ? String(parts[1]) : ""
        if fraction == "0" { fraction = "" }
        if isPlain, exponent == 0 { return sign + whole + "." + (fraction.isEmpty ? "0" : fraction) }
        // Digits with the point after the first significant one.
        var digits = whole + fraction
        exponent += whole.count - 1
        while digits.count > 1, digits.hasPrefix("0") {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        if isPlain {
            if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
            while digits.count < exponent + 1 { digits.append("0") }
            whole = String(digits.prefix(exponent + 1))
            fraction = String(digits.dropFirst(exponent + 1))
            return sign + whole + "." + (fraction.isEmpty ? "0" : fraction)
        }
        fraction = String(digits.dropFirst())
        return sign + digits.prefix(1) + "." + (fraction.isEmpty ? "0" : fraction) + "E\(exponent)"
    }
}
