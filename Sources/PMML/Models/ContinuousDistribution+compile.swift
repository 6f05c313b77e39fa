import Glibc

extension BayesianNetworkBuilder {
    /// Compiles the one `ContinuousDistribution` of a row.
    func distribution(_ row: Element) throws(Fault) -> ContinuousDistribution {
        let all = row.children("ContinuousDistribution")
        guard let first = all.first, all.count == 1 else {
            throw row.fault("one ContinuousDistribution was expected; a mixture would need weights")
        }
        for child in first.children {
            let kind: ContinuousDistribution.Kind
            switch child.name {
            case "NormalDistributionForBN": kind = .normal
            case "LognormalDistributionForBN": kind = .lognormal
            case "TriangularDistributionForBN": kind = .triangular
            case "UniformDistributionForBN": kind = .uniform
            default: continue
            }
            return ContinuousDistribution(
                kind: kind, mean: kind == .uniform ? nil : try parameter("Mean", child),
                variance: kind == .normal || kind == .lognormal ? try parameter("Variance", child) : nil,
                lower: kind == .triangular || kind == .uniform ? try parameter("Lower", child) : nil,
                upper: kind == .triangular || kind == .uniform ? try parameter("Upper", child) : nil)
        }
        throw first.fault("a distribution is required")
    }

    private func parameter(
        _ name: String, _ element: Element
    ) throws(Fault) -> ContinuousDistribution.Parameter {
        let holder = try element.requiredChild(name)
        // Compiled first: it bounds the depth that the walks below go down.
        let expression = try model.scope.expression(in: holder)
        guard let child = holder.children.first(where: { Scope.expressionNames.contains($0.name) }) else {
            throw holder.fault("an expression is required")
        }
        return ContinuousDistribution.Parameter(
            expression: expression, references: try references(child), affine: affine(child))
    }

    /// The nodes that an expression's fields name.
    private func references(_ element: Element) throws(Fault) -> [Int] {
        var found: Set<Int> = []
        var stack = [element]
        while let element = stack.popLast() {
            if let name = element["field"], let node = positions[name] {
                guard isContinuousNode(node) else {
                    throw element.fault("node \"\(name)\" is discrete; name it as a parent")
                }
                found.insert(node)
            }
            stack.append(contentsOf: element.children)
        }
        return found.sorted()
    }

    /// An expression as a constant and coefficients; nil where it is not made of sums and multiples.
    private func affine(_ element: Element) -> ContinuousDistribution.Affine? {
        switch element.name {
        case "Constant":
            return JavaNumber.double(element.text).map { ContinuousDistribution.Affine(constant: $0) }
        case "FieldRef":
            guard let node = element["field"].flatMap({ positions[$0] }), element["mapMissingTo"] == nil
            else {
                return nil
            }
            return ContinuousDistribution.Affine(coefficients: [node: 1])
        case "Apply": return combined(element)
        default: return nil
        }
    }

    private func combined(_ element: Element) -> ContinuousDistribution.Affine? {
        guard element["mapMissingTo"] == nil, element["defaultValue"] == nil else { return nil }
        var parts: [ContinuousDistribution.Affine] = []
        for child in element.children where Scope.expressionNames.contains(child.name) {
            guard let part = affine(child) else { return nil }
            parts.append(part)
        }
        guard let first = parts.first else { return nil }
        let rest = parts.dropFirst()
        switch element["function"] {
        case "+", "sum": return rest.reduce(first) { $0.adding($1, times: 1) }
        case "-": return rest.reduce(first) { $0.adding($1, times: -1) }
        case "*", "product":
            return rest.reduce(first) { left, right in
                guard let left else { return nil }
                if right.isConstant { return left.scaled(right.constant) }
                return left.isConstant ? right.scaled(left.constant) : nil
            }
        case "/":
            // Two constants are left to the expression: whole numbers divide without remainder.
            guard rest.count == 1, let divisor = rest.first, divisor.isConstant, divisor.constant != 0,
                !first.isConstant
            else { return nil }
            return first.scaled(1 / divisor.constant)
        case "pow":
            guard parts.allSatisfy(\.isConstant), parts.count == 2 else { return nil }
            return ContinuousDistribution.Affine(constant: Glibc.pow(first.constant, parts[1].constant))
        default: return nil
        }
    }
}
