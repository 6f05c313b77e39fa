import Glibc

/// Moments as Openscoring prints them.
package enum Timestamp {
    /// `2026-11-23T03:54:24.035+00:00` from milliseconds since 1970, UTC.
    package static func text(milliseconds: Int64) -> String {
        let milli = (milliseconds % 1000 + 1000) % 1000
        var moment = time_t(milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0))
        var parts = tm()
        gmtime_r(&moment, &parts)
        let year = padded(Int(parts.tm_year) + 1900, 4)
        let date = "\(year)-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
        return "\(date)T\(clock.joined(separator: ":")).\(padded(Int(milli), 3))+00:00"
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
