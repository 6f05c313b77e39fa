/// One input of a document, and the places of a plane that it fills.
struct PlaneInput: Sendable {
    private let field: TreatedField
    /// Of the number; nil where no part reads it.
    private let number: Int?
    private let codes: [(coding: CategoryCodes, place: Int)]
    private let dataType: DataType

    init(_ input: Evaluator.Input, _ layout: PlaneLayout) {
        field = input.field
        dataType = input.field.dataType
        number = layout.numbers[input.slot]
        codes = layout.codes.filter { $0.slot == input.slot }.map { ($0.codes, $0.place) }
    }

    /// How its numbers are copied, where no more is done; `spare` is the place of what no part reads.
    func copying(spare: Int) -> PlaneInputs.Copying {
        guard codes.isEmpty, let plain = field.plainNumber else { return PlaneInputs.Copying() }
        return PlaneInputs.Copying(
            isCopied: true, isFloat: plain.isFloat, place: number ?? spare, replacement: plain.replacement,
            isNaNMissing: plain.isNaNMissing)
    }

    /// Sets the input's places for a row; false where the general form must treat the value.
    func fill(_ plane: Plane, _ value: InputValue, row: Int, stride: Int) -> Bool {
        guard let prepared = try? field.prepare(value) else { return false }
        return plane.fill(prepared, dataType, number: number, codes, row: row, stride: stride)
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
                if input.isCopied, case .number(let number) = values[slot], !number.isNaN {
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

extension Plane {
    /// Sets the places of a prepared value; false for one that is not of its type, or NaN.
    func fill(
        _ prepared: FieldValue, _ dataType: DataType, number: Int?,
        _ codes: [(coding: CategoryCodes, place: Int)], row: Int, stride: Int
    ) -> Bool {
        if prepared.isMissing {
            if let number { set(number, row: row, stride: stride, .nan) }
            for (_, place) in codes { set(place, row: row, stride: stride, .nan) }
            return true
        }
        guard prepared.value.dataType == dataType else { return false }
        if let number {
            guard let value = prepared.value.number, !value.isNaN else { return false }
            set(number, row: row, stride: stride, value)
        }
        for (coding, place) in codes {
            guard let code = coding.code(prepared.value) else { return false }
            set(place, row: row, stride: stride, Double(code))
        }
        return true
    }
}
