/// Why a text is not taken as JSON, and where.
///
/// `line` and `column` count from 1, the column in Unicode scalars; `offset` is in bytes from the start.
package struct JSONError: Error, Hashable, Sendable {
    /// What is wrong (RFC 8259 names the grammar's parts; the limits are `JSONLimits`).
    package enum Reason: Hashable, Sendable {
        /// Nothing but white space.
        case empty
        /// More bytes than the limit.
        case tooLarge(bytes: Int, limit: Int)
        /// More containers inside one another than the limit.
        case tooDeep(limit: Int)
        /// A byte order mark before the text (RFC 8259, section 8.1).
        case byteOrderMark
        /// Bytes that are not UTF-8.
        case invalidUTF8
        /// A byte that cannot stand here.
        case unexpected(UInt8, expected: Expected)
        /// The text ends before it is whole.
        case unexpectedEnd(expected: Expected)
        /// A character below U+0020 in a string, which needs an escape.
        case controlCharacter(UInt8)
        /// A backslash followed by something that is not an escape.
        case invalidEscape
        /// `\uD800` to `\uDFFF` without its other half.
        case loneSurrogate
        /// Digits, sign, point or exponent that do not make a number.
        case invalidNumber
        /// A number beyond the largest double.
        case numberTooLarge
        /// Something after the one value.
        case trailing(UInt8)
        /// Memory is out.
        case outOfMemory
        /// The parser refuses the text though no fault was found in it.
        case refused
    }

    /// What would have been right where something else stands.
    package enum Expected: String, Hashable, Sendable {
        case value = "a value"
        case memberName = "a member name in quotes"
        case memberNameOrEnd = "a member name in quotes or `}`"
        case colon = "`:`"
        case commaOrObjectEnd = "`,` or `}`"
        case commaOrArrayEnd = "`,` or `]`"
        case quote = "a closing quote"
    }

    /// What is wrong there.
    package let reason: Reason
    /// Bytes before the fault.
    package let offset: Int
    /// Line of the fault, from 1; a line feed ends a line.
    package let line: Int
    /// Column of the fault, from 1, in Unicode scalars.
    package let column: Int
}

extension JSONError: CustomStringConvertible {
    /// One sentence for the person who sent the text: `line 3, column 7: expected a value, found ']'`.
    package var description: String { "line \(line), column \(column): \(reason)" }
}

extension JSONError.Reason: CustomStringConvertible {
    /// The reason without the place.
    package var description: String {
        switch self {
        case .empty: "the text is empty"
        case .tooLarge(let bytes, let limit): "\(bytes) bytes are more than the limit of \(limit)"
        case .tooDeep(let limit): "nested deeper than the limit of \(limit)"
        case .byteOrderMark: "a byte order mark stands before the text; send UTF-8 without it"
        case .invalidUTF8: "the bytes are not UTF-8"
        case .unexpected(let byte, let expected): "expected \(expected.rawValue), found \(Self.quoted(byte))"
        case .unexpectedEnd(let expected): "the text ends where \(expected.rawValue) is expected"
        case .controlCharacter(let byte): "\(Self.quoted(byte)) in a string must be escaped"
        case .invalidEscape: "the escape is not one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"
        case .loneSurrogate: "half of a surrogate pair stands alone"
        case .invalidNumber: "the number is not written as JSON allows"
        case .numberTooLarge: "the number is larger than a double can hold"
        case .trailing(let byte): "\(Self.quoted(byte)) follows the end of the value"
        case .outOfMemory: "there is not enough memory to parse the text"
        case .refused: "the parser refuses the text"
        }
    }

    private static func quoted(_ byte: UInt8) -> String {
        let isPrintable = (0x20..<0x7F).contains(byte)
        return isPrintable ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
    }
}
