/// One value of a document; holds the document, and costs two words.
package struct JSONElement: Sendable {
    /// The types of RFC 8259, section 3.
    package enum Kind: String, Sendable, Hashable {
        case null, boolean, number, string, array, object
    }

    let document: JSONDocument
    let index: Int

    /// The value's type.
    package var kind: Kind {
        switch document.tape.tag(at: index) {
        case Tape.Tag.object: .object
        case Tape.Tag.array: .array
        case Tape.Tag.string: .string
        case Tape.Tag.signed, Tape.Tag.unsigned, Tape.Tag.double: .number
        case Tape.Tag.yes, Tape.Tag.no: .boolean
        default: .null
        }
    }

    /// Whether the value is `null`.
    package var isNull: Bool { kind == .null }

    /// True or false; nil for another type.
    package var asBoolean: Bool? {
        switch document.tape.tag(at: index) {
        case Tape.Tag.yes: true
        case Tape.Tag.no: false
        default: nil
        }
    }

    /// A number as the nearest double; nil for another type.
    package var asDouble: Double? {
        let tape = document.tape
        switch tape.tag(at: index) {
        case Tape.Tag.double: return tape.double(at: index)
        case Tape.Tag.signed: return Double(Int64(bitPattern: tape.bits(at: index)))
        case Tape.Tag.unsigned: return Double(tape.bits(at: index))
        default: return nil
        }
    }

    /// A number written without point and exponent that fits 64 bits; nil for any other value, `30.0` too.
    package var asInt64: Int64? {
        guard document.tape.tag(at: index) == Tape.Tag.signed else { return nil }
        return Int64(bitPattern: document.tape.bits(at: index))
    }

    /// A string's text, copied; nil for another type.
    package var asString: String? { asText?.string }

    /// A string's text in place; nil for another type.
    package var asText: JSONText? {
        guard document.tape.tag(at: index) == Tape.Tag.string else { return nil }
        return JSONText(document: document, index: index)
    }

    /// Children of an array or object, duplicate names included; 0 for another type.
    package var count: Int {
        switch document.tape.tag(at: index) {
        case Tape.Tag.array:
            document.tape.statedCount(at: index) ?? elements.reduce(0) { total, _ in total + 1 }
        case Tape.Tag.object:
            document.tape.statedCount(at: index) ?? members.reduce(0) { total, _ in total + 1 }
        default: 0
        }
    }

    /// The member of an object with that name, the last one where several have it; nil without one and for
    /// another type.
    package subscript(name: String) -> JSONElement? {
        var name = name
        var found: JSONElement?
        for member in members where document.tape.string(at: member.name.index, is: &name) {
            found = member.value
        }
        return found
    }

    /// An array's elements in order; nothing for another type.
    package var elements: JSONElements { JSONElements(of: self) }

    /// An object's members in order, duplicate names included (the last counts); nothing for another type.
    package var members: JSONMembers { JSONMembers(of: self) }
}

/// Where an array's elements, or the names of an object's members, stand on the tape, in order.
private struct ChildPlaces: Sendable {
    let document: JSONDocument
    private var position: Int
    private let end: Int

    /// Of an element of the type that `tag` stands for; none of another.
    init(of element: JSONElement, tag: UInt8) {
        document = element.document
        position = element.index + 1
        let isOfType = document.tape.tag(at: element.index) == tag
        end = isOfType ? document.tape.closing(of: element.index) : position
    }

    /// The next place, nil after the last; a value stands `offset` places behind it.
    mutating func next(valueAt offset: Int) -> Int? {
        guard position < end else { return nil }
        defer { position = document.tape.end(of: position + offset) }
        return position
    }
}

/// An array's elements in order.
package struct JSONElements: Sequence, IteratorProtocol, Sendable {
    private var places: ChildPlaces

    init(of element: JSONElement) { places = ChildPlaces(of: element, tag: Tape.Tag.array) }

    /// The next element, nil after the last.
    package mutating func next() -> JSONElement? {
        guard let place = places.next(valueAt: 0) else { return nil }
        return JSONElement(document: places.document, index: place)
    }
}

/// An object's members in order.
package struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    private var places: ChildPlaces

    init(of element: JSONElement) { places = ChildPlaces(of: element, tag: Tape.Tag.object) }

    /// The next member, nil after the last.
    package mutating func next() -> (name: JSONText, value: JSONElement)? {
        guard let place = places.next(valueAt: 1) else { return nil }
        return (
            JSONText(document: places.document, index: place),
            JSONElement(document: places.document, index: place + 1)
        )
    }
}
