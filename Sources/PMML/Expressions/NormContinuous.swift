/// How values outside a known range are treated (attribute `outliers`).
enum OutlierTreatment: Sendable {
    case asIs, asMissingValues, asExtremeValues

    /// The treatment with PMML's name.
    init?(name: String?) {
        switch name {
        case nil, "asIs": self = .asIs
        case "asMissingValues": self = .asMissingValues
        case "asExtremeValues": self = .asExtremeValues
        default: return nil
        }
    }
}

/// PMML element `NormContinuous`: piecewise linear interpolation through `LinearNorm` points.
struct NormContinuous: Expression {
    let slot: Int
    let points: [(orig: Double, norm: Double)]
    let outliers: OutlierTreatment
    let mapMissingTo: Value?

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        let value = try frame.value(slot)
        if value.isMissing { return mapMissingTo.map { FieldValue($0, .continuous) } ?? .missing }
        guard let x = try value.value.converted(to: .double).number else { return .missing }
        return normalised(x).map { FieldValue(.double($0), .continuous) } ?? .missing
    }

    /// The normalised number; nil where an outlier counts as missing.
    func normalised(_ x: Double) -> Double? {
        guard let first = points.first, let last = points.last, points.count > 1 else { return nil }
        if x < first.orig || x > last.orig || x.isNaN {
            switch outliers {
            case .asMissingValues: return nil
            case .asExtremeValues: return x < first.orig ? first.norm : last.norm
            case .asIs:
                return x < first.orig
                    ? interpolate(x, first, points[1]) : interpolate(x, points[points.count - 2], last)
            }
        }
        let upper = points.dropFirst().firstIndex { x <= $0.orig } ?? points.count - 1
        return interpolate(x, points[upper - 1], points[upper])
    }

    private func interpolate(
        _ x: Double, _ a: (orig: Double, norm: Double), _ b: (orig: Double, norm: Double)
    ) -> Double {
        a.norm + (x - a.orig) / (b.orig - a.orig) * (b.norm - a.norm)
    }

    /// The value whose normal form is `y` (used on neural outputs).
    func denormalised(_ y: Double) -> Double? {
        guard let first = points.first, let last = points.last, points.count > 1 else { return nil }
        let rising = last.norm >= first.norm
        let below = rising ? y < first.norm : y > first.norm
        let above = rising ? y > last.norm : y < last.norm
        if below || above {
            switch outliers {
            case .asMissingValues: return nil
            case .asExtremeValues: return below ? first.orig : last.orig
            case .asIs:
                return below
                    ? invert(y, first, points[1]) : invert(y, points[points.count - 2], last)
            }
        }
        let upper =
            points.dropFirst().firstIndex { rising ? y <= $0.norm : y >= $0.norm } ?? points.count - 1
        return invert(y, points[upper - 1], points[upper])
    }

    private func invert(
        _ y: Double, _ a: (orig: Double, norm: Double), _ b: (orig: Double, norm: Double)
    ) -> Double {
        a.orig + (y - a.norm) / (b.norm - a.norm) * (b.orig - a.orig)
    }
}

/// PMML element `NormDiscrete`: 1 where the field has the value, else 0.
struct NormDiscrete: Expression {
    let slot: Int
    let category: Operand
    let mapMissingTo: Value?

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        let value = try frame.value(slot)
        if value.isMissing { return mapMissingTo.map { FieldValue($0, .continuous) } ?? .missing }
        return FieldValue(.double(try category.equals(value) ? 1 : 0), .continuous)
    }
}
