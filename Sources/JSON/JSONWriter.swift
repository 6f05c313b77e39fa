import CSimdjson

/// Appends JSON to a buffer, in the order of the calls.
///
///     var writer = JSONWriter(.openscoring)
///     writer.beginObject()
///     writer.name("id")
///     writer.string("1")
///     writer.endObject()          // writer.bytes: {\n  "id" : "1"\n}
///
/// The caller gives names and values in turn and closes what it opens; the writer puts the commas, colons,
/// spaces and lines between. Text is UTF-8, escaped only where RFC 8259 (section 7) demands.
///
/// A bound is kept by whoever writes what may be long: it asks `hasRoom` before each element, and stops.
package struct JSONWriter: Sendable {
    /// How the text is laid out.
    package enum Style: Sendable, Hashable {
        /// As Openscoring prints: two spaces a level, `"k" : v`, arrays on one line, `{ }` and `[ ]`.
        case openscoring
        /// No space at all.
        case compact
    }

    /// The text so far.
    package private(set) var bytes: [UInt8] = []
    private let style: Style
    private let bytesMax: Int
    private var isOverfull = false
    private var levels = JSONLevels()
    /// Open objects: only they indent.
    private var indentation = 0
    private var isAfterName = false
    /// Where a number's text is made.
    private var scratch = [UInt8](repeating: 0, count: Int(AUGUR_JSON_NUMBER_BYTES))

    /// A writer with room for `capacity` bytes before it grows, for a text of at most `bytesMax`.
    package init(_ style: Style, capacity: Int = 512, bytesMax: Int = .max) {
        self.style = style
        self.bytesMax = bytesMax
        bytes.reserveCapacity(capacity)
    }

    /// Whether `count` bytes more stay within the bound.
    ///
    /// Once they did not, the text has no room for anything: something was left out, so it is worth nothing.
    package mutating func hasRoom(for count: Int) -> Bool {
        if count > bytesMax - bytes.count { isOverfull = true }
        return !isOverfull
    }

    /// `{`; members follow until `endObject`.
    package mutating func beginObject() { begin(isObject: true, UInt8(ascii: "{")) }
    /// `[`; elements follow until `endArray`.
    package mutating func beginArray() { begin(isObject: false, UInt8(ascii: "[")) }
    /// Closes the innermost object.
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    /// Closes the innermost array.
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// A member's name; its value must follow.
    package mutating func name(_ name: String) {
        separate()
        quote(name)
        append(style == .compact ? ":" : " : ")
        isAfterName = true
    }

    /// A member of that text.
    package mutating func member(_ name: String, _ text: String) {
        self.name(name)
        string(text)
    }

    /// A member of that number.
    package mutating func member(_ name: String, _ number: Int) {
        self.name(name)
        integer(number)
    }

    /// Text in quotes.
    package mutating func string(_ text: String) {
        separate()
        quote(text)
    }

    /// `true` or `false`.
    package mutating func boolean(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }

    /// `null`.
    package mutating func null() {
        separate()
        append("null")
    }

    /// An integer in full.
    package mutating func integer(_ value: Int64) {
        separate()
        appendInteger(value.magnitude, isNegative: value < 0)
    }

    /// An integer in full.
    package mutating func integer(_ value: UInt64) {
        separate()
        appendInteger(value, isNegative: false)
    }

    /// An integer in full.
    package mutating func integer(_ value: Int) { integer(Int64(value)) }

    /// The shortest number that reads back to the same double; `"NaN"`, `"Infinity"` and `"-Infinity"` are
    /// strings, as JSON has no such numbers.
    package mutating func double(_ value: Double) {
        separate()
        guard value.isFinite else { return appendNonFinite(value.isNaN, value > 0) }
        let count = augur_json_write_double(value, &scratch)
        bytes.append(contentsOf: scratch[..<count])
    }

    /// The shortest number that reads back to the same float.
    package mutating func float(_ value: Float) {
        separate()
        guard value.isFinite else { return appendNonFinite(value.isNaN, value > 0) }
        let count = augur_json_write_float(value, &scratch)
        bytes.append(contentsOf: scratch[..<count])
    }

    /// An array of floats, each as `float` writes it.
    package mutating func floats(_ values: some Sequence<Float>) {
        beginArray()
        for value in values { float(value) }
        endArray()
    }

    /// An array of doubles, each as `double` writes it.
    package mutating func doubles(_ values: some Sequence<Double>) {
        beginArray()
        for value in values { double(value) }
        endArray()
    }
}

// MARK: - Layout

extension JSONWriter {
    private mutating func begin(isObject: Bool, _ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        levels.open(isObject: isObject)
        if isObject { indentation += 1 }
    }

    private mutating func end(_ bracket: UInt8) {
        guard let level = levels.close() else { return }
        if level.isObject { indentation -= 1 }
        if style == .openscoring {
            if level.isObject && !level.isEmpty { newLine() } else { bytes.append(UInt8(ascii: " ")) }
        }
        bytes.append(bracket)
    }

    /// What stands before the next name or value: nothing after a name, else comma and space or a new line.
    private mutating func separate() {
        if isAfterName {
            isAfterName = false
            return
        }
        guard let level = levels.enter() else { return }
        if !level.isEmpty { bytes.append(UInt8(ascii: ",")) }
        guard style == .openscoring else { return }
        if level.isObject { newLine() } else { bytes.append(UInt8(ascii: " ")) }
    }

    private mutating func newLine() {
        bytes.append(0x0A)
        for _ in 0..<indentation { append("  ") }
    }
}

// MARK: - Scalars

extension JSONWriter {
    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func quote(_ text: String) {
        guard hasRoom(for: text.utf8.count) else { return }
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            var start = 0
            for (place, byte) in utf8.enumerated() where Self.needsEscape(byte) {
                guard hasRoom(for: place - start) else { return }
                bytes.append(contentsOf: utf8[start..<place])
                appendEscape(byte)
                start = place + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func appendEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        default:
            append("\\u00")
            for digit in [byte >> 4, byte & 0x0F] {
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
            }
        }
    }

    private mutating func appendInteger(_ magnitude: UInt64, isNegative: Bool) {
        // 20 digits or 19 and a sign are the most that 64 bits need; filled from the end.
        var start = scratch.count
        var left = magnitude
        repeat {
            start -= 1
            scratch[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: left % 10)
            left /= 10
        } while left > 0
        if isNegative {
            start -= 1
            scratch[start] = UInt8(ascii: "-")
        }
        bytes.append(contentsOf: scratch[start...])
    }

    private mutating func appendNonFinite(_ isNaN: Bool, _ isPositive: Bool) {
        append(isNaN ? "\"NaN\"" : isPositive ? "\"Infinity\"" : "\"-Infinity\"")
    }
}
