import CKernels
import Tensors

extension FastPlans {
    /// The plan for inputs of these shapes as text, one line per step: shape, algorithm, milliseconds (the
    /// median of five runs at least, of a third of a second at most), the least that the machine allows its
    /// form (`MachineBound`), multiply-adds in millions and share of the processor's peak; nil without a
    /// plan.
    func description(_ inputs: [Tensor], threads: Int) -> String? {
        let planned = threads == 1 ? 1 : Self.threadsMax
        guard let plan = plan(inputs, threads: planned) else { return nil }
        let peakOfOne = ck_measure_peak(plan.isa, 0.05)
        let peak = peakOfOne * Double(threads)
        let lease = ck_crew_enter(Int32(threads))
        defer { ck_crew_leave(lease) }
        var times = [[Double]](repeating: [], count: plan.steps.count)
        let from = seconds(ofThread: false)
        // The first runs bring the weights to the caches.
        for turn in 0..<1000 where turn < 7 || seconds(ofThread: false) - from < 0.3 {
            let results = try? run(plan, inputs, lease: lease) { index, seconds in
                if turn > 1 { times[index].append(seconds) }
            }
            guard results != nil else { return nil }
        }
        let medians = times.map { $0.isEmpty ? 0 : $0.sorted()[$0.count / 2] }
        let total = medians.reduce(0, +)
        let multiplyAdds = plan.steps.reduce(0) { $0 + $1.multiplyAdds }
        let packed = plan.steps.flatMap(\.work.constants).reduce(0) { $0 + $1.count * 4 }
        let bound = MachineBound(peak: peakOfOne, threads: threads, weightBytes: packed, costs: plan.costs)
        let least = plan.steps.map { $0.leastSeconds(bound) }
        var lines = [
            "instruction set \(String(cString: ck_isa_name(plan.isa))), \(threads) threads, "
                + "peak \(fixed(peak * 1e-9, 0)) GFLOP/s, "
                + "packed weights \(fixed(Double(weights.byteCount) / 1e6, 1)) MB, "
                + "arena \(fixed(Double(plan.arenaFloats) * 4e-6, 1)) MB",
            split(inputs, threads: planned)?.described ?? "",
            pad("ms", 9) + pad("least", 9) + pad("MMAC", 10) + pad("peak", 7)
                + "  algorithm            shape",
        ]
        for (index, step) in plan.steps.enumerated() {
            let (algorithm, shape) = step.described(threads: threads)
            let padded = algorithm + String(repeating: " ", count: max(1, 21 - algorithm.count))
            lines.append(
                figures(medians[index], least[index], step.multiplyAdds, peak) + padded + shape + "  "
                    + step.name)
        }
        lines.append(
            figures(total, least.reduce(0, +), multiplyAdds, peak) + "all \(plan.steps.count) steps")
        return lines.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// Milliseconds, the least of them, multiply-adds and share of the peak.
    private func figures(_ seconds: Double, _ least: Double, _ multiplyAdds: Int, _ peak: Double) -> String {
        let work = multiplyAdds == 0 ? "" : fixed(Double(multiplyAdds) * 1e-6, 2)
        return pad(fixed(seconds * 1e3, 3), 9) + pad(least > 0 ? fixed(least * 1e3, 3) : "", 9)
            + pad(work, 10) + share(multiplyAdds, seconds, peak) + "  "
    }

    private func share(_ multiplyAdds: Int, _ seconds: Double, _ peak: Double) -> String {
        guard multiplyAdds > 0, seconds > 0 else { return pad("", 7) }
        return pad(fixed(200 * Double(multiplyAdds) / seconds / peak, 0) + "%", 7)
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// `value` with `digits` decimals.
    private func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "-" }
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        let (whole, rest) = scaled.quotientAndRemainder(dividingBy: scale)
        let decimals = String(rest)
        return (value < 0 ? "-" : "") + String(whole)
            + (digits == 0 ? "" : "." + String(repeating: "0", count: digits - decimals.count) + decimals)
    }
}

extension PlanStep {
    /// What is done, on what sizes, and how several threads share it.
    fileprivate func described(threads: Int) -> (algorithm: String, shape: String) {
        let (usual, sizes) = work.described
        let shape = isPooled ? "\(sizes), pooled" : sizes
        guard threads > 1, let sharing, case .convolution(_, .winograd(let side, _), _, _) = work
        else { return (usual, shape) }
        let algorithm = ConvolutionAlgorithm.winograd(side: side, block: sharing.block)
        return ("\(algorithm.described) in \(sharing.parts)", shape)
    }
}

extension PlanWork {
    /// What is done, and on what sizes.
    var described: (algorithm: String, shape: String) {
        switch self {
        case .convolution(let shape, let algorithm, _, _): (algorithm.described, shape.described)
        case .pair(let pair): ("with depthwise", pair.described)
        case .product(let shape, _, _): ("product", "\(shape.rows)x\(shape.inputs) -> \(shape.outputs)")
        case .pool(let shape, let pooling, _, _):
            (pooling == CK_POOL_MAX ? "max pool" : "average pool", shape.described)
        case .globalPool(let extent, _): ("global pool", extent.described)
        case .scaleShift(let extent, let scale, let shift):
            (scale == nil && shift == nil ? "activation" : "scale and shift", extent.described)
        case .add(let extent): ("add", extent.described)
        case .multiply(let extent): ("multiply", extent.described)
        case .scaleChannels(let extent): ("scale channels", extent.described)
        case .copyChannels(let extent, let from, let to, let count):
            ("copy channels", "\(count) from \(from) to \(to) of \(extent.described)")
        case .block(let extent): ("to blocks", extent.described)
        case .unblock(let extent): ("from blocks", extent.described)
        case .activate(let rows, let columns): ("activation", "\(rows)x\(columns)")
        case .softmax(let rows, let columns): ("softmax", "\(rows)x\(columns)")
        case .copy(let rows, let columns): ("copy", "\(rows)x\(columns)")
        case .reference: ("reference", "")
        }
    }
}

extension ConvolutionAlgorithm {
    fileprivate var described: String {
        switch self {
        case .direct: "direct"
        case .first: "direct, planar in"
        case .winograd(42, let block): "F(4x2) by \(block)"
        case .winograd(let side, let block): "F(\(side)x\(side)) by \(block)"
        case .depthwise: "depthwise"
        }
    }
}

extension BlockedExtent {
    fileprivate var described: String { "\(images)x\(channels)x\(pixels)" }
}

extension BandedPair {
    fileprivate var described: String {
        let s = depthwise
        return "\(shape.described) -> \(s.out_channels)x\(s.out_height)x\(s.out_width) "
            + "k\(s.kernel_height)x\(s.kernel_width) s\(s.stride_height) by \(rows)"
    }
}

extension ck_shape {
    fileprivate var described: String {
        let image =
            "\(batch)x\(in_channels)x\(in_height)x\(in_width) -> \(out_channels)x\(out_height)x\(out_width)"
        return image + " k\(kernel_height)x\(kernel_width) s\(stride_height)"
    }
}

extension BatchSplit {
    /// What is run instead of the plan of the whole batch.
    fileprivate var described: String {
        func list(_ parts: [Int]) -> String { parts.map(String.init).joined(separator: ", ") }
        let back = cut.map { " up to value \($0), \(list(backParts)) behind it" } ?? ""
        return "run in parts of \(list(parts)) images\(back); the whole batch:"
    }
}
