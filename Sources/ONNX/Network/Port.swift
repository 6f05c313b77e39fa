import Tensors

/// One axis of an input or output as the file declares it.
package enum Dimension: Sendable, Hashable {
    /// Always this size.
    case fixed(Int)
    /// A size chosen by the caller, under the file's name for it (`batch`), or an empty name.
    case symbolic(String)
}

/// A named input or output of a network (`ValueInfoProto`).
package struct Port: Sendable, Hashable {
    /// What a value here is.
    package enum Kind: Sendable, Hashable {
        case tensor
        /// `ZipMap`'s outputs: a sequence of maps from label to score.
        case sequence
        case map
    }

    /// The name callers use.
    package let name: String
    /// Element type; of a sequence or map, that of its scores.
    package let elementType: ElementType
    /// The axes, outermost first; empty when the file gives no shape.
    package let dims: [Dimension]
    /// False when the file leaves even the number of axes open.
    package let hasShape: Bool
    /// What a value here is.
    package let kind: Kind

    /// A port of these parts.
    package init(
        name: String, elementType: ElementType, dims: [Dimension], hasShape: Bool = true, kind: Kind = .tensor
    ) {
        (self.name, self.elementType, self.dims) = (name, elementType, dims)
        (self.hasShape, self.kind) = (hasShape, kind)
    }
}

/// A value that a network returns.
package enum NetworkValue: Sendable {
    case tensor(Tensor)
    /// The elements of an ONNX sequence, in order.
    case sequence([NetworkValue])
    /// `ZipMap`'s scores by label, in the order of the labels in the file.
    case map([(label: MapLabel, score: Float)])

    /// The tensor, when it is one.
    package var tensor: Tensor? {
        switch self {
        case .tensor(let tensor): tensor
        case .sequence, .map: nil
        }
    }
}

extension NetworkValue {
    /// Takes this value's elements off what is `left`, an element of a sequence as often as it stands there,
    /// a string by its length and an empty tensor by its rows; false when there are more.
    func take(from left: inout Int) -> Bool {
        switch self {
        case .tensor(let tensor):
            let count = tensor.shape.leafCount
            left = count < left ? left - count : -1
            // A long string counts as one element for each 8 bytes.
            for string in tensor.strings where left >= 0 { left -= string.utf8.count / 8 }
        case .sequence(let values):
            for value in values where left >= 0 { _ = value.take(from: &left) }
            left -= 1
        case .map(let scores): left -= scores.count
        }
        return left >= 0
    }
}

/// A key of a `ZipMap`.
package enum MapLabel: Sendable, Hashable {
    case integer(Int64)
    case text(String)
}

extension MapLabel: CustomStringConvertible {
    package var description: String {
        switch self {
        case .integer(let value): String(value)
        case .text(let text): text
        }
    }
}

/// What the file says about itself.
package struct NetworkMetadata: Sendable {
    /// `ir_version`.
    package var irVersion: Int = 0
    /// Operator set version by domain; the default domain is `""`.
    package var opsets: [String: Int] = [:]
    /// `producer_name` and `producer_version`, joined by a space.
    package var producer: String = ""
    /// `domain`.
    package var domain: String = ""
    /// `model_version`.
    package var modelVersion: Int64 = 0
    /// `doc_string`.
    package var documentation: String = ""
    /// The graph's name.
    package var graphName: String = ""
    /// `metadata_props`.
    package var properties: [String: String] = [:]
}
