import Glibc

/// PMML element `ComparisonMeasure`: how far apart, or how alike, two rows are.
enum Measure: Sendable {
    case euclidean, squaredEuclidean, chebychev, cityBlock
    case minkowski(Double)
    /// Weights of the counts 11, 10, 01 and 00 above and below the line.
    case similarity(above: [Double], below: [Double])

    /// Attribute `compareFunction`.
    enum Comparison: Sendable {
        case absDiff
        case gaussSim(scale: Double)
        case delta, equal
        /// The document is at fault: rows that have the field fail.
        case failing(EvaluationError)
    }

    /// One field that takes part.
    struct Field: Sendable {
        let slot: Int
        let weight: Double
        let comparison: Comparison
    }

    /// Whether the smallest value is the best.
    var isDistance: Bool {
        if case .similarity = self { return false }
        return true
    }

    /// The distance or similarity of a row's values and constants.
    func compare(
        _ values: [FieldValue], _ constants: [Operand], _ fields: [Field], adjustment: Double
    ) throws(EvaluationError) -> Double {
        if case .similarity(let above, let below) = self {
            return try Measure.similarity(values, constants, above: above, below: below)
        }
        var sum = 0.0
        for (index, field) in fields.enumerated() {
            guard index < values.count, index < constants.count, !values[index].isMissing else { continue }
            let d = try Measure.difference(values[index], constants[index], field.comparison)
            switch self {
            case .euclidean, .squaredEuclidean: sum += field.weight * (d * d)
            case .chebychev:
                let term = field.weight * d
                // A NaN stays, as with Java's `max`.
                if term > sum || term.isNaN { sum = term }
            case .cityBlock: sum += field.weight * d
            case .minkowski(let p): sum += field.weight * Glibc.pow(d, p)
            case .similarity: break
            }
        }
        return finished(sum * adjustment)
    }

    /// The distance of an adjusted sum.
    func finished(_ sum: Double) -> Double {
        switch self {
        case .euclidean: sum.squareRoot()
        case .minkowski(let p): Glibc.pow(sum, 1 / p)
        case .squaredEuclidean, .chebychev, .cityBlock, .similarity: sum
        }
    }

    private static func difference(
        _ value: FieldValue, _ constant: Operand, _ comparison: Comparison
    ) throws(EvaluationError) -> Double {
        switch comparison {
        case .absDiff: return abs(try difference(value, constant))
        case .gaussSim(let scale):
            let z = try difference(value, constant)
            return exponential(-Glibc.log(2) * (z * z) / (scale * scale))
        case .delta: return try constant.equals(value) ? 0 : 1
        case .equal: return try constant.equals(value) ? 1 : 0
        case .failing(let error): throw error
        }
    }

    private static func difference(
        _ value: FieldValue, _ constant: Operand
    ) throws(EvaluationError) -> Double {
        guard let x = try value.value.converted(to: .double).number else {
            throw .type(expected: "java.lang.Number", actual: value.value.typeName)
        }
        guard let y = constant.number else { throw .notANumber(constant.text) }
        return x - y
    }

    private static func similarity(
        _ values: [FieldValue], _ constants: [Operand], above: [Double], below: [Double]
    ) throws(EvaluationError) -> Double {
        var counts = [0.0, 0.0, 0.0, 0.0]
        for (value, constant) in zip(values, constants) {
            if value.isMissing {
                throw EvaluationError(
                    .modelFault, "java.lang.NullPointerException",
                    "Cannot invoke \"org.jpmml.evaluator.FieldValue.equalsValue(Object)\" "
                        + "because \"value\" is null")
            }
            let x = try bit(try value.value.cast(to: .double).number)
            let y = try bit(constant.number)
            counts[x ? (y ? 0 : 1) : (y ? 2 : 3)] += 1
        }
        var top = 0.0
        var bottom = 0.0
        for index in 0..<4 {
            top += above[index] * counts[index]
            bottom += below[index] * counts[index]
        }
        guard bottom != 0 else {
            throw EvaluationError(
                .undefinedResult, "org.jpmml.evaluator.UndefinedResultException", "Undefined result")
        }
        return top / bottom
    }

    private static func bit(_ number: Double?) throws(EvaluationError) -> Bool {
        guard let number, number == 0 || number == 1 else {
            throw .evaluation("Expected 0 or 1")
        }
        return number == 1
    }

    /// How much a distance is scaled up for the fields that are missing: all weights over the present ones.
    static func adjustment(
        _ values: [FieldValue], _ weights: [Double]
    ) throws(EvaluationError) -> Double {
        var all = 0.0
        var present = 0.0
        for (value, weight) in zip(values, weights) {
            all += weight
            if !value.isMissing { present += weight }
        }
        guard present != 0 else {
            throw EvaluationError(
                .undefinedResult, "org.jpmml.evaluator.UndefinedResultException", "Undefined result")
        }
        return all / present
    }
}

extension Measure {
    /// Compiles a `ComparisonMeasure` element.
    init(_ element: Element) throws(Fault) {
        let names = [
            "euclidean", "squaredEuclidean", "chebychev", "cityBlock", "minkowski", "simpleMatching",
            "jaccard",
            "tanimoto", "binarySimilarity",
        ]
        guard let child = element.children.first(where: { names.contains($0.name) }) else {
            throw element.fault("a measure is required")
        }
        switch child.name {
        case "euclidean": self = .euclidean
        case "squaredEuclidean": self = .squaredEuclidean
        case "chebychev": self = .chebychev
        case "cityBlock": self = .cityBlock
        case "minkowski":
            guard let p = try child.number("p-parameter") else {
                throw child.fault("attribute p-parameter is required")
            }
            self = .minkowski(p)
        case "simpleMatching": self = .similarity(above: [1, 0, 0, 1], below: [1, 1, 1, 1])
        case "jaccard": self = .similarity(above: [1, 0, 0, 0], below: [1, 1, 1, 0])
        case "tanimoto": self = .similarity(above: [1, 0, 0, 1], below: [1, 2, 2, 1])
        default:
            self = .similarity(above: try Measure.counts(child, "c"), below: try Measure.counts(child, "d"))
        }
    }

    private static func counts(_ element: Element, _ letter: String) throws(Fault) -> [Double] {
        var numbers: [Double] = []
        for pair in ["11", "10", "01", "00"] {
            guard let number = try element.number("\(letter)\(pair)-parameter") else {
                throw element.fault("attribute \(letter)\(pair)-parameter is required")
            }
            numbers.append(number)
        }
        return numbers
    }
}

extension Measure.Comparison {
    /// Compiles the comparison of one field, or the measure's own.
    init(_ field: Element, measure: Element, _ compiler: Compiler) throws(Fault) {
        let name = field["compareFunction"] ?? measure["compareFunction"] ?? "absDiff"
        switch name {
        case "absDiff": self = .absDiff
        case "gaussSim":
            if let scale = try field.number("similarityScale") {
                self = .gaussSim(scale: scale)
            } else {
                compiler.report(field.warning("attribute similarityScale is required"))
                self = .failing(.invalidElement(field.name))
            }
        case "delta": self = .delta
        case "equal": self = .equal
        default:
            compiler.report(field.warning("compareFunction \"\(name)\" is not supported"))
            self = .failing(.unsupportedAttribute(field.name, "compareFunction", name))
        }
    }
}
