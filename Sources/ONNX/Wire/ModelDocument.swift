import Kernels
import Tensors

/// A `ModelProto` as it stands in the file: the first stage of loading. Nothing in it has been checked but
/// its form.
struct ModelDocument {
    var metadata = NetworkMetadata()
    var graph = GraphDocument()
    var functions: [FunctionDocument] = []
}

/// A `GraphProto`.
struct GraphDocument {
    var name = ""
    var nodes: [NodeDocument] = []
    var initializers: [TensorDocument] = []
    var inputs: [PortDocument] = []
    var outputs: [PortDocument] = []
}

/// A `FunctionProto`: nodes to put in the place of a call.
struct FunctionDocument {
    var name = ""
    var domain = ""
    var inputs: [String] = []
    var outputs: [String] = []
    var nodes: [NodeDocument] = []
    var opsets: [String: Int] = [:]
    /// Default values of the function's attributes.
    var defaults: [AttributeDocument] = []
}

/// A `NodeProto`.
struct NodeDocument {
    var name = ""
    var operatorName = ""
    var domain = ""
    var inputs: [String] = []
    var outputs: [String] = []
    var attributes: [AttributeDocument] = []

    /// The node as messages name it.
    var title: String {
        name.isEmpty ? "\(operatorName) -> \(outputs.first ?? "")" : "\(name) (\(operatorName))"
    }
}

/// An `AttributeProto`.
struct AttributeDocument {
    /// What it holds.
    enum Value {
        case plain(AttributeValue)
        case tensor(TensorDocument)
        case graph(GraphDocument)
        /// `ref_attr_name`: the attribute of the enclosing function's call.
        case reference(String)
        /// A kind that no operator here takes.
        case other(String)
    }

    var name = ""
    var value = Value.other("nothing")
}

/// A `ValueInfoProto`.
struct PortDocument {
    var name = ""
    /// Code of the element type; of a sequence or map, that of its values.
    var dataType = 0
    var dims: [Dimension] = []
    var hasShape = false
    var kind = Port.Kind.tensor
    /// Whether the value may be missing (`TypeProto.Optional`).
    var isOptional = false
}
