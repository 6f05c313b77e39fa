/// Operators that run graphs or make values that are not tensors; the executor runs them itself.
enum ControlOperator {
    case branch, loop, scan, zipMap
    case sequence(SequenceOperator)
    case optional(OptionalOperator)

    /// The control operator of `node`, nil for a plain one.
    init?(_ node: GraphNode) {
        switch (node.domain, node.operatorName) {
        case ("", "If"): self = .branch
        case ("", "Loop"): self = .loop
        case ("", "Scan") where node.opset >= 9: self = .scan
        case ("ai.onnx.ml", "ZipMap"): self = .zipMap
        case ("", let name):
            if let operation = SequenceOperator(rawValue: name) {
                self = .sequence(operation)
            } else if let operation = OptionalOperator(rawValue: name) {
                self = .optional(operation)
            } else {
                return nil
            }
        default: return nil
        }
    }
}

/// ONNX's operators on sequences of tensors.
enum SequenceOperator: String {
    case construct = "SequenceConstruct"
    case empty = "SequenceEmpty"
    case insert = "SequenceInsert"
    case erase = "SequenceErase"
    case at = "SequenceAt"
    case length = "SequenceLength"
    case split = "SplitToSequence"
    case concatenate = "ConcatFromSequence"
    case map = "SequenceMap"
}

/// ONNX's operators on values that may be missing. An empty optional is no value at all; a full one is the
/// value inside it.
enum OptionalOperator: String {
    case wrap = "Optional"
    case hasElement = "OptionalHasElement"
    case element = "OptionalGetElement"
}
