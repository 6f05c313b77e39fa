/// A value with the operational type that governs how it compares.
struct FieldValue: Sendable {
    var value: Value
    var opType: OpType
    /// False for a value outside its field's domain that the mining schema lets pass (`asIs`).
    var isValid = true
    /// Number of the explicit order of an ordinal field's values (`Program.orders`), from 1; 0 for none.
    var order: UInt16

    init(_ value: Value, _ opType: OpType, order: UInt16 = 0) {
        self.value = value
        self.opType = opType
        self.order = order
    }

    /// A value that no field declares: its operational type follows from its data type.
    init(_ value: Value) {
        self.init(value, value.dataType?.naturalOpType ?? .categorical)
    }

    static let missing = FieldValue(.missing, .categorical)

    var isMissing: Bool { value.isMissing }
}
