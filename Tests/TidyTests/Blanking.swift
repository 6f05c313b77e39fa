/// Replaces the characters of comments and string literals by spaces; line breaks stay.
///
/// States and their exits:
///
///     code ---- "//" --> line comment -- line break --> code
///      | ------ "/*" --> block comment (nests) -- "*/" --> code
///      | --- #*"..." --> string -- closing quote --> code
///                          | -- \( --> interpolation: code until its ")"
struct Blanking {
    private enum State {
        case code(depth: Int)
        case lineComment
        case blockComment(depth: Int)
        case string(hashes: Int, multiline: Bool)
    }

    private var input: [UInt8]
    private var output: [UInt8] = []
    private var position = 0
    private var states: [State] = [.code(depth: 0)]

    /// `text` with comments and literals blanked: the same number of bytes and lines.
    static func code(of text: String) -> String {
        var blanking = Blanking(input: Array(text.utf8))
        blanking.run()
        return String(decoding: blanking.output, as: UTF8.self)
    }

    private init(input: [UInt8]) {
        self.input = input
    }

    private mutating func run() {
        output.reserveCapacity(input.count)
        while position < input.count {
            switch states.last ?? .code(depth: 0) {
            case .code(let depth): stepCode(depth)
            case .lineComment: stepLineComment()
            case .blockComment(let depth): stepBlockComment(depth)
            case .string(let hashes, let multiline): stepString(hashes, multiline)
            }
        }
    }

    private func starts(with text: StaticString, at offset: Int = 0) -> Bool {
        let start = position + offset
        guard start + text.utf8CodeUnitCount <= input.count else { return false }
        return text.description.utf8.elementsEqual(input[start..<start + text.utf8CodeUnitCount])
    }

    private mutating func keep(_ count: Int) {
        output.append(contentsOf: input[position..<min(position + count, input.count)])
        position += count
    }

    private mutating func blank(_ count: Int) {
        for byte in input[position..<min(position + count, input.count)] {
            output.append(byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " "))
        }
        position += count
    }

    /// Interpolated code is blanked like the text around it: it is part of the literal.
    private mutating func pass(_ count: Int) {
        states.count > 1 ? blank(count) : keep(count)
    }

    private mutating func stepCode(_ depth: Int) {
        if starts(with: "//") {
            states.append(.lineComment)
        } else if starts(with: "/*") {
            states.append(.blockComment(depth: 1))
            blank(2)
        } else if let hashes = openingHashes() {
            let multiline = starts(with: "\"\"\"", at: hashes)
            states.append(.string(hashes: hashes, multiline: multiline))
            blank(hashes + (multiline ? 3 : 1))
        } else {
            countParenthesis(depth)
        }
    }

    private mutating func countParenthesis(_ depth: Int) {
        let byte = input[position]
        pass(1)
        if byte == UInt8(ascii: "(") {
            states[states.count - 1] = .code(depth: depth + 1)
        } else if byte == UInt8(ascii: ")") {
            if depth == 1, states.count > 1 {
                states.removeLast()
            } else {
                states[states.count - 1] = .code(depth: depth - 1)
            }
        }
    }

    /// How many `#` stand before a quote here, or nil where no string begins.
    private func openingHashes() -> Int? {
        var end = position
        while end < input.count, input[end] == UInt8(ascii: "#") { end += 1 }
        guard end < input.count, input[end] == UInt8(ascii: "\"") else { return nil }
        return end - position
    }

    private func hasHashes(_ count: Int, at offset: Int) -> Bool {
        let start = position + offset
        guard start + count <= input.count else { return false }
        return input[start..<start + count].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    private mutating func stepLineComment() {
        if input[position] == UInt8(ascii: "\n") { states.removeLast() }
        blank(1)
    }

    private mutating func stepBlockComment(_ depth: Int) {
        if starts(with: "*/") {
            if depth == 1 {
                states.removeLast()
            } else {
                states[states.count - 1] = .blockComment(depth: depth - 1)
            }
            blank(2)
        } else if starts(with: "/*") {
            states[states.count - 1] = .blockComment(depth: depth + 1)
            blank(2)
        } else {
            blank(1)
        }
    }

    private mutating func stepString(_ hashes: Int, _ multiline: Bool) {
        let quotes = multiline ? 3 : 1
        let closes = multiline ? starts(with: "\"\"\"") : starts(with: "\"")
        if closes, hasHashes(hashes, at: quotes) {
            states.removeLast()
            blank(quotes + hashes)
        } else if starts(with: "\\"), hasHashes(hashes, at: 1) {
            let interpolates = starts(with: "(", at: 1 + hashes)
            if interpolates { states.append(.code(depth: 1)) }
            blank(2 + hashes)
        } else if !multiline, input[position] == UInt8(ascii: "\n") {
            states.removeLast()
            blank(1)
        } else {
            blank(1)
        }
    }
}
