/// Operators that run graphs or make values that are not tensors; the executor runs them itself.
enum ControlOperator {
    case branch, loop, scan, zipMap

    /// The control operator of `node`, nil for a plain one.
    init?(_ node: GraphNode) {
        switch (node.domain, node.operatorName) {
        case ("", "If"): self = .branch
        case ("", "Loop"): self = .loop
        case ("", "Scan") where node.opset >= 9: self = .scan
        case ("ai.onnx.ml", "ZipMap"): self = .zipMap
        default: return nil
        }
    }
}
