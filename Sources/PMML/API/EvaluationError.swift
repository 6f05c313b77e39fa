/// Why one row cannot be evaluated.
package struct EvaluationError: Error, Sendable, Hashable {
    /// What went wrong, as far as the caller can act on it.
    package enum Kind: Sendable, Hashable {
        /// A value outside the field's domain, or text that its data type cannot take.
        case invalidValue
        /// A value is needed and missing.
        case missingValue
        /// A value of the wrong type.
        case type
        /// The model gives no result for this row.
        case undefinedResult
        /// The document itself is at fault; only rows that reach the faulty part meet it.
        case modelFault
    }

    /// What went wrong, as far as a caller can act on it.
    package let kind: Kind
    /// The exception that JPMML-Evaluator raises here, such as `org.jpmml.evaluator.ValueCheckException`.
    package let javaClass: String
    package let message: String
    /// The field concerned, where there is one.
    package let field: String?

    init(_ kind: Kind, _ javaClass: String, _ message: String, field: String? = nil) {
        self.kind = kind
        self.javaClass = javaClass
        self.message = message
        self.field = field
    }
}

extension EvaluationError: CustomStringConvertible {
    /// As JPMML prints it in batch answers: class, colon, message.
    package var description: String { "\(javaClass): \(message)" }
}
