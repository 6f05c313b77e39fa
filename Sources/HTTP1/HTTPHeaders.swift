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
        guard !name.isEmpty, name.utf8.allSatisfy(ByteClass.isToken) else { return }
        let nameStart = UInt32(truncatingIfNeeded: bytes.count)
        bytes.append(contentsOf: name.utf8)
        let valueStart = UInt32(truncatingIfNeeded: bytes.count)
        bytes.append(contentsOf: value.utf8)
        for index in Int(valueStart)..<bytes.count where !ByteClass.isFieldValue(bytes[index]) {
            bytes[index] = UInt8(ascii: " ")
        }
        let end = UInt32(truncatingIfNeeded: bytes.count)
        fields.append(Field(nameStart: nameStart, nameEnd: valueStart, valueStart: valueStart, valueEnd: end))
    }

    /// Appends every field of `other`.
    package mutating func add(contentsOf other: HTTPHeaders) {
        for (name, value) in other { add(name, value) }
    }

    func index(of name: String) -> Int? { fields.firstIndex { matches($0, name) } }

    private func matches(_ field: Field, _ name: String) -> Bool {
        equalsIgnoringCase(bytes[field.name], name.utf8)
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

/// Whether two names are equal but for the case of ASCII letters.
func equalsIgnoringCase(_ left: ArraySlice<UInt8>, _ right: String.UTF8View) -> Bool {
    left.count == right.count
        && zip(left, right).allSatisfy { ByteClass.lowered($0) == ByteClass.lowered($1) }
}
