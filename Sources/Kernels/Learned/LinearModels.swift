import Glibc
import Tensors

extension Invocation {
    /// `LinearRegressor` (ai.onnx.ml 1): `X * coefficients' + intercepts`.
    fileprivate func regressLinearly() throws(KernelError) -> [Tensor] {
        let targets = try attributes.integer("targets", default: 1)
        let transform = try PostTransform(attributes)
        let scores = try linearScores(targets).map { transform.apply($0) }
        return [try make([scores.count, targets], scores.flatMap { $0.map { Float($0) } })]
    }

    private func linearScores(_ targets: Int) throws(KernelError) -> [[Double]] {
        let (values, count, width) = try rows()
        let coefficients = (try attributes.floats("coefficients") ?? []).map(Double.init)
        let intercepts = (try attributes.floats("intercepts") ?? []).map(Double.init)
        guard (1...(1 << 20)).contains(targets), coefficients.count == saturatingMultiply(targets, width),
            intercepts.isEmpty || intercepts.count == targets
        else {
            throw .invalid("\(coefficients.count) coefficients for \(targets) targets of \(width) features")
        }
        try workspace.charge(saturatingMultiply(count, coefficients.count))
        try workspace.reserve(saturatingMultiply(count, targets))
        // A list for each row, and one more behind the transform.
        try workspace.reserve(count, elementBytes: 96)
        return (0..<count).map { row in
            (0..<targets).map { target in
                let start = intercepts.isEmpty ? 0 : intercepts[target]
                return (0..<width).reduce(start) {
                    $0 + values[row * width + $1] * coefficients[target * width + $1]
                }
            }
        }
    }

    /// `LinearClassifier` (ai.onnx.ml 1).
    fileprivate func classifyLinearly() throws(KernelError) -> [Tensor] {
        let labels = try ClassLabels(attributes, integers: "classlabels_ints")
        let transform = try PostTransform(attributes)
        let width = max(try input(0).shape.dims.last ?? 1, 1)
        let targets = (try attributes.floats("coefficients") ?? []).count / width
        let scores = try linearScores(targets)
        guard targets == 1, labels.count == 2 else {
            return try classified(
                labels, winners: scores.map { winner($0) }, scores: scores.map { transform.apply($0) })
        }
        // One row of coefficients for two labels: the score is that of the second.
        let pairs = scores.map { row in
            transform == .logistic
                ? [logistic(-row[0]), logistic(row[0])] : transform.apply([-row[0], row[0]])
        }
        return try classified(labels, winners: scores.map { $0[0] > 0 ? 1 : 0 }, scores: pairs)
    }

    /// `Scaler` (ai.onnx.ml 1): `(x - offset) * scale`, each one for all or one per feature.
    fileprivate func scaleFeatures() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let (values, _, width) = try rows()
        let offset = (try attributes.floats("offset") ?? [0]).map(Double.init)
        let scale = (try attributes.floats("scale") ?? [1]).map(Double.init)
        guard [offset.count, scale.count].allSatisfy({ $0 == 1 || $0 == width }) else {
            throw .invalid("scale and offset do not fit \(width) features")
        }
        let results = values.indices.map { index in
            Float((values[index] - offset[index % width % offset.count]) * scale[index % width % scale.count])
        }
        return [try make(x.shape.dims, results)]
    }

    /// `Normalizer` (ai.onnx.ml 1): each row by its maximum, sum of magnitudes or length.
    fileprivate func normalizeRows() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let (values, count, width) = try rows()
        let norm = try attributes.text("norm", default: "MAX")
        guard ["MAX", "L1", "L2"].contains(norm) else { throw .unsupported("attribute norm = \(norm)") }
        let results = (0..<count).flatMap { row -> [Float] in
            let part = values[(row * width)..<((row + 1) * width)]
            let size =
                norm == "MAX"
                ? part.max() ?? 1
                : norm == "L1"
                    ? part.reduce(0) { $0 + abs($1) } : part.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return part.map { Float(size == 0 ? $0 : $0 / size) }
        }
        return [try make(x.shape.dims, results)]
    }

    /// `Binarizer` (ai.onnx.ml 1): 1 above the threshold, else 0.
    fileprivate func binarize() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.elementType != .string else { throw .unsupported("strings") }
        let threshold = Double(try attributes.float("threshold", default: 0))
        return [
            try cast(try make(x.shape.dims, x.doubles().map { $0 > threshold ? 1.0 : 0 }), to: x.elementType)
        ]
    }

    /// `Imputer` (ai.onnx.ml 1): puts a value (one, or one per feature) in the place of the missing one.
    fileprivate func impute() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let (values, _, width) = try rows()
        let isReal = x.elementType.isFloatingPoint
        let filling =
            try isReal
            ? (attributes.floats("imputed_value_floats") ?? []).map(Double.init)
            : (attributes.integers("imputed_value_int64s") ?? []).map(Double.init)
        let missing =
            isReal
            ? Double(try attributes.float("replaced_value_float", default: 0))
            : Double(try attributes.integer("replaced_value_int64", default: 0))
        guard filling.count == 1 || filling.count == width else {
            throw .invalid("\(filling.count) imputed values")
        }
        let results = values.indices.map { index in
            let isMissing = missing.isNaN ? values[index].isNaN : values[index] == missing
            return isMissing ? filling[index % width % filling.count] : values[index]
        }
        return [try cast(try make(x.shape.dims, results), to: x.elementType)]
    }

    /// `ArrayFeatureExtractor` (ai.onnx.ml 1): places of the last axis.
    fileprivate func extractFeatures() throws(KernelError) -> [Tensor] {
        let (x, places) = (try input(0), try input(1))
        guard x.shape.rank > 0 else { throw .invalid("a scalar") }
        let data = x.shape.rank == 1 ? try x.shaped([1, x.count]) : x
        let call = Invocation(
            inputs: [data, try places.shaped([places.count])], attributes: Attributes(["axis": .integer(-1)]),
            opset: 13, outputCount: 1, workspace: workspace)
        return try call.gather()
    }

    /// `FeatureVectorizer` (ai.onnx.ml 1): inputs side by side as floats.
    fileprivate func joinFeatures() throws(KernelError) -> [Tensor] {
        var parts: [Tensor] = []
        for index in inputs.indices {
            let part = try cast(try input(index), to: .float32)
            parts.append(part.shape.rank == 1 ? try part.shaped([1, part.count]) : part)
        }
        return [try concatenate(parts, axis: 1)]
    }
}

/// ONNX's linear models and feature operators.
let linearModelOperators: [String: OperatorFunction] = [
    "LinearRegressor": { call throws(KernelError) in try call.regressLinearly() },
    "LinearClassifier": { call throws(KernelError) in try call.classifyLinearly() },
    "Scaler": { call throws(KernelError) in try call.scaleFeatures() },
    "Normalizer": { call throws(KernelError) in try call.normalizeRows() },
    "Binarizer": { call throws(KernelError) in try call.binarize() },
    "Imputer": { call throws(KernelError) in try call.impute() },
    "ArrayFeatureExtractor": { call throws(KernelError) in try call.extractFeatures() },
    "FeatureVectorizer": { call throws(KernelError) in try call.joinFeatures() },
]
