import JSON
import PMML

/// An answer held against the expected line of the corpus.
struct PMMLComparison {
    enum Verdict {
        case passed, beyond
        case failed(String)
    }

    let verdict: Verdict

    init(answer: Result<Results, EvaluationError>, expected: JSONElement?, types: JSONElement?) {
        guard let expected else {
            verdict = .failed("the expected line is not JSON")
            return
        }
        if let error = expected["error"] {
            verdict = PMMLComparison.compare(answer, error: error)
        } else if let results = expected["results"] {
            verdict = PMMLComparison.compare(answer, results: results, types)
        } else {
            verdict = .failed("the expected line has neither results nor error")
        }
    }

    private static func compare(_ answer: Result<Results, EvaluationError>, error: JSONElement) -> Verdict {
        let name = error["class"]?.asString ?? ""
        let expected = kind(of: name)
        switch answer {
        case .success(let results):
            return expected == .modelFault
                ? .beyond : .failed("\(text(results)), expected \(name): \(error["message"]?.asString ?? "")")
        case .failure(let actual):
            return actual.kind == expected
                ? .passed : .failed("\(actual), expected \(name): \(error["message"]?.asString ?? "")")
        }
    }

    private static func compare(
        _ answer: Result<Results, EvaluationError>, results expected: JSONElement, _ types: JSONElement?
    ) -> Verdict {
        let results: Results
        switch answer {
        case .failure(let error): return .failed("\(error), expected results")
        case .success(let actual): results = actual
        }
        var count = 0
        for (name, value) in expected.members {
            count += 1
            guard let actual = results[name.string] else {
                return .failed("no \(name.string): \(text(results))")
            }
            let isFloat = types?[name.string]?.elements.contains { $0.asString == "Float" } ?? false
            guard agree(actual, value, isFloat: isFloat) else {
                return .failed("\(name.string) is \(actual), expected \(text(value))")
            }
        }
        guard count == results.fields.count else {
            return .failed("more fields than expected: \(text(results))")
        }
        return .passed
    }

    private static func text(_ results: Results) -> String {
        results.fields.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }

    private static func text(_ value: JSONElement) -> String {
        switch value.kind {
        case .null: "null"
        case .boolean: "\(value.asBoolean ?? false)"
        case .number: "\(value.asDouble ?? .nan)"
        case .string: "\"\(value.asString ?? "")\""
        case .array: "[" + value.elements.map { text($0) }.joined(separator: ", ") + "]"
        case .object: "{}"
        }
    }

    private static func agree(_ actual: ResultValue, _ expected: JSONElement, isFloat: Bool) -> Bool {
        switch actual {
        case .missing: return expected.isNull
        case .double(let number): return agree(number, expected, tolerance: isFloat ? 1e-5 : 1e-9)
        case .float(let number): return agree(Double(number), expected, tolerance: 1e-5)
        case .integer(let number): return agree(Double(number), expected, tolerance: 1e-9)
        case .boolean(let flag): return expected.asBoolean == flag
        case .text(let text): return agree(text, expected)
        case .list(let values):
            guard expected.kind == .array, expected.count == values.count else { return false }
            return zip(values, expected.elements).allSatisfy { agree($0, $1, isFloat: isFloat) }
        }
    }

    private static func agree(_ number: Double, _ expected: JSONElement, tolerance: Double) -> Bool {
        if let text = expected.asString {
            return text == "NaN" ? number.isNaN : number == (text == "Infinity" ? .infinity : -.infinity)
        }
        guard let expected = expected.asDouble else { return false }
        return abs(number - expected) <= 1e-12 + tolerance * abs(expected) || number == expected
    }

    private static func agree(_ text: String, _ expected: JSONElement) -> Bool {
        guard let expected = expected.asString else { return false }
        return expected == text || agree(date: text, expected)
    }

    /// The reference prints a date as its Java identity, whose number is made of year, month and day.
    private static func agree(date: String, _ expected: String) -> Bool {
        let mark = "org.jpmml.model.temporals.Date@"
        guard expected.hasPrefix(mark), let hash = Int(expected.dropFirst(mark.count), radix: 16) else {
            return false
        }
        let parts = date.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3 else { return false }
        return hash == (parts[0] & ~0x7FF) ^ ((parts[0] << 11) + (parts[1] << 6) + parts[2])
    }

    /// The kind of an exception of the reference (the corpus README's table).
    private static func kind(of javaClass: String) -> EvaluationError.Kind {
        switch javaClass.split(separator: ".").last {
        case "ValueCheckException", "NumberFormatException", "OutOfRangeException",
            "DuplicateFieldValueException":
            .invalidValue
        case "MissingArgumentException", "MissingFieldValueException": .missingValue
        case "TypeCheckException", "IllegalArgumentException", "ApplyException", "InvalidArgumentException":
            .type
        case "UndefinedResultException", "ArithmeticException", "EvaluationException": .undefinedResult
        default: .modelFault
        }
    }
}
