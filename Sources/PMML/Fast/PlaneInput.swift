/// One input of a document, and the places of a plane that it fills.
struct PlaneInput: Sendable {
    private let field: TreatedField
    private let plain: PlainNumber?
    /// Of the number; nil where no part reads it.
    private let number: Int?
    private let codes: [(coding: CategoryCodes, place: Int)]
    private let dataType: DataType

    init(_ input: Evaluator.Input, _ layout: PlaneLayout) {
        field = input.field
        dataType = input.field.dataType
        number = layout.numbers[input.slot]
        codes = layout.codes.filter { $0.slot == input.slot }.map { ($0.codes, $0.place) }
        plain = codes.isEmpty ? input.field.plainNumber : nil
    }

    /// Whether numbers are copied without more ado.
    var isCopied: Bool { plain != nil }

    /// Sets the input's places for a row; false where the general form must treat the value.
    func fill(_ plane: Plane, _ value: InputValue, row: Int, stride: Int) -> Bool {
        if let plain {
            switch value {
            case .number(let value):
                if value.isNaN, !plain.isNaNMissing { return false }
                let prepared = value.isNaN ? plain.replacement : plain.isFloat ? Double(Float(value)) : value
                if let number { plane.set(number, row: row, stride: stride, prepared) }
                return true
            case .missing:
                if let number { plane.set(number, row: row, stride: stride, plain.replacement) }
                return true
            case .integer, .boolean, .text, .list, .object: break
            }
        }
        guard let prepared = try? field.prepare(value) else { return false }
        return fill(plane, prepared, row: row, stride: stride)
    }

    private func fill(_ plane: Plane, _ prepared: FieldValue, row: Int, stride: Int) -> Bool {
        plane.fill(prepared, dataType, number: number, codes, row: row, stride: stride)
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
