extension FunctionBody {
    /// Functions over text.
    static func textual(_ name: String) -> FunctionBody? {
        switch name {
        case "uppercase": return mapped(name) { $0.uppercased() }
        case "lowercase": return mapped(name) { $0.lowercased() }
        case "trimBlanks": return mapped(name, trimmed)
        case "stringLength":
            return .unary { (a) throws(EvaluationError) in
                .integer(Int32(clamping: try text(a, name, 0).utf16.count))
            }
        case "concat":
            return .variadic(atLeast: 2, atMost: .max) { (arguments, _) throws(EvaluationError) in
                var joined = ""
                for (position, argument) in arguments.enumerated() where !argument.isMissing {
                    joined += try text(argument, name, position)
                }
                return .text(joined)
            }
        case "substring":
            return .variadic(atLeast: 3, atMost: 3) { (arguments, _) throws(EvaluationError) in
                .text(try substring(arguments, name))
            }
        case "matches":
            return .binary { (a, b) throws(EvaluationError) in
                try present([a, b], name)
                let subject = try text(a, name, 0)
                return .boolean(try Pattern.cached(try text(b, name, 1)).isFound(in: subject))
            }
        case "replace":
            return .variadic(atLeast: 3, atMost: 3) { (arguments, _) throws(EvaluationError) in
                try present(arguments, name)
                let subject = try text(arguments[0], name, 0)
                let pattern = try Pattern.cached(try text(arguments[1], name, 1))
                return .text(try pattern.replaced(in: subject, with: try text(arguments[2], name, 2)))
            }
        case "formatNumber":
            return .binary { (a, b) throws(EvaluationError) in
                try present([a, b], name)
                let number = a.value.number == nil ? .double(try numeric(a.value)) : a.value
                return .text(try NumberFormat.text(number, format: try text(b, name, 1)))
            }
        default: return nil
        }
    }

    private static func mapped(
        _ name: String, _ function: @escaping @Sendable (String) -> String
    ) -> FunctionBody {
        .unary { (a) throws(EvaluationError) in .text(function(try text(a, name, 0))) }
    }

    /// Without control characters and blanks at both ends, as `java.lang.String.trim`.
    private static func trimmed(_ text: String) -> String {
        var body = text[...]
        while let first = body.unicodeScalars.first, first.value <= 0x20 { body.unicodeScalars.removeFirst() }
        while let last = body.unicodeScalars.last, last.value <= 0x20 { body.unicodeScalars.removeLast() }
        return String(body)
    }

    /// PMML counts positions from 1; a length past the end takes what is there.
    private static func substring(_ arguments: [FieldValue], _ name: String) throws(EvaluationError) -> String
    {
        try present(arguments, name)
        let units = Array(try text(arguments[0], name, 0).utf16)
        let position = try integer(arguments[1], name, 1)
        let length = try integer(arguments[2], name, 2)
        guard position > 0 else {
            throw .invalidArgument(
                name, "cannot accept \"startPos\" value of \(position). Must be greater than 0")
        }
        guard length >= 0 else {
            throw .invalidArgument(
                name, "cannot accept \"length\" value of \(length). Must be equal to or greater than 0")
        }
        let start = min(position - 1, units.count)
        let end = min(start + length, units.count)
        return String(decoding: units[start..<end], as: UTF16.self)
    }
}
