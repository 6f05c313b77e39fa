/// A servable that has answered its own warm-up: the only kind that can become a version and be published.
package struct Warm<Servable: Sendable>: Sendable {
    package let servable: Servable

    /// Warms `cold` up; what `warmUp` throws is thrown on, and nothing warm exists then.
    package init<Failure: Error>(
        _ cold: Servable, warmUp: (Servable) throws(Failure) -> Void
    ) throws(Failure) {
        try warmUp(cold)
        servable = cold
    }
}
