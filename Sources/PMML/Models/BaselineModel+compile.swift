extension BaselineModel {
    /// Compiles a `BaselineModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let tests = model.element.children("TestDistributions")
        guard let element = tests.first, tests.count == 1 else {
            throw model.element.fault("one TestDistributions element was expected")
        }
        let test = try test(element)
        var slots: [Int] = []
        for field in try fields(of: test, element) { slots.append(model.slot(field, at: element)) }
        let weightSlot = element["weightField"].map { model.slot($0, at: element) }
        return BaselineModel(
            test: test, slots: slots, weightSlot: weightSlot,
            windowSize: try element.integer("windowSize", in: 0...Int(Int32.max), default: 0),
            target: model.target)
    }

    private static func fields(of test: Test, _ element: Element) throws(Fault) -> [String] {
        switch test {
        case .zValue, .cusum: return [try element.required("field")]
        case .distribution(let table), .independence(let table), .scalarProduct(let table, _):
            return table.fields
        }
    }

    private static func test(_ element: Element) throws(Fault) -> Test {
        let baseline = try element.requiredChild("Baseline")
        switch try element.required("testStatistic") {
        case "zValue":
            let moments = try distribution(baseline).moments
            guard moments.deviation > 0 else { throw baseline.fault("the variance must be positive") }
            return .zValue(mean: moments.mean, deviation: moments.deviation)
        case "CUSUM":
            let alternate = try element.requiredChild("Alternate")
            return .cusum(
                baseline: try density(baseline), alternate: try density(alternate),
                reset: try element.finite("resetValue") ?? 0)
        case "chiSquareDistribution": return .distribution(try table(baseline))
        case "chiSquareIndependence":
            let table = try table(baseline)
            guard table.fields.count >= 2 else {
                throw baseline.fault("a table over at least two fields is required")
            }
            return .independence(table)
        case "scalarProduct":
            switch element["normalizationScheme"]?.lowercased() {
            case nil, "none": return .scalarProduct(try table(baseline), isNormalised: false)
            case "independent": return .scalarProduct(try table(baseline), isNormalised: true)
            case .some(let text):
                throw element.fault("attribute normalizationScheme has the unknown value \"\(text)\"")
            }
        case let text: throw element.fault("attribute testStatistic has the unknown value \"\(text)\"")
        }
    }

    private static func density(_ element: Element) throws(Fault) -> BaselineDistribution {
        guard element.child("AnyDistribution") == nil else {
            throw element.fault("an AnyDistribution has no density")
        }
        return try distribution(element)
    }

    private static func distribution(_ element: Element) throws(Fault) -> BaselineDistribution {
        for child in element.children {
            switch child.name {
            case "GaussianDistribution", "AnyDistribution":
                let variance = try child.requiredFinite("variance")
                guard variance > 0 else { throw child.fault("attribute variance must be positive") }
                return .gaussian(mean: try child.requiredFinite("mean"), variance: variance)
            case "PoissonDistribution":
                let mean = try child.requiredFinite("mean")
                guard mean > 0 else { throw child.fault("attribute mean must be positive") }
                return .poisson(mean: mean)
            case "UniformDistribution":
                let (lower, upper) = (try child.requiredFinite("lower"), try child.requiredFinite("upper"))
                guard lower < upper else { throw child.fault("attribute upper must be above lower") }
                return .uniform(lower: lower, upper: upper)
            default: continue
            }
        }
        throw element.fault("a distribution is required")
    }

    private static func table(_ element: Element) throws(Fault) -> CountTable {
        guard let table = element.child("CountTable") ?? element.child("NormalizedCountTable") else {
            throw element.fault("a count table is required")
        }
        var reader = CountTableReader()
        try reader.read(table, [])
        guard reader.cells.contains(where: { $0.count > 0 }) else {
            throw table.fault("a positive count is required")
        }
        return CountTable(fields: reader.fields, values: reader.values, cells: reader.cells)
    }
}

/// Flattens nested `FieldValue` and `FieldValueCount` elements.
private struct CountTableReader {
    var fields: [String] = []
    var values: [[Operand]] = []
    var cells: [CountTable.Cell] = []
    private var positions: [[String: Int]] = []
    private var known: Set<[Int]> = []
    /// Tables over more fields, or with more cells, are refused.
    static let (fieldsMax, cellsMax) = (16, 1 << 16)

    mutating func read(_ element: Element, _ outer: [Int]) throws(Fault) {
        for child in element.children where child.name == "FieldValue" || child.name == "FieldValueCount" {
            let inner = outer + [try position(child, level: outer.count)]
            if child.name == "FieldValue" {
                try read(child, inner)
                continue
            }
            let count = try child.requiredFinite("count")
            guard count >= 0, known.insert(inner).inserted else {
                throw child.fault("a count must not be negative, nor come twice")
            }
            guard cells.count < CountTableReader.cellsMax else {
                throw child.fault("the table has more than \(CountTableReader.cellsMax) counts")
            }
            guard cells.first.map({ $0.positions.count == inner.count }) ?? true else {
                throw child.fault("every count must be under as many fields")
            }
            cells.append(CountTable.Cell(positions: inner, count: count))
        }
    }

    private mutating func position(_ element: Element, level: Int) throws(Fault) -> Int {
        let (field, value) = (try element.required("field"), try element.required("value"))
        guard level < CountTableReader.fieldsMax else { throw element.fault("the table nests too deep") }
        if level == fields.count {
            fields.append(field)
            values.append([])
            positions.append([:])
        }
        guard sameText(fields[level], field) else {
            throw element.fault("field \"\(fields[level])\" was expected at this depth")
        }
        if let known = positions[level][value] { return known }
        positions[level][value] = values[level].count
        values[level].append(Operand(value))
        return values[level].count - 1
    }
}
