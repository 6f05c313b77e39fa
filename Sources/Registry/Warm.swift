/// A servable that has answered its own warm-up: the only kind that can become a version and be published.
package struct Warm<Servable: Sendable>: Sendable {
    package let servable: Servable
    /// What the warm-up measured: nanoseconds of a batch of one row.
    package let cost: UInt64

    /// Warms `cold` up; what `warmUp` throws is thrown on, and nothing warm exists then.
    /// - Parameter warmUp: returns the nanoseconds that a batch of one row took.
    package init<Failure: Error>(
        _ cold: Servable, warmUp: (Servable) throws(Failure) -> UInt64
    ) throws(Failure) {
        cost = try warmUp(cold)
        servable = cold
    }
}
