import Tensors

/// `activation(tensor + residual)`: what the optimiser fuses behind a convolution or product.
/// - Throws: `KernelError` as `Add` and the activation's own operator do.
package func finish(
    _ tensor: Tensor, adding residual: Tensor?, activation: Activation?, in workspace: Workspace
) throws(KernelError) -> Tensor {
    let call = Invocation(inputs: [], attributes: Attributes(), opset: 20, outputCount: 1, workspace: workspace)
    var result = tensor
    if let residual { result = try call.combine(Addition(), result, residual) }
    if let activation { result = try call.map(activation, over: result) }
    return result
}
