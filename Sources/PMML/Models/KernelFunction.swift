import Glibc

/// The kernels of support vector machines: how alike a row and a support vector are.
enum KernelFunction: Sendable {
    /// PMML element `LinearKernelType`.
    case linear
    /// PMML element `PolynomialKernelType`.
    case polynomial(gamma: Double, constant: Double, degree: Double)
    /// PMML element `RadialBasisKernelType`.
    case radial(gamma: Double)
    /// PMML element `SigmoidKernelType`.
    case sigmoid(gamma: Double, constant: Double)

    /// The kernel of `x` with every vector of the table.
    func apply(_ x: [Double], _ table: VectorTable, _ math: MathContext) -> [Double] {
        var values = math.isFloat ? folded32(x, table) : folded(x, table)
        switch self {
        case .linear: break
        case .polynomial(let gamma, let constant, let degree):
            for index in values.indices {
                let base = affine(gamma, values[index], constant, math)
                values[index] = math.rounded(Glibc.pow(base, degree))
            }
        case .radial(let gamma):
            let scale = math.rounded(-gamma)
            for index in values.indices {
                values[index] = math.rounded(exponential(math.rounded(scale * values[index])))
            }
        case .sigmoid(let gamma, let constant):
            for index in values.indices {
                values[index] = math.rounded(Glibc.tanh(affine(gamma, values[index], constant, math)))
            }
        }
        return values
    }

    private func affine(_ gamma: Double, _ x: Double, _ constant: Double, _ math: MathContext) -> Double {
        math.rounded(math.rounded(math.rounded(gamma) * x) + math.rounded(constant))
    }

    /// Dot products, or squared distances for the radial kernel.
    private func folded(_ x: [Double], _ table: VectorTable) -> [Double] {
        if case .radial = self {
            return table.fold(x.indices) { sum, lane, field in
                let difference = lane - x[field]
                return sum + difference * difference
            }
        }
        return table.fold(x.indices) { sum, lane, field in sum + lane * x[field] }
    }

    /// The same in 32-bit steps.
    private func folded32(_ x: [Double], _ table: VectorTable) -> [Double] {
        if case .radial = self {
            return table.fold(x.indices) { sum, lane, field in
                let difference = (lane - x[field]).rounded32
                return (sum + (difference * difference).rounded32).rounded32
            }
        }
        return table.fold(x.indices) { sum, lane, field in (sum + (lane * x[field]).rounded32).rounded32 }
    }
}

extension KernelFunction {
    /// The kernel among the children of a `SupportVectorMachineModel`; nil where there is none.
    static func among(_ element: Element) throws(Fault) -> KernelFunction? {
        for child in element.children {
            switch child.name {
            case "LinearKernelType": return .linear
            case "PolynomialKernelType":
                return .polynomial(
                    gamma: try child.number("gamma") ?? 1, constant: try child.number("coef0") ?? 1,
                    degree: try child.number("degree") ?? 1)
            case "RadialBasisKernelType": return .radial(gamma: try child.number("gamma") ?? 1)
            case "SigmoidKernelType":
                return .sigmoid(
                    gamma: try child.number("gamma") ?? 1, constant: try child.number("coef0") ?? 1)
            default: continue
            }
        }
        return nil
    }
}
