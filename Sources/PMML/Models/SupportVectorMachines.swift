/// PMML element `SupportVectorMachineModel`.
///
/// The kernel of the row with each support vector is computed once; the machines weigh what they share.
struct SupportVectorMachines: ScoringModel {
    /// How the machines' numbers become an answer.
    enum Method: Sendable {
        case regression
        /// The machine with the smallest number wins; the largest, where `isMaximum`.
        case oneAgainstAll(isMaximum: Bool)
        /// Each machine votes for one of two categories.
        case oneAgainstOne(Ballot)
    }

    /// Which category a machine votes for.
    enum Ballot: Sendable {
        /// The target category below the threshold (above it, where `isMaximum`), else the alternate one.
        case threshold(isMaximum: Bool)
        /// The target category for 1, the model's alternate one for 0 (`alternateBinaryTargetCategory`).
        case binary(alternate: Int)
    }

    /// One number of the input vector.
    struct Field: Sendable {
        /// `FieldRef`: the value as a number; `CategoricalPredictor`: 1 where it equals the category.
        let expression: any Expression
        let name: String
        let category: Operand?
        /// What is wrong with the field, once its value is there.
        let fault: EvaluationError?
    }

    /// PMML element `SupportVectorMachine`.
    struct Machine: Sendable {
        /// Positions in the table of vectors, with their coefficients.
        var terms: [(vector: Int, coefficient: Double)] = []
        var bias = 0.0
        var threshold = 0.0
        /// Positions in the categories.
        var category: Int?
        var alternate: Int?
        /// What is wrong with the machine: rows that have all their fields fail.
        var fault: EvaluationError?
    }

    let method: Method
    let fields: [Field]
    let kernel: KernelFunction
    let table: VectorTable
    let machines: [Machine]
    let categories: Categories
    let target: Target
    let math: MathContext
    /// What is wrong with the model: every row fails.
    let fault: EvaluationError?

    var form: String {
        "support vector machines: \(machines.count) over \(table.count) vectors of \(fields.count) fields"
    }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        if let fault { throw fault }
        let kernels = kernel.apply(try input(frame), table, math)
        switch method {
        case .regression:
            guard let machine = machines.first else { return .missing }
            return try target.regression(try number(machine, kernels))
        case .oneAgainstAll(let isMaximum): return try contest(kernels, isMaximum: isMaximum)
        case .oneAgainstOne(let ballot): return try vote(kernels, ballot)
        }
    }

    private func input(_ frame: Frame) throws(EvaluationError) -> [Double] {
        var numbers: [Double] = []
        numbers.reserveCapacity(fields.count)
        for field in fields {
            let value = try field.expression.evaluate(frame)
            if value.isMissing { throw .missingFieldValue(field.name) }
            if let fault = field.fault { throw fault }
            if let category = field.category {
                numbers.append(try category.equals(value) ? 1 : 0)
            } else {
                numbers.append(try value.value.converted(to: .double).number ?? .nan)
            }
        }
        return numbers
    }

    private func number(_ machine: Machine, _ kernels: [Double]) throws(EvaluationError) -> Double {
        if let fault = machine.fault { throw fault }
        var sum = 0.0
        for term in machine.terms {
            sum = math.rounded(sum + math.rounded(math.rounded(term.coefficient) * kernels[term.vector]))
        }
        return math.rounded(sum + math.rounded(machine.bias))
    }

    /// A machine for each category; the first of equals wins, NaN is the greatest number.
    private func contest(_ kernels: [Double], isMaximum: Bool) throws(EvaluationError) -> Outcome {
        var numbers = [Double?](repeating: nil, count: categories.count)
        for machine in machines {
            let number = try number(machine, kernels)
            guard let category = machine.category else { throw .lacksTargetCategory }
            numbers[category] = number
        }
        var best: (category: Int, number: Double)?
        for (category, number) in numbers.enumerated() {
            guard let number else { continue }
            if let current = best {
                let order = Value.order(number, current.number)
                if isMaximum ? order <= 0 : order >= 0 { continue }
            }
            best = (category, number)
        }
        guard let best else { return .missing }
        return .full(Prediction(value: target.answer(categories.values[best.category])))
    }

    /// The category with most votes wins, the first voted for among equals; votes are probabilities too.
    private func vote(_ kernels: [Double], _ ballot: Ballot) throws(EvaluationError) -> Outcome {
        var votes = [Double](repeating: 0, count: categories.count)
        var voted: [Int] = []
        for machine in machines {
            let category = try choice(machine, try number(machine, kernels), ballot)
            if votes[category] == 0 { voted.append(category) }
            votes[category] += 1
        }
        guard var best = voted.first else { return .missing }
        for category in voted where votes[category] > votes[best] { best = category }
        let total = Double(machines.count)
        let distribution = Distribution(categories: categories, scores: votes.map { $0 / total })
        return .full(
            Prediction(value: target.answer(categories.values[best]), probability: distribution))
    }

    private func choice(
        _ machine: Machine, _ number: Double, _ ballot: Ballot
    ) throws(EvaluationError) -> Int {
        guard let category = machine.category else { throw .lacksTargetCategory }
        switch ballot {
        case .binary(let alternate):
            let whole = (number + 0.5).rounded(.down)
            if whole == 1 { return category }
            guard whole == 0 || number.isNaN else {
                throw .evaluation("Expected 0.0 or 1.0, got \(JavaNumber.text(whole))")
            }
            return alternate
        case .threshold(let isMaximum):
            let order = Value.order(number, machine.threshold)
            if isMaximum ? order > 0 : order < 0 { return category }
            guard let alternate = machine.alternate else {
                throw .missingAttribute("SupportVectorMachine", "alternateTargetCategory")
            }
            return alternate
        }
    }
}

extension EvaluationError {
    /// A classifying machine that names no category.
    fileprivate static let lacksTargetCategory = EvaluationError.missingAttribute(
        "SupportVectorMachine", "targetCategory")
}
