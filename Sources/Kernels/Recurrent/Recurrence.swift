import Glibc
import Tensors

/// Which recurrent operator.
enum RecurrentCell {
    case plain, gated, longShort
    /// Matrices of hidden size stacked in W and R.
    var gateCount: Int {
        switch self {
        case .plain: 1
        case .gated: 3
        case .longShort: 4
        }
    }

    /// Activations of one direction when none are given.
    var activations: [String] {
        switch self {
        case .plain: ["Tanh"]
        case .gated: ["Sigmoid", "Tanh"]
        case .longShort: ["Sigmoid", "Tanh", "Tanh"]
        }
    }
}

/// The weights and rules of one direction of a recurrent operator (`RNN`, `GRU`, `LSTM`, opset 7 to 22).
private struct RecurrentDirection {
    let cell: RecurrentCell
    let inputSize: Int
    let hidden: Int
    let w: ArraySlice<Double>
    let r: ArraySlice<Double>
    let bias: ArraySlice<Double>
    let peephole: ArraySlice<Double>
    let functions: [@Sendable (Double) -> Double]
    let clip: Double?
    let linearBeforeReset: Bool
    let joinsForgetGate: Bool

    /// `bias + W x + R h` of gate `gate`, for each hidden unit; either part may be left out.
    private func gate(_ gate: Int, x: ArraySlice<Double>, h: [Double], addsHidden: Bool = true) -> [Double] {
        (0..<hidden).map { unit in
            let row = gate * hidden + unit
            var sum = bias[bias.startIndex + row]
            if addsHidden { sum += bias[bias.startIndex + (cell.gateCount + gate) * hidden + unit] }
            sum += dot(w, row * inputSize, x)
            if addsHidden { sum += dot(r, row * hidden, h[...]) }
            return sum
        }
    }

