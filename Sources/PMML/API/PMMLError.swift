/// A fault of a PMML document, with its place.
package struct Fault: Sendable, Hashable {
    /// Whether the document can be served all the same.
    package enum Severity: Sendable, Hashable {
        /// The document cannot be served.
        case error
        /// Only some rows will meet it, as errors of kind `modelFault`.
        case warning
    }

    /// Whether the document is refused for it.
    package let severity: Severity
    /// Line in the document, from 1; 0 where there is none.
    package let line: Int
    /// The element's name, such as `MiningField`.
    package let element: String
    /// What is wrong and what was expected, in one sentence.
    package let message: String
}

extension Fault: CustomStringConvertible {
    package var description: String {
        "line \(line), <\(element)>: \(message)"
    }
}

/// Why a PMML document cannot be served.
package enum PMMLError: Error, Sendable, Hashable {
    /// Every fault found, in the document's order.
    case invalid([Fault])
    /// The document's own verification records (`ModelVerification`) do not agree with the model.
    case verificationFailed(String)
}

extension PMMLError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalid(let faults):
            faults.map(\.description).joined(separator: "\n")
        case .verificationFailed(let reason):
            reason
        }
    }
}
