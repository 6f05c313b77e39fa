import JSON
import ONNX
import Tensors

/// How far an output may be from the stored one.
struct ONNXTolerance {
    /// By element: `|d| <= absolute + relative * |expected|`.
    var absolute = 1e-5
    var relative = 1e-3
    /// Over the whole tensor, where set: `|d|2 / |expected|2`, and no element off by more than ten times that
    /// share of the largest.
    var relativeNorm: Double?
    /// Least relative tolerance of bfloat16: several rounded steps agree to two units in the last of 8 bits.
    /// Where one step rounds once, or none does, it is that of any other type.
    var halfRelative = 0x1p-6

    /// 0 for an exact result, 1 at the tolerance's edge, above 1 for a wrong one.
    func error(_ actual: [Double], _ expected: [Double]) -> Double {
        guard let relativeNorm else {
            return zip(actual, expected).reduce(0) { worst, pair in
                max(
                    worst,
                    distance(pair.0, pair.1) / (absolute + relative * (pair.1.isFinite ? abs(pair.1) : 0)))
            }
        }
        var (difference, norm, worst, largest) = (0.0, 0.0, 0.0, 0.0)
        for (a, e) in zip(actual, expected) {
            let d = distance(a, e)
            difference += d * d
            norm += e * e
            (worst, largest) = (max(worst, d), max(largest, abs(e)))
        }
        if difference == 0 { return 0 }
        guard norm > 0 else { return worst / absolute }
        return max((difference / norm).squareRoot() / relativeNorm, worst / (10 * relativeNorm * largest))
    }

    private func distance(_ a: Double, _ b: Double) -> Double {
        if a == b || (a.isNaN && b.isNaN) { return 0 }
        let distance = abs(a - b)
        return distance.isNaN ? .infinity : distance
    }
}

/// How an output compares with the stored one: an error as a share of the tolerance, or why it cannot be
/// compared.
enum ONNXVerdict {
    case close(Double)
    case wrong(String)
}

/// Compares an output with a stored tensor.
func compare(_ value: NetworkValue, with expected: Tensor, _ tolerance: ONNXTolerance) -> ONNXVerdict {
    guard let actual = value.tensor else { return .wrong("not a tensor") }
    guard actual.elementType == expected.elementType else {
        return .wrong("type \(actual.elementType), expected \(expected.elementType)")
    }
    guard actual.shape == expected.shape else {
        return .wrong("shape \(actual.shape), expected \(expected.shape)")
    }
    if actual.elementType == .string {
        return actual.strings == expected.strings ? .close(0) : .wrong("other strings")
    }
    var tolerance = tolerance
    if actual.elementType == .bfloat16 {
        tolerance.relative = max(tolerance.relative, tolerance.halfRelative)
    }
    let error = tolerance.error(actual.doubles(), expected.doubles())
    return error <= 1 ? .close(error) : .wrong("error \(error) times the tolerance")
}

/// Compares an output that is a sequence with stored tensors.
func compare(_ values: [NetworkValue], with expected: [Tensor], _ tolerance: ONNXTolerance) -> ONNXVerdict {
    guard values.count == expected.count else {
        return .wrong("\(values.count) elements, expected \(expected.count)")
    }
    var worst = 0.0
    for (value, tensor) in zip(values, expected) {
        switch compare(value, with: tensor, tolerance) {
        case .close(let error): worst = max(worst, error)
        case .wrong(let reason): return .wrong(reason)
        }
    }
    return .close(worst)
}

/// Compares a `ZipMap` output with the stored JSON: a list of objects from label to score.
func compare(_ value: NetworkValue, with expected: JSONElement, _ tolerance: ONNXTolerance) -> ONNXVerdict {
    guard case .sequence(let rows) = value else { return .wrong("not a sequence") }
    let wanted = Array(expected.elements)
    guard rows.count == wanted.count else { return .wrong("\(rows.count) rows, expected \(wanted.count)") }
    var (actual, stored): ([Double], [Double]) = ([], [])
    for (row, object) in zip(rows, wanted) {
        guard case .map(let scores) = row, scores.count == object.count else { return .wrong("another map") }
        for (label, score) in scores {
            guard let number = object[label.description]?.asDouble else { return .wrong("no label \(label)") }
            actual.append(Double(score))
            stored.append(number)
        }
    }
    let error = tolerance.error(actual, stored)
    return error <= 1 ? .close(error) : .wrong("error \(error) times the tolerance")
}
