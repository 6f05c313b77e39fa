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
        "line \(line), <\(element)>: \(message)\(severity == .warning ? " (warning)" : "")"
    }
}

/// Why a PMML document cannot be served.
package enum PMMLError: Error, Sendable, Hashable {
    /// Every fault found, by line: at least one error, and the warnings that go with it.
    case invalid([Fault])
    /// The file cannot be read; `code` is the `errno`.
    case unreadable(String, code: Int32)
    /// The document's own verification records (`ModelVerification`) do not agree with the model.
    case verificationFailed(String)
}

extension PMMLError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalid(let faults):
            FaultList.printed(faults).joined(separator: "\n")
        case .unreadable(let path, let code):
            "\(path) cannot be read: error \(code)"
        case .verificationFailed(let reason):
            reason
        }
    }
}
