/// Header fields in the order they were sent or added; names compare without case (RFC 9110 section 5).
///
/// All text lies in one array of bytes, so that a request's fields cost two allocations however many they
/// are:
///
///     bytes   GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n
///     fields                    ^^^^  ^   ^^^^^^  ^^^      (name and value ranges)
package struct HTTPHeaders: Sendable {
    /// Where one field's name and value lie in `bytes`.
    struct Field: Sendable {
        var nameStart: UInt32, nameEnd: UInt32
        var valueStart: UInt32, valueEnd: UInt32

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    var bytes: [UInt8]
    var fields: [Field]

    /// No fields.
    package init() {
        bytes = []
        fields = []
    }

    init(bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
    }

    /// How many fields there are; a repeated name counts each time.
    package var count: Int { fields.count }

    /// The first value of `name`, or nil. Setting replaces every field of that name; nil removes them.
    package subscript(name: String) -> String? {
        get { index(of: name).map { text(fields[$0].value) } }
        set {
            fields = fields.filter { !matches($0, name) }
            if let newValue { add(name, newValue) }
        }
    }

    /// Every value of `name`, in order.
    package func all(_ name: String) -> [String] {
        fields.lazy.filter { matches($0, name) }.map { text($0.value) }
    }

    /// Whether a field of this name is there.
    package func contains(_ name: String) -> Bool { index(of: name) != nil }

    /// The bytes of the first value of `name`, or nil; cheaper than the text.
    package func valueBytes(_ name: String) -> ArraySlice<UInt8>? {
        index(of: name).map { bytes[fields[$0].value] }
    }

    /// Appends a field.
    ///
    /// A value cannot break out of its line: CR, LF and NUL become spaces. A name that is no token adds
    /// nothing.
    package mutating func add(_ name: String, _ value: String) {
        if bytes.isEmpty { reserve() }
        let nameStart = bytes.count
        bytes.append(contentsOf: name.utf8)
        let valueStart = bytes.count
        for index in nameStart..<valueStart where !ByteClass.isToken(bytes[index]) {
            return bytes.removeSubrange(nameStart...)
        }
        guard valueStart > nameStart else { return }
        bytes.append(contentsOf: value.utf8)
        for index in valueStart..<bytes.count where !ByteClass.isFieldValue(bytes[index]) {
            bytes[index] = UInt8(ascii: " ")
        }
        fields.append(Field(name: nameStart..<valueStart, value: valueStart..<bytes.count))
    }

    /// Appends a field of this program's own: `value` appends its bytes, which are not checked.
    package mutating func add(_ name: StaticString, writing value: (inout [UInt8]) -> Void) {
        if bytes.isEmpty { reserve() }
        let nameStart = bytes.count
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        let valueStart = bytes.count
        value(&bytes)
        fields.append(Field(name: nameStart..<valueStart, value: valueStart..<bytes.count))
    }

    /// Appends every field of `other`.
    package mutating func add(contentsOf other: HTTPHeaders) {
        for (name, value) in other { add(name, value) }
    }

    private func index(of name: String) -> Int? {
        let wanted = name.utf8.span
        for index in fields.indices where matches(fields[index], wanted) { return index }
        return nil
    }

    /// Room for what a reply usually carries, so that it is not made bit by bit.
    private mutating func reserve() {
        bytes.reserveCapacity(192)
        fields.reserveCapacity(6)
    }

    func matches(_ field: Field, _ name: String) -> Bool {
        matches(field, name.utf8.span)
    }

    private func matches(_ field: Field, _ name: Span<UInt8>) -> Bool {
        let start = Int(field.nameStart)
        guard Int(field.nameEnd) - start == name.count else { return false }
        for index in 0..<name.count
        where ByteClass.lowered(bytes[start + index]) != ByteClass.lowered(name[index]) {
            return false
        }
        return true
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { add(name, value) }
    }
}

extension HTTPHeaders: Sequence {
    /// Walks the fields in order, names as spelled.
    package func makeIterator() -> AnyIterator<(name: String, value: String)> {
        var remaining = fields[...]
        return AnyIterator {
            remaining.popFirst().map { (text($0.name), text($0.value)) }
        }
    }
}
