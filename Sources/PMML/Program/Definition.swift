/// How a slot gets its value when it is first asked for.
enum Definition: Sendable {
    /// Set by the evaluation before anything asks: inputs and function parameters.
    case given
    /// A derived field.
    case derived(DerivedField)
    /// A nested model's mining field over a field of the model around it.
    case treated(from: Int, TreatedField)
    /// An output of an earlier segment; asking before it is set means that the segment did not run.
    case published(String)
    /// Always this error: a name that the document does not define.
    case failing(EvaluationError)

    /// The name of a field that the document derives or treats.
    var name: String? {
        switch self {
        case .derived(let field): field.name
        case .treated(_, let field): field.name
        case .given, .published, .failing: nil
        }
    }
}

/// The compiled fields of one document: slots with their definitions.
final class Program: Sendable {
    let definitions: [Definition]
    /// Explicit orders of ordinal fields (`FieldValue.order`).
    let orders: [[Value]]
    /// How many model outcomes a frame keeps.
    let outcomeCount: Int

    init(definitions: [Definition], orders: [[Value]], outcomeCount: Int) {
        self.definitions = definitions
        self.orders = orders
        self.outcomeCount = outcomeCount
    }
}
