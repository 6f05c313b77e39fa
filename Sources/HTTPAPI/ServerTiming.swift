/// Where the time of one request went, for the `Server-Timing` header (W3C Server Timing).
struct ServerTiming: Sendable {
    /// Nanoseconds of each stage.
    var parse: UInt64 = 0
    var queue: UInt64 = 0
    var infer: UInt64 = 0
    var encode: UInt64 = 0

    /// `parse;dur=0.021, queue;dur=...`, durations in milliseconds.
    var header: String {
        var text = "parse;dur="
        text.reserveCapacity(96)
        Self.append(parse, to: &text)
        text += ", queue;dur="
        Self.append(queue, to: &text)
        text += ", infer;dur="
        Self.append(infer, to: &text)
        text += ", encode;dur="
        Self.append(encode, to: &text)
        return text
    }

    private static func append(_ nanoseconds: UInt64, to text: inout String) {
        let microseconds = nanoseconds / 1000
        let fraction = microseconds % 1000
        text += String(microseconds / 1000)
        text += fraction < 10 ? ".00" : fraction < 100 ? ".0" : "."
        text += String(fraction)
    }
}
