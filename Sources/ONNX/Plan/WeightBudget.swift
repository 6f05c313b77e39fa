import CKernels

/// One way to compute the convolutions of a shape.
struct FormOption: Sendable {
    var form: ConvolutionForm
    /// Time of all of them, in any unit.
    var cost: Double
    /// Bytes of their packed weights.
    var bytes: Int
}

/// How many bytes a network's packed weights may take, and which form that leaves to each shape.
///
/// A form of many weights is paid for by all layers: past the third-level cache every layer's come from
/// memory for each picture. ResNet-18 at batch 1 on two threads takes 8.4 ms with 59 MB packed, 11.7 with 88
/// (Emerald Rapids).
struct WeightBudget: Sendable {
    /// What may come to the least bytes; nil for any.
    var room: Int?
    /// A form of more weights must take less than this share of the time of one of fewer, which has the
    /// smaller error as well.
    var gainLeast: Double

    /// Networks of more shapes with a choice have no budget: choosing takes time with the square of their
    /// number.
    private static var shapesMax: Int { 256 }

    /// The option of each of `shapes`, nil where there is none: the least bytes first, then for as long as
    /// there is room what gains most for a byte.
    func choose(_ shapes: [[FormOption]]) -> [FormOption?] {
        var chosen = shapes.map { options in
            options.min { ($0.bytes, $0.cost) < ($1.bytes, $1.cost) }
        }
        let open = shapes.indices.filter { shapes[$0].count > 1 }
        guard var room, open.count <= Self.shapesMax else {
            return zip(chosen, shapes).map { least, options in
                var chosen = least
                while let better = upgrade(chosen, options, room: .max) { chosen = better.option }
                return chosen
            }
        }
        while true {
            let upgrades = open.compactMap { index in
                upgrade(chosen[index], shapes[index], room: room).map { (index: index, upgrade: $0) }
            }
            guard let best = upgrades.max(by: { $0.upgrade.gain < $1.upgrade.gain }) else { return chosen }
            chosen[best.index] = best.upgrade.option
            room -= best.upgrade.bytes
        }
    }

    /// The option that gains most for a byte beyond `current`, with its further bytes and that gain; nil
    /// where none gains enough or finds room.
    private func upgrade(
        _ current: FormOption?, _ options: [FormOption], room: Int
    ) -> (option: FormOption, bytes: Int, gain: Double)? {
        guard let current else { return nil }
        return options.compactMap { option in
            let bytes = max(option.bytes - current.bytes, 0)
            guard option.cost < current.cost * gainLeast, bytes <= room else { return nil }
            return (option, bytes, (current.cost - option.cost) / Double(bytes + 1))
        }.max { $0.gain < $1.gain }
    }
}

/// The estimate's form for each convolution of a network.
struct FormChoice: Sendable {
    /// By sizes and batch (`ck_shape.key`).
    private(set) var forms: [[Int32]: ConvolutionForm] = [:]
    /// Cycles of one convolution, by the same key, and of all.
    private(set) var cycles: [[Int32]: Double] = [:]
    private(set) var total = 0.0

    /// The better of two: packed weights that stay in the third-level cache, where the file's do, or the
    /// fastest form of each layer with weights from memory.
    init(_ shapes: [ck_shape], _ costs: CostModel) {
        var far = costs
        far.weightBytes = .max
        self.init(shapes, far, WeightBudget(room: nil, gainLeast: Self.gainLeast))
        guard let room = costs.weightRoom else { return }
        let near = FormChoice(shapes, costs, WeightBudget(room: room, gainLeast: Self.gainLeast))
        if near.total < total { self = near }
    }

    /// A tenth in favour of fewer packed weights and smaller error.
    private static var gainLeast: Double { 0.9 }

    private init(_ shapes: [ck_shape], _ costs: CostModel, _ budget: WeightBudget) {
        var counts: [[Int32]: (shape: ck_shape, count: Int)] = [:]
        for shape in shapes { counts[shape.key, default: (shape, 0)].count += 1 }
        let distinct = counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let options = distinct.map { _, entry in
            costs.candidates(entry.shape).compactMap { algorithm, cost in
                algorithm.form.map { form in
                    FormOption(
                        form: form, cost: cost * Double(entry.count),
                        bytes: form.weightBytes(entry.shape) * entry.count)
                }
            }
        }
        for ((key, entry), option) in zip(distinct, budget.choose(options)) {
            guard let option else { continue }
            forms[key] = option.form
            cycles[key] = option.cost / Double(entry.count)
            total += option.cost
        }
    }
}

extension ConvolutionForm {
    /// Bytes of the packed weights of a convolution.
    func weightBytes(_ shape: ck_shape) -> Int {
        var shape = shape
        return 4
            * (self == .direct
                ? ck_direct_weights_floats(&shape) : ck_winograd_weights_floats(&shape, rawValue))
    }
}

extension CostModel {
    /// What the network's weights leave of the third-level cache.
    var weightRoom: Int? { weightBytes < memory.residentBytes ? memory.residentBytes - weightBytes : nil }
}

extension ck_shape {
    /// All sizes with the batch, as a key.
    var key: [Int32] { sizes + [batch] }
}
