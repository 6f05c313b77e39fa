/// What becomes of a function's invalid result (attribute `Apply@invalidValueTreatment`).
enum ApplyInvalidTreatment: Sendable {
    case returnInvalid, asIs, asMissing
}

/// PMML element `Apply` over a built-in function.
struct Apply: Expression {
    let name: String
    let body: FunctionBody
    let arguments: [any Expression]
    let mapMissingTo: FieldValue?
    let defaultValue: FieldValue?
    let invalidTreatment: ApplyInvalidTreatment

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        let result: FieldValue
        switch body {
        case .unary(let function):
            let a = try arguments[0].evaluate(frame)
            if let mapMissingTo, a.isMissing { return mapMissingTo }
            result = try guarded { () throws(EvaluationError) in try function(a) }
        case .binary(let function):
            let a = try arguments[0].evaluate(frame)
            let b = try arguments[1].evaluate(frame)
            if let mapMissingTo, a.isMissing || b.isMissing { return mapMissingTo }
            result = try guarded { () throws(EvaluationError) in try function(a, b) }
        case .variadic(_, _, let function):
            var values: [FieldValue] = []
            values.reserveCapacity(arguments.count)
            for argument in arguments { values.append(try argument.evaluate(frame)) }
            if let mapMissingTo, values.contains(where: \.isMissing) { return mapMissingTo }
            result = try guarded { () throws(EvaluationError) in try function(values, frame) }
        case .conditional:
            guard let branch = try conditional(frame) else { return mapMissingTo ?? .missing }
            result = branch
        }
        if result.isMissing, let defaultValue { return defaultValue }
        return result
    }

    private func guarded(
        _ function: () throws(EvaluationError) -> Value
    ) throws(EvaluationError) -> FieldValue {
        do throws(EvaluationError) {
            return FieldValue(try function())
        } catch {
            guard error == .invalidResult(name) || error == .failed(name) else { throw error }
            switch invalidTreatment {
            case .returnInvalid: throw error
            case .asMissing: return .missing
            case .asIs:
                // An integer has no invalid value that could be kept.
                guard error == .invalidResult(name) else { throw .undefined }
                return FieldValue(.double(.nan))
            }
        }
    }

    /// Nil where a missing operand is mapped away.
    private func conditional(_ frame: Frame) throws(EvaluationError) -> FieldValue? {
        let condition = try arguments[0].evaluate(frame)
        if mapMissingTo != nil, condition.isMissing { return nil }
        let isTrue = try FunctionBody.truth(condition, name, 0)
        let branch: FieldValue
        if isTrue {
            branch = try arguments[1].evaluate(frame)
        } else {
            branch = arguments.count > 2 ? try arguments[2].evaluate(frame) : .missing
        }
        if mapMissingTo != nil, branch.isMissing { return nil }
        return branch
    }
}

/// PMML element `Apply` over a `DefineFunction` of the document.
struct ApplyDefined: Expression {
    let function: DefinedFunction
    let arguments: [any Expression]
    let mapMissingTo: FieldValue?
    let defaultValue: FieldValue?

    func evaluate(_ frame: Frame) throws(EvaluationError) -> FieldValue {
        var values: [FieldValue] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try argument.evaluate(frame)) }
        if let mapMissingTo, values.contains(where: \.isMissing) { return mapMissingTo }
        let result = try function.call(values, frame)
        if result.isMissing, let defaultValue { return defaultValue }
        return result
    }
}

/// PMML element `DefineFunction`. Its body is set once, while the document is compiled.
final class DefinedFunction: Sendable {
    struct Parameter: Sendable {
        let slot: Int
        let dataType: DataType?
        let opType: OpType?
    }

    let name: String
    let parameters: [Parameter]
    let result: DerivedField

    init(name: String, parameters: [Parameter], result: DerivedField) {
        self.name = name
        self.parameters = parameters
        self.result = result
    }

    func call(_ arguments: [FieldValue], _ frame: Frame) throws(EvaluationError) -> FieldValue {
        for (parameter, argument) in zip(parameters, arguments) {
            var value = argument
            if let type = parameter.dataType, !value.isMissing {
                value = FieldValue(
                    try value.value.converted(to: type), parameter.opType ?? type.naturalOpType)
            }
            frame.set(parameter.slot, value)
        }
        return try result.evaluate(frame)
    }
}
