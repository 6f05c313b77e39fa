import Glibc

/// `key=value` pairs; a value with a space, quote or control character is quoted.
func logfmtLine(_ fields: [(String, String)]) -> String {
    fields.map { key, value in
        let plain =
            !value.isEmpty && value.unicodeScalars.allSatisfy { $0.value > 32 && $0 != "\"" && $0 != "=" }
        return plain ? "\(key)=\(value)" : "\(key)=\(quoted(value))"
    }.joined(separator: " ") + "\n"
}

/// One JSON object (RFC 8259) whose values are all strings.
func jsonLine(_ fields: [(String, String)]) -> String {
    "{" + fields.map { key, value in "\(quoted(key)):\(quoted(value))" }.joined(separator: ",") + "}\n"
}

/// A JSON string: quotes, backslashes and control characters escaped.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case _ where scalar.value < 32:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// The wall clock as RFC 3339 in UTC with milliseconds.
func timestamp() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let milliseconds = String(1000 + now.tv_nsec / 1_000_000).dropFirst()
    let day = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    return "\(day)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(milliseconds)Z"
}