    private func dot(_ matrix: ArraySlice<Double>, _ start: Int, _ vector: ArraySlice<Double>) -> Double {
        zip(matrix[(matrix.startIndex + start)...], vector).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private func activated(_ function: Int, _ values: [Double]) -> [Double] {
        values.map { value in functions[function](clip.map { min(max(value, -$0), $0) } ?? value) }
    }

    private func peep(_ values: [Double], _ gate: Int, _ c: [Double]) -> [Double] {
        guard !peephole.isEmpty else { return values }
        return values.indices.map { values[$0] + peephole[peephole.startIndex + gate * hidden + $0] * c[$0] }
    }

    /// One step: the hidden state and cell state after input `x`.
    func step(_ x: ArraySlice<Double>, _ h: inout [Double], _ c: inout [Double]) {
        switch cell {
        case .plain: h = activated(0, gate(0, x: x, h: h))
        case .gated: stepGated(x, &h)
        case .longShort: stepLongShort(x, &h, &c)
        }
    }

    private func stepGated(_ x: ArraySlice<Double>, _ h: inout [Double]) {
        let update = activated(0, gate(0, x: x, h: h))
        let reset = activated(0, gate(1, x: x, h: h))
        var candidate = gate(2, x: x, h: h, addsHidden: false)
        let offset = bias.startIndex + 5 * hidden
        for unit in 0..<hidden {
            let row = (2 * hidden + unit) * hidden
            if linearBeforeReset {
                candidate[unit] += reset[unit] * (dot(r, row, h[...]) + bias[offset + unit])
            } else {
                candidate[unit] += dot(r, row, zip(reset, h).map { $0 * $1 }[...]) + bias[offset + unit]
            }
        }
        let fresh = activated(1, candidate)
        h = (0..<hidden).map { (1 - update[$0]) * fresh[$0] + update[$0] * h[$0] }
    }

    private func stepLongShort(_ x: ArraySlice<Double>, _ h: inout [Double], _ c: inout [Double]) {
        let input = activated(0, peep(gate(0, x: x, h: h), 0, c))
        let forget = joinsForgetGate ? input.map { 1 - $0 } : activated(0, peep(gate(2, x: x, h: h), 2, c))
        let fresh = activated(1, gate(3, x: x, h: h))
        let outputSum = gate(1, x: x, h: h)
        c = (0..<hidden).map { forget[$0] * c[$0] + input[$0] * fresh[$0] }
        let output = activated(0, peep(outputSum, 1, c))
        h = zip(output, c).map { $0 * functions[2]($1) }
    }
}

extension Invocation {
    /// A recurrent operator over `[sequence, batch, input]` (`[batch, sequence, input]` with `layout` 1).
    func recur(_ cell: RecurrentCell) throws(KernelError) -> [Tensor] {
        let original = try input(0)
        guard original.elementType.isFloatingPoint, original.shape.rank == 3 else {
            throw .unsupported("\(original.elementType) \(original.shape)")
        }
        let isBatchFirst = try attributes.integer("layout", default: 0) == 1
        let x = isBatchFirst ? try transpose(original, [1, 0, 2]) : original
        let directions = try recurrentDirections(cell, inputSize: x.shape[2])
        let (length, batch, hidden) = (x.shape[0], x.shape[1], directions[0].hidden)
        try workspace.charge(
            saturatingMultiply(
                saturatingMultiply(length, batch), 4 * hidden * (hidden + x.shape[2]) * directions.count))
        try workspace.reserve(batch)
        try workspace.reserve(saturatingProduct([max(length, 1), batch, hidden, directions.count]))
        for (index, given) in inputs.enumerated() where index != 4 {
            guard given.map({ $0.elementType == original.elementType }) ?? true else {
                throw .invalid("types differ")
            }
        }
        let lengths = try integers(4) ?? [Int](repeating: length, count: batch)
        guard lengths.count == batch, lengths.allSatisfy({ $0 >= 0 && $0 <= length }) else {
            throw .invalid("sequence_lens \(lengths)")
        }
        let firstHidden = try initialState(5, directions.count, batch, hidden, isBatchFirst)
        let firstCell =
            try cell == .longShort
            ? initialState(6, directions.count, batch, hidden, isBatchFirst)
            : [Double](repeating: 0, count: directions.count * batch * hidden)
        let values = x.doubles()
        var all = [Double](repeating: 0, count: length * directions.count * batch * hidden)
        var (lastHidden, lastCell) = (firstHidden, firstCell)
        let isReverse = try attributes.text("direction", default: "forward") == "reverse"
        for (number, direction) in directions.enumerated() {
            for row in 0..<batch {
                let range = ((number * batch + row) * hidden)..<((number * batch + row + 1) * hidden)
                var (h, c) = (Array(firstHidden[range]), Array(firstCell[range]))
                for turn in 0..<lengths[row] {
                    let time = isReverse || number == 1 ? lengths[row] - 1 - turn : turn
                    let start = (time * batch + row) * x.shape[2]
                    direction.step(values[start..<(start + x.shape[2])], &h, &c)
                    let target = ((time * directions.count + number) * batch + row) * hidden
                    all.replaceSubrange(target..<(target + hidden), with: h)
                }
                lastHidden.replaceSubrange(range, with: h)
                lastCell.replaceSubrange(range, with: c)
            }
        }
        let dims = [directions.count, batch, hidden]
        var results = [try make([length] + dims, all), try make(dims, lastHidden), try make(dims, lastCell)]
        if isBatchFirst {
            results[0] = try transpose(results[0], [2, 0, 1, 3])
            results[1] = try transpose(results[1], [1, 0, 2])
            results[2] = try transpose(results[2], [1, 0, 2])
        }
        if cell != .longShort { results.removeLast() }
        return try results.map { (result) throws(KernelError) in try cast(result, to: original.elementType) }
    }

    private func initialState(
        _ index: Int, _ directions: Int, _ batch: Int, _ hidden: Int, _ isBatchFirst: Bool
    )
        throws(KernelError) -> [Double]
    {
        guard let given = optional(index) else {
            return [Double](repeating: 0, count: directions * batch * hidden)
        }
        let state = isBatchFirst && given.shape.rank == 3 ? try transpose(given, [1, 0, 2]) : given
        guard state.shape.dims == [directions, batch, hidden] else {
            throw .invalid("initial state \(given.shape)")
        }
        return state.doubles()
    }

