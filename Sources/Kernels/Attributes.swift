import Tensors

/// The value of an operator's attribute (`AttributeProto`), graphs excepted.
package enum AttributeValue: Sendable {
    case integer(Int64)
    case float(Float)
    case text(String)
    case integers([Int64])
    case floats([Float])
    case texts([String])
    case tensor(Tensor)
}

/// An operator's attributes by name.
package struct Attributes: Sendable {
    /// The values.
    package var values: [String: AttributeValue]

    /// Attributes of these values.
    package init(_ values: [String: AttributeValue] = [:]) { self.values = values }

    /// The integer `name`, nil when absent.
    /// - Throws: `KernelError.invalid` when it is of another kind.
    package func integer(_ name: String) throws(KernelError) -> Int? {
        switch values[name] {
        case .integer(let value): return Int(value)
        case nil: return nil
        case .float, .text, .integers, .floats, .texts, .tensor: throw wrongKind(name, "an integer")
        }
    }

    /// The integer `name`, or `fallback` when absent.
    package func integer(_ name: String, default fallback: Int) throws(KernelError) -> Int {
        try integer(name) ?? fallback
    }

    /// Whether the integer `name` is not zero.
    package func flag(_ name: String, default fallback: Bool = false) throws(KernelError) -> Bool {
        try integer(name).map { $0 != 0 } ?? fallback
    }

    /// The float `name`, nil when absent.
    package func float(_ name: String) throws(KernelError) -> Float? {
        switch values[name] {
        case .float(let value): return value
        case nil: return nil
        case .integer, .text, .integers, .floats, .texts, .tensor: throw wrongKind(name, "a float")
        }
    }

    /// The float `name`, or `fallback` when absent.
    package func float(_ name: String, default fallback: Float) throws(KernelError) -> Float {
        try float(name) ?? fallback
    }

    /// The string `name`, or `fallback` when absent.
    package func text(_ name: String, default fallback: String) throws(KernelError) -> String {
        switch values[name] {
        case .text(let value): return value
        case nil: return fallback
        case .integer, .float, .integers, .floats, .texts, .tensor: throw wrongKind(name, "a string")
        }
    }

    /// The integer list `name`, nil when absent.
    package func integers(_ name: String) throws(KernelError) -> [Int]? {
        switch values[name] {
        case .integers(let list): return list.map(Int.init)
        case nil: return nil
        // An empty repeated field may be written under any list kind.
        case .floats(let list) where list.isEmpty: return []
        case .texts(let list) where list.isEmpty: return []
        case .integer, .float, .text, .floats, .texts, .tensor: throw wrongKind(name, "integers")
        }
    }

    /// The float list `name`, nil when absent.
    package func floats(_ name: String) throws(KernelError) -> [Float]? {
        switch values[name] {
        case .floats(let list): return list
        case nil: return nil
        case .integers(let list) where list.isEmpty: return []
        case .integer, .float, .text, .integers, .texts, .tensor: throw wrongKind(name, "floats")
        }
    }

    /// The string list `name`, nil when absent.
    package func texts(_ name: String) throws(KernelError) -> [String]? {
        switch values[name] {
        case .texts(let list): return list
        case nil: return nil
        case .integers(let list) where list.isEmpty: return []
        case .integer, .float, .text, .integers, .floats, .tensor: throw wrongKind(name, "strings")
        }
    }

    /// The tensor `name`, nil when absent.
    package func tensor(_ name: String) throws(KernelError) -> Tensor? {
        switch values[name] {
        case .tensor(let tensor): return tensor
        case nil: return nil
        case .integer, .float, .text, .integers, .floats, .texts: throw wrongKind(name, "a tensor")
        }
    }

    private func wrongKind(_ name: String, _ expected: String) -> KernelError {
        .invalid("attribute \(name) must be \(expected)")
    }
}
