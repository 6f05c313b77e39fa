import Glibc

/// The precision of a model's arithmetic (extension attribute `x-mathContext`).
///
/// 32-bit numbers are held in doubles and rounded after each operation: for sums, products and quotients that
/// gives exactly the 32-bit result.
enum MathContext: Sendable {
    case double, float

    /// The context with JPMML's name.
    init?(name: String?) {
        switch name {
        case nil, "double": self = .double
        case "float": self = .float
        default: return nil
        }
    }

    var isFloat: Bool { self == .float }

    /// Rounds to the context's precision.
    func rounded(_ value: Double) -> Double {
        self == .float ? Double(Float(value)) : value
    }

    /// An inverse link in the context's precision: each of the logistic function's steps is rounded.
    func inverse(_ link: InverseLink, _ x: Double) -> Double {
        guard self == .float, link == .logit else { return rounded(link.apply(x)) }
        return rounded(1 / rounded(1 + rounded(exponential(-x))))
    }

    /// A result in the context's type.
    func value(_ value: Double) -> Value {
        self == .float ? .float(Float(value)) : .double(value)
    }
}

/// `exp`, in one place for the models that use it.
func exponential(_ x: Double) -> Double { Glibc.exp(x) }

/// The inverse link functions shared by regression and general regression.
enum InverseLink: String, Sendable {
    case none, logit, exp, probit, cloglog, loglog, cauchit

    /// From the linear predictor to the mean.
    func apply(_ x: Double) -> Double {
        switch self {
        case .none: x
        case .logit: 1 / (1 + Glibc.exp(-x))
        case .exp: Glibc.exp(x)
        case .probit: Normal.cumulative(x)
        case .cloglog: 1 - Glibc.exp(-Glibc.exp(x))
        case .loglog: Glibc.exp(-Glibc.exp(-x))
        case .cauchit: 0.5 + Glibc.atan(x) / Double.pi
        }
    }
}
