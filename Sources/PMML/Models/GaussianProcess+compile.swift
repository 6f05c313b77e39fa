extension GaussianProcess {
    /// More training rows than this are refused: their matrix takes the square of them.
    static let rowsMax = 2_000
    /// More numbers than this in all training rows are refused.
    static let numbersMax = 1 << 20

    /// Compiles a `GaussianProcessModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let element = model.element
        guard model.functionName == "regression" else {
            throw element.fault("only functionName regression is supported")
        }
        let instances = try Instances(try element.requiredChild("TrainingInstances"), model)
        let kernel = try kernel(element, fields: instances.slots.count)
        var rows = instances.inputs
        for index in rows.indices { rows[index] /= kernel.lengths[index % kernel.lengths.count] }
        let width = instances.slots.count
        let count = instances.targets.count
        var packed: [Double] = []
        packed.reserveCapacity(count * (count + 1) / 2)
        for i in 0..<count {
            for j in 0...i {
                let value = kernel.value(
                    rows[i * width..<(i + 1) * width], rows[j * width..<(j + 1) * width])
                packed.append(i == j ? value + kernel.noise : value)
            }
        }
        guard let factor = Cholesky(order: count, packed: packed) else {
            throw element.fault("the kernel's matrix over the training instances is singular")
        }
        let weights = factor.solve(instances.targets)
        guard weights.allSatisfy(\.isFinite) else {
            throw element.fault("the training instances have no finite solution")
        }
        return GaussianProcess(
            kernel: kernel, slots: instances.slots, rows: rows, weights: weights, factor: factor, model: model
        )
    }

    private static func kernel(_ element: Element, fields: Int) throws(Fault) -> Kernel {
        let names = [
            "RadialBasisKernel", "ARDSquaredExponentialKernel", "AbsoluteExponentialKernel",
            "GeneralizedExponentialKernel",
        ]
        guard let child = element.children.first(where: { names.contains($0.name) }) else {
            throw element.fault("a kernel is required")
        }
        let shape: Kernel.Shape
        switch child.name {
        case "AbsoluteExponentialKernel": shape = .absolute
        case "GeneralizedExponentialKernel": shape = .power(try child.positive("degree", default: 1))
        default: shape = .squared
        }
        let noise = try child.finite("noiseVariance") ?? 1
        guard noise >= 0 else { throw child.fault("attribute noiseVariance must not be negative") }
        return Kernel(
            shape: shape, gamma: try child.positive("gamma", default: 1), noise: noise,
            lengths: try lengths(child, fields: fields))
    }

    /// One length for each field: attribute `lambda` of the radial kernel, element `Lambda` of the others.
    private static func lengths(_ kernel: Element, fields: Int) throws(Fault) -> [Double] {
        guard kernel.name != "RadialBasisKernel", let lambda = kernel.child("Lambda") else {
            return Array(repeating: try kernel.positive("lambda", default: 1), count: fields)
        }
        let lengths = try lambda.finiteArray()
        guard lengths.count == fields || lengths.count == 1 else {
            throw lambda.fault("there are \(lengths.count) numbers for \(fields) fields")
        }
        guard lengths.allSatisfy({ $0 > 0 }) else { throw lambda.fault("lengths must be positive") }
        return lengths.count == fields ? lengths : Array(repeating: lengths[0], count: fields)
    }

    /// PMML element `TrainingInstances`: the inputs row by row, and the target of each row.
    private struct Instances {
        var slots: [Int] = []
        var inputs: [Double] = []
        var targets: [Double] = []

        init(_ element: Element, _ model: ModelContext) throws(Fault) {
            guard let target = model.target.name else {
                throw model.element.fault("a target field is required")
            }
            var columns: [String] = []
            var targetColumn: String?
            for field in try element.requiredChild("InstanceFields").children("InstanceField") {
                let name = try field.required("field")
                let column = InlineCell.name(field["column"] ?? name)
                if sameText(name, target) {
                    targetColumn = column
                } else {
                    slots.append(model.slot(name, at: field))
                    columns.append(column)
                }
            }
            guard let targetColumn, !columns.isEmpty else {
                throw element.fault("instance fields for the inputs and the target are required")
            }
            guard let table = element.child("InlineTable") else {
                throw element.fault("an InlineTable is required; a TableLocator cannot be followed")
            }
            try read(table, columns: columns + [targetColumn])
        }

        private mutating func read(_ table: Element, columns: [String]) throws(Fault) {
            for row in table.children("row") {
                guard targets.count < GaussianProcess.rowsMax,
                    inputs.count + columns.count <= GaussianProcess.numbersMax
                else { throw table.fault("there are more than \(GaussianProcess.rowsMax) training rows") }
                let cells = Dictionary(
                    row.children.map { (InlineCell.name($0.name), $0.text) }, uniquingKeysWith: { a, _ in a })
                for (index, column) in columns.enumerated() {
                    guard let number = cells[column].flatMap(JavaNumber.double), number.isFinite else {
                        throw row.fault("cell \(column) must be a finite number")
                    }
                    if index + 1 < columns.count { inputs.append(number) } else { targets.append(number) }
                }
            }
            guard !targets.isEmpty else { throw table.fault("training rows are required") }
        }
    }
}