    private func recurrentDirections(_ cell: RecurrentCell, inputSize: Int) throws(KernelError)
        -> [RecurrentDirection]
    {
        let (w, r) = (try input(1), try input(2))
        guard w.elementType.isFloatingPoint, r.elementType.isFloatingPoint else {
            throw .unsupported("\(w.elementType)")
        }
        let hidden = try attributes.integer("hidden_size", default: r.shape.dims.last ?? 0)
        let isTwoWay = try attributes.text("direction", default: "forward") == "bidirectional"
        let count = isTwoWay ? 2 : 1
        let rows = saturatingMultiply(cell.gateCount, hidden)
        guard hidden > 0, hidden <= 1 << 20, w.shape.dims == [count, rows, inputSize],
            r.shape.dims == [count, rows, hidden]
        else { throw .invalid("weights \(w.shape) and \(r.shape) do not fit hidden size \(hidden)") }
        let bias = optional(3)?.doubles() ?? [Double](repeating: 0, count: count * 2 * rows)
        let peephole = cell == .longShort ? optional(7)?.doubles() ?? [] : []
        guard bias.count == count * 2 * rows, peephole.isEmpty || peephole.count == count * 3 * hidden else {
            throw .invalid("bias or peephole weights")
        }
        let functions = try recurrentFunctions(cell, count: count)
        let (weights, recurrence) = (w.doubles(), r.doubles())
        let clip = try attributes.float("clip").map(Double.init)
        let linear = try attributes.flag("linear_before_reset")
        let joins = try attributes.flag("input_forget")
        return (0..<count).map { number in
            func part(_ values: [Double]) -> ArraySlice<Double> {
                values[(number * values.count / count)..<((number + 1) * values.count / count)]
            }
            return RecurrentDirection(
                cell: cell, inputSize: inputSize, hidden: hidden, w: part(weights), r: part(recurrence),
                bias: part(bias), peephole: part(peephole), functions: functions[number], clip: clip,
                linearBeforeReset: linear, joinsForgetGate: joins)
        }
    }

    private func recurrentFunctions(_ cell: RecurrentCell, count: Int) throws(KernelError)
        -> [[@Sendable (Double) -> Double]]
    {
        let perDirection = cell.activations.count
        let names =
            try attributes.texts("activations")
            ?? Array(repeating: cell.activations, count: count).flatMap(\.self)
        guard names.count == perDirection * count else { throw .invalid("activations \(names)") }
        let alphas = try attributes.floats("activation_alpha") ?? []
        let betas = try attributes.floats("activation_beta") ?? []
        var functions: [@Sendable (Double) -> Double] = []
        for (index, name) in names.enumerated() {
            functions.append(
                try recurrentFunction(
                    name, index < alphas.count ? Double(alphas[index]) : nil,
                    index < betas.count ? Double(betas[index]) : nil))
        }
        return (0..<count).map { Array(functions[($0 * perDirection)..<(($0 + 1) * perDirection)]) }
    }
}

/// An activation of a recurrent operator by its ONNX name.
private func recurrentFunction(_ name: String, _ alpha: Double?, _ beta: Double?) throws(KernelError)
    -> @Sendable (Double) -> Double
{
    switch name.lowercased() {
    case "relu": return { max($0, 0) }
    case "tanh": return { tanh($0) }
    case "sigmoid": return { logistic($0) }
    case "affine": return { (alpha ?? 1) * $0 + (beta ?? 0) }
    case "leakyrelu": return { $0 < 0 ? (alpha ?? 0.01) * $0 : $0 }
    case "thresholdedrelu": return { $0 >= alpha ?? 1 ? $0 : 0 }
    case "scaledtanh": return { (alpha ?? 1) * tanh((beta ?? 1) * $0) }
    case "hardsigmoid": return { min(max((alpha ?? 0.2) * $0 + (beta ?? 0.5), 0), 1) }
    case "elu": return { $0 < 0 ? (alpha ?? 1) * (exp($0) - 1) : $0 }
    case "softsign": return { $0 / (1 + abs($0)) }
    case "softplus": return { softened($0) }
    default: throw .unsupported("activation \(name)")
    }
}

/// ONNX's recurrent operators.
let recurrentOperators: [String: OperatorFunction] = [
    "RNN": { call throws(KernelError) in try call.recur(.plain) },
    "GRU": { call throws(KernelError) in try call.recur(.gated) },
    "LSTM": { call throws(KernelError) in try call.recur(.longShort) },
]
