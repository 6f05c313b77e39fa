import HTTP1

/// Where the time of one request went, for the `Server-Timing` header (W3C Server Timing).
struct ServerTiming: Sendable {
    /// Nanoseconds of each stage.
    var parse: UInt64 = 0
    var queue: UInt64 = 0
    var infer: UInt64 = 0
    var encode: UInt64 = 0

    /// Appends the header's value: `parse;dur=0.021, queue;dur=...`, durations in milliseconds.
    func write(to bytes: inout [UInt8]) {
        Self.append("parse;dur=", parse, to: &bytes)
        Self.append(", queue;dur=", queue, to: &bytes)
        Self.append(", infer;dur=", infer, to: &bytes)
        Self.append(", encode;dur=", encode, to: &bytes)
    }

    private static func append(_ name: StaticString, _ nanoseconds: UInt64, to bytes: inout [UInt8]) {
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        let microseconds = nanoseconds / 1000
        appendDecimal(Int(clamping: microseconds / 1000), to: &bytes)
        let fraction = UInt16(truncatingIfNeeded: microseconds % 1000)
        bytes.append(UInt8(ascii: "."))
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / 100))
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / 10 % 10))
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction % 10))
    }
}
