/// One value of an answer.
package enum ResultValue: Sendable, Hashable {
    case missing
    case double(Double)
    /// A 32-bit result (`dataType="float"` or `x-mathContext="float"`): print its shortest float text.
    case float(Float)
    case integer(Int64)
    case boolean(Bool)
    case text(String)
    case list([ResultValue])
}

/// The names of an answer's fields, shared by all answers of one evaluator.
package final class ResultLayout: Sendable {
    /// Target fields first, then output fields, in the document's order.
    package let names: [String]

    init(names: [String]) {
        self.names = names
    }
}

/// The answer for one row: targets, then the final output fields, in the document's order.
///
/// A missing target drops every output field, so that `values` may be shorter than `layout.names`.
package struct Results: Sendable {
    /// Names by position.
    package let layout: ResultLayout
    /// Values by position; never more than there are names.
    package let values: [ResultValue]

    init(layout: ResultLayout, values: [ResultValue]) {
        self.layout = layout
        self.values = values
    }

    /// Names with their values, in order.
    package var fields: [(name: String, value: ResultValue)] {
        values.indices.map { (layout.names[$0], values[$0]) }
    }

    /// The value of the field called `name`, or nil where the answer has no such field.
    package subscript(name: String) -> ResultValue? {
        layout.names.prefix(values.count).firstIndex(of: name).map { values[$0] }
    }
}
