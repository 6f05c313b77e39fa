/// The places of a plane that the values of a slot fill.
struct PlaneSource: Sendable {
    let slot: Int
    private let dataType: DataType
    /// Of the number; nil where no part reads it.
    let number: Int?
    private let codes: [(coding: CategoryCodes, place: Int)]

    init(_ slot: Int, _ dataType: DataType, _ layout: PlaneLayout) {
        self.slot = slot
        self.dataType = dataType
        number = layout.numbers[slot]
        codes = layout.codes[slot] ?? []
    }

    /// Whether no part reads the value as a category.
    var isPlain: Bool { codes.isEmpty }

    /// Sets the places of a prepared value; false for one that is not of its type, or NaN.
    func fill(_ plane: Plane, _ prepared: FieldValue, row: Int, stride: Int) -> Bool {
        if prepared.isMissing {
            if let number { plane.set(number, row: row, stride: stride, .nan) }
            for (_, place) in codes { plane.set(place, row: row, stride: stride, .nan) }
            return true
        }
        guard prepared.value.dataType == dataType else { return false }
        if let number {
            guard let value = prepared.value.number, !value.isNaN else { return false }
            plane.set(number, row: row, stride: stride, value)
        }
        for (coding, place) in codes {
            guard let code = coding.code(prepared.value) else { return false }
            plane.set(place, row: row, stride: stride, Double(code))
        }
        return true
    }
}

/// One input of a document.
// A class: reading one out of an array counts one reference instead of one for each of its parts.
final class PlaneInput: Sendable {
    private let field: TreatedField
    private let source: PlaneSource

    init(_ input: Evaluator.Input, _ layout: PlaneLayout) {
        field = input.field
        source = PlaneSource(input.slot, input.field.dataType, layout)
    }

    /// How its numbers are copied, where no more is done; `spare` is the place of what no part reads.
    func copying(spare: Int) -> PlaneInputs.Copying {
        guard source.isPlain, let plain = field.plainNumber else { return PlaneInputs.Copying() }
        return PlaneInputs.Copying(
            isCopied: true, isFloat: plain.isFloat, place: source.number ?? spare,
            replacement: plain.replacement, isNaNMissing: plain.isNaNMissing)
    }

    /// Sets the input's places for a row; false where the general form must treat the value.
    func fill(_ plane: Plane, _ value: InputValue, row: Int, stride: Int) -> Bool {
        guard let prepared = try? field.prepare(value) else { return false }
        return source.fill(plane, prepared, row: row, stride: stride)
    }
}

/// The inputs of a document.
struct PlaneInputs: Sendable {
    /// How an input's numbers are copied.
    struct Copying: BitwiseCopyable {
        var isCopied = false
        var isFloat = false
        var place = 0
        /// Of a missing value.
        var replacement = Double.nan
        var isNaNMissing = false
    }

    private let inputs: [PlaneInput]
    private let copying: FixedTable<Copying>

    /// - Parameter layout: Its count is the place of what no part reads.
    init(_ inputs: [Evaluator.Input], _ layout: PlaneLayout) {
        self.inputs = inputs.map { PlaneInput($0, layout) }
        copying = FixedTable(self.inputs.map { $0.copying(spare: layout.count) })
    }

    /// In a few words.
    var description: String {
        // SAFETY: as many as there are inputs.
        let copied = inputs.indices.filter { copying.pointer[$0].isCopied }.count
        return "inputs: \(copied) of \(inputs.count) copied"
    }

    /// Sets every place of a row; false where the general form must evaluate it.
    func fill(_ plane: Plane, _ row: Row, at index: Int, stride: Int) -> Bool {
        let count = inputs.count
        return row.values.withUnsafeBufferPointer { values in
            guard values.count >= count else { return false }
            // SAFETY: places are below the plane's count of values, `index` below its rows; `copying` has
            // `count` elements, `values` no fewer.
            let base = plane.values + index
            for slot in 0..<count {
                let input = copying.pointer[slot]
                if input.isCopied, let number = values[slot].plainNumber, !number.isNaN {
                    base[input.place * stride] = input.isFloat ? Double(Float(number)) : number
                } else if !treat(values[slot], slot, input, plane, at: index, stride: stride) {
                    return false
                }
            }
            return true
        }
    }

    @inline(never)
    private func treat(
        _ value: InputValue, _ slot: Int, _ input: Copying, _ plane: Plane, at index: Int, stride: Int
    ) -> Bool {
        if input.isCopied {
            switch value {
            case .number where !input.isNaNMissing: return false
            case .missing, .number:
                plane.set(input.place, row: index, stride: stride, input.replacement)
                return true
            case .integer, .boolean, .text, .list, .object: break
            }
        }
        return inputs[slot].fill(plane, value, row: index, stride: stride)
    }
}

extension InputValue {
    /// A number, also one that JSON writes without a fraction.
    @inline(__always)
    fileprivate var plainNumber: Double? {
        switch self {
        case .number(let number): number
        case .integer(let number): Double(number)
        case .missing, .boolean, .text, .list, .object: nil
        }
    }
}
