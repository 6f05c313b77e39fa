/// Where the time of one request went, for the `Server-Timing` header (W3C Server Timing).
struct ServerTiming: Sendable {
    /// Nanoseconds of each stage.
    var parse: UInt64 = 0
    var queue: UInt64 = 0
    var infer: UInt64 = 0
    var encode: UInt64 = 0

    /// `parse;dur=0.021, queue;dur=...`, durations in milliseconds.
    var header: String {
        "parse;dur=\(Self.milliseconds(parse)), queue;dur=\(Self.milliseconds(queue)), "
            + "infer;dur=\(Self.milliseconds(infer)), encode;dur=\(Self.milliseconds(encode))"
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> String {
        let microseconds = nanoseconds / 1000
        let fraction = String(1000 + microseconds % 1000).dropFirst()
        return "\(microseconds / 1000).\(fraction)"
    }
}
