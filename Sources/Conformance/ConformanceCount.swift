/// How the cases of a corpus went.
package struct ConformanceCount: Sendable, Hashable {
    /// Cases whose every output was right.
    package var passed = 0
    /// Cases with a wrong output, or an error that is not a refusal.
    package var failed = 0
    /// Cases that need something which this build says it does not do.
    package var refused = 0

    /// Nothing counted.
    package init() {}

    /// The last line of a report.
    package var summary: String { "\(passed) passed, \(failed) failed, \(refused) refused" }
}
