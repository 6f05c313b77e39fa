import Glibc
import Tensors

/// The activation functions that a convolution or GEMM may carry out on its result (`Activation.apply` is the
/// reference; the parameters are the ONNX attributes).
package enum Activation: Sendable, Hashable {
    case relu
    case leakyRelu(alpha: Float)
    case clip(low: Float, high: Float)
    case sigmoid
    case tanh
    /// Exact, by `erf`.
    case gelu
    /// By `tanh` (`approximate = "tanh"`).
    case geluTanh
    case hardSigmoid(alpha: Float, beta: Float)
    case hardSwish
    /// `x * sigmoid(alpha * x)`; SiLU where alpha is 1.
    case swish(alpha: Float)
    case elu(alpha: Float)
    case softplus
    case mish
}

extension Activation: RealFunction {
    func apply<Value: Real>(_ x: Value) -> Value {
        switch self {
        case .relu: x > 0 || x.isNaN ? x : 0
        case .leakyRelu(let alpha): x < 0 ? x * Value(alpha) : x
        case .clip(let low, let high): Value.smaller(Value.larger(x, Value(low)), Value(high))
        case .sigmoid: logistic(x)
        case .tanh: Value.hyperbolicTangent(x)
        case .gelu: x * (1 + Value.errorFunction(x * Value(0.7071067811865476))) / 2
        case .geluTanh:
            x * (1 + Value.hyperbolicTangent(Value(0.7978845608028654) * (x + Value(0.044715) * x * x * x)))
                / 2
        case .hardSigmoid(let alpha, let beta):
            Value.larger(0, Value.smaller(1, Value(alpha) * x + Value(beta)))
        case .hardSwish: x * Value.larger(0, Value.smaller(1, x / 6 + Value(0.5)))
        case .swish(let alpha): x * logistic(Value(alpha) * x)
        case .elu(let alpha): x < 0 ? Value(alpha) * (Value.exponential(x) - 1) : x
        case .softplus: softened(x)
        case .mish: x * Value.hyperbolicTangent(softened(x))
        }
    }
}

/// `1 / (1 + exp(-x))`, without overflow.
func logistic<Value: Real>(_ x: Value) -> Value {
    if x >= 0 { return 1 / (1 + Value.exponential(-x)) }
    let grown = Value.exponential(x)
    return grown / (1 + grown)
}

/// `log(1 + exp(x))`, without overflow.
func softened<Value: Real>(_ x: Value) -> Value {
    Value.larger(x, 0) + Value.logarithm(1 + Value.exponential(-abs(x)))
}

private struct Celu: RealFunction {
    let alpha: Float
    func apply<Value: Real>(_ x: Value) -> Value {
        let alpha = Value(self.alpha)
        return Value.larger(0, x) + Value.smaller(0, alpha * (Value.exponential(x / alpha) - 1))
    }
}

private struct Selu: RealFunction {
    let alpha: Float
    let gamma: Float
    func apply<Value: Real>(_ x: Value) -> Value {
        x > 0 ? Value(gamma) * x : Value(gamma) * Value(alpha) * (Value.exponential(x) - 1)
    }
}

private struct Softsign: RealFunction {
    func apply<Value: Real>(_ x: Value) -> Value { x / (1 + abs(x)) }
}

private struct ThresholdedRelu: RealFunction {
    let alpha: Float
    func apply<Value: Real>(_ x: Value) -> Value { x > Value(alpha) ? x : 0 }
}

private struct Shrink: RealFunction {
    let bias: Float
    let lambda: Float
    func apply<Value: Real>(_ x: Value) -> Value {
        if x < -Value(lambda) { return x + Value(bias) }
        return x > Value(lambda) ? x - Value(bias) : 0
    }
}

private struct NumberRelu: NumberFunction {
    func apply<Value: Number>(_ x: Value) -> Value { Value.larger(x, Value.zero) }
}

extension Invocation {
    /// `SwiGLU` (opset 28): the second input times the swish of the first.
    fileprivate func gate() throws(KernelError) -> [Tensor] {
        let (a, b) = (try input(0), try input(1))
        guard a.shape == b.shape else { throw .invalid("a gate \(a.shape) for \(b.shape)") }
        let swish = Activation.swish(alpha: try attributes.float("alpha", default: 1))
        return [try combine(Multiplication(), try map(swish, over: a), b)]
    }
}

/// ONNX's activation operators.
let activationOperators: [String: OperatorFunction] = [
    "Relu": { call throws(KernelError) in try call.mapNumbers(NumberRelu()) },
    "LeakyRelu": { call throws(KernelError) in
        try call.map(Activation.leakyRelu(alpha: try call.attributes.float("alpha", default: 0.01)))
    },
    "Sigmoid": { call throws(KernelError) in try call.map(Activation.sigmoid) },
    "Tanh": { call throws(KernelError) in try call.map(Activation.tanh) },
    "Gelu": { call throws(KernelError) in
        let approximate = try call.attributes.text("approximate", default: "none") == "tanh"
        return try call.map(approximate ? Activation.geluTanh : .gelu)
    },
    "HardSigmoid": { call throws(KernelError) in
        try call.map(
            Activation.hardSigmoid(
                alpha: try call.attributes.float("alpha", default: 0.2),
                beta: try call.attributes.float("beta", default: 0.5)))
    },
    "HardSwish": { call throws(KernelError) in try call.map(Activation.hardSwish) },
    "Swish": { call throws(KernelError) in
        try call.map(Activation.swish(alpha: try call.attributes.float("alpha", default: 1)))
    },
    "SwiGLU": { call throws(KernelError) in try call.gate() },
    "Elu": { call throws(KernelError) in
        try call.map(Activation.elu(alpha: try call.attributes.float("alpha", default: 1)))
    },
    "Softplus": { call throws(KernelError) in try call.map(Activation.softplus) },
    "Mish": { call throws(KernelError) in try call.map(Activation.mish) },
    "Celu": { call throws(KernelError) in
        try call.map(Celu(alpha: try call.attributes.float("alpha", default: 1)))
    },
    "Selu": { call throws(KernelError) in
        try call.map(
            Selu(
                alpha: try call.attributes.float("alpha", default: 1.67326319217681884765625),
                gamma: try call.attributes.float("gamma", default: 1.05070102214813232421875)))
    },
    "Softsign": { call throws(KernelError) in try call.map(Softsign()) },
    "ThresholdedRelu": { call throws(KernelError) in
        try call.map(ThresholdedRelu(alpha: try call.attributes.float("alpha", default: 1)))
    },
    "Shrink": { call throws(KernelError) in
        try call.map(
            Shrink(
                bias: try call.attributes.float("bias", default: 0),
                lambda: try call.attributes.float("lambd", default: 0.5)))
    },
]
