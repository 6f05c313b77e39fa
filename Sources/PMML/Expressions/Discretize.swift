/// PMML element `Interval`.
struct Interval: Sendable {
    let left: Double?
    let right: Double?
    let isLeftClosed: Bool
    let isRightClosed: Bool

    /// Whether `x` lies within.
    func contains(_ x: Double) -> Bool {
        if x.isNaN { return false }
        if let left, isLeftClosed ? x < left : x <= left { return false }
        if let right, isRightClosed ? x > right : x >= right { return false }
        return true
    }
}

/// PMML element `Discretize`: the bin value of the interval that holds the number.
struct Discretize: Expression {
    let slot: Int
    let bins: [(interval: Interval, value: Literal)]
    let defaultValue: Literal?
    let mapMissingTo: Literal?

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        let value = try frame.value(slot)
        if value.isMissing { return try mapMissingTo?.get() ?? .missing }
        guard let x = try value.value.converted(to: .double).number else { return .missing }
        // Where bins overlap, the later one counts.
        return try (bins.last { $0.interval.contains(x) }?.value ?? defaultValue)?.get() ?? .missing
    }
}
