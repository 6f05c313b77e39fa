import Tensors

/// Why an operator could not be evaluated.
package enum KernelError: Error, Hashable {
    /// No such operator, or it has no form for these element types or this attribute.
    case unsupported(String)
    /// An input, attribute or shape breaks the operator's rules.
    case invalid(String)
    /// A result or its computation passes a limit.
    case tooLarge(String)
}

extension KernelError {
    /// An operator asked for an element that its tensor does not have.
    package static let wrongIndex = KernelError.invalid(
        "an index outside its tensor: the inputs do not fit each other")
}
