import CScoring

/// A numeric expression `(x - shift) / scale` over one slot.
struct Affine {
    let slot: Int
    var shift = 0.0
    var scale = 1.0

    /// The expression as such a form, looking through derived fields.
    ///
    /// - Throws: `Unfit` for any other expression.
    init(_ expression: any Expression, _ types: SlotTypes, depth: Int = 0) throws(Unfit) {
        guard depth < 16 else { throw Unfit("deep derivations") }
        switch expression {
        case let reference as FieldReference where reference.mapMissingTo == nil:
            try self.init(slot: reference.slot, types, depth: depth + 1)
        case let derived as DerivedExpression:
            try self.init(derived.field, types, depth: depth + 1)
        case let apply as Apply
        where apply.arguments.count == 2 && apply.mapMissingTo == nil && apply.defaultValue == nil:
            guard let constant = apply.arguments[1] as? ConstantExpression,
                case .double(let number) = constant.value.value, number.isFinite
            else { throw Unfit("an expression") }
            try self.init(apply.arguments[0], types, depth: depth + 1)
            switch apply.name {
            case "-" where shift == 0 && scale == 1: shift = number
            case "/" where scale == 1 && number != 0: scale = number
            default: throw Unfit("an expression")
            }
        default: throw Unfit("an expression")
        }
    }

    /// The value of a slot itself, or what derives it.
    init(slot own: Int, _ types: SlotTypes, depth: Int = 0) throws(Unfit) {
        let slot = types.origin(of: own)
        guard let type = types[slot], type.isNumeric else { throw Unfit("a field that is not numeric") }
        if case .derived(let field) = types.program.definitions[slot] {
            try self.init(field, types, depth: depth + 1)
        } else {
            self.init(given: slot)
        }
    }

    private init(given slot: Int) {
        self.slot = slot
    }

    private init(_ field: DerivedField, _ types: SlotTypes, depth: Int) throws(Unfit) {
        try self.init(field.expression, types, depth: depth)
        let isPlain = shift == 0 && scale == 1
        guard
            field.dataType == nil || field.dataType == .double
                || (isPlain && field.dataType == types[slot]?.dataType)
        else { throw Unfit("a conversion") }
    }
}

/// The tables of a regression as sums over a plane's values.
struct LinearForm: Sendable {
    /// One table.
    struct Table: Sendable {
        let places: FixedTable<UInt32>
        let shifts: FixedTable<Double>
        let scales: FixedTable<Double>
        let coefficients: FixedTable<Double>
        let intercept: Double
    }

    let regression: Regression
    let tables: [Table]
    let isClassification: Bool

    /// - Throws: `Unfit` where a term is more than a coefficient times a number.
    init(_ regression: Regression, _ types: SlotTypes, _ layout: inout PlaneLayout) throws(Unfit) {
        guard regression.fault == nil else { throw Unfit("a fault of the document") }
        self.regression = regression
        var tables: [Table] = []
        for table in regression.tables {
            guard let intercept = table.intercept else { throw Unfit("no intercept") }
            var terms: [(affine: Affine, coefficient: Double)] = []
            for term in table.terms {
                guard case .numeric(let slot, let coefficient, exponent: 1) = term else {
                    throw Unfit("terms that are not coefficient times number")
                }
                let affine = try Affine(slot: slot, types)
                guard !regression.math.isFloat || (affine.shift == 0 && affine.scale == 1) else {
                    throw Unfit("derived fields in 32-bit arithmetic")
                }
                terms.append((affine, regression.math.rounded(coefficient)))
            }
            tables.append(
                Table(
                    places: FixedTable(terms.map { UInt32(layout.number($0.affine.slot)) }),
                    shifts: FixedTable(terms.map(\.affine.shift)),
                    scales: FixedTable(terms.map(\.affine.scale)),
                    coefficients: FixedTable(terms.map(\.coefficient)),
                    intercept: regression.math.rounded(intercept)))
        }
        self.tables = tables
        isClassification = regression.categories != nil
    }

    /// What it takes of a plane, values aside.
    var size: PlaneSize { PlaneSize(values: 0, columns: 0, sums: tables.count) }

    /// The linear predictors of up to 64 rows: table `k` of row `r` to `plane.sums[k * stride + r]`.
    func score(_ plane: Plane, rows: Int, stride: Int) {
        for (index, table) in tables.enumerated() {
            if regression.math.isFloat {
                roundedSums(table, index, plane, rows: rows, stride: stride)
                continue
            }
            // SAFETY: the plane holds the layout's values, and one column of sums for each table.
            cs_linear(
                table.places.pointer, table.shifts.pointer, table.scales.pointer, table.coefficients.pointer,
                table.places.count, table.intercept, plane.values, rows, stride, plane.sums + index * stride)
        }
    }

    /// In 32-bit arithmetic, each step rounded.
    private func roundedSums(_ table: Table, _ index: Int, _ plane: Plane, rows: Int, stride: Int) {
        let math = regression.math
        for row in 0..<rows {
            var sum = 0.0
            for term in 0..<table.places.count {
                // SAFETY: `term` is below the tables' common count.
                let x = plane.value(Int(table.places.pointer[term]), row: row, stride: stride)
                sum = math.rounded(sum + math.rounded(table.coefficients.pointer[term] * math.rounded(x)))
            }
            // SAFETY: as in `score`.
            plane.sums[index * stride + row] = math.rounded(sum + table.intercept)
        }
    }
}
