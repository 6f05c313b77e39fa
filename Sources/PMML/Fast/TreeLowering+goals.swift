extension TreeLowering {
    /// How a walk goes on.
    indirect enum Goal {
        /// Ask the predicate of the child of this rank, from 0.
        case child(Int, of: Int)
        case leaf(Int)
        /// No answer, or an error.
        case nothing
        case step(Step)
    }

    /// One question inside a compound predicate.
    final class Step {
        enum Question {
            case predicate(Predicate)
            case below(slot: Int, Double)
        }

        let question: Question
        let yes: Goal
        let no: Goal
        let unknown: Goal

        init(_ question: Question, yes: Goal, no: Goal, unknown: Goal) {
            self.question = question
            self.yes = yes
            self.no = no
            self.unknown = unknown
        }
    }

    /// Where a walk goes from a question.
    struct Ways {
        var yes: Goal
        var no: Goal
        var unknown: Goal
    }

    /// What a path has learned of a slot: `low <= value < high` where it is not missing.
    struct Knowledge {
        enum Presence {
            case maybe, present, missing
        }

        var low = -Double.infinity
        var high = Double.infinity
        var presence = Presence.maybe
    }

    /// A compound predicate as steps, one for each part and what the parts before it gave.
    static func compound(_ predicate: Predicate, _ ways: Ways) -> Goal {
        switch predicate {
        case .and(let parts):
            // The second of each pair: some part before was unknown.
            var (sure, unsure) = (ways.yes, ways.unknown)
            for part in parts.reversed() {
                let next = (sure, unsure)
                sure = .step(Step(.predicate(part), yes: next.0, no: ways.no, unknown: next.1))
                unsure = .step(Step(.predicate(part), yes: next.1, no: ways.no, unknown: next.1))
            }
            return sure
        case .or(let parts):
            var (sure, unsure) = (ways.no, ways.unknown)
            for part in parts.reversed() {
                let next = (sure, unsure)
                sure = .step(Step(.predicate(part), yes: ways.yes, no: next.0, unknown: next.1))
                unsure = .step(Step(.predicate(part), yes: ways.yes, no: next.1, unknown: next.1))
            }
            return sure
        case .xor(let parts):
            var (even, odd) = (ways.no, ways.yes)
            for part in parts.reversed() {
                let next = (even, odd)
                even = .step(Step(.predicate(part), yes: next.1, no: next.0, unknown: ways.unknown))
                odd = .step(Step(.predicate(part), yes: next.0, no: next.1, unknown: ways.unknown))
            }
            return even
        case .surrogate(let parts):
            return parts.reversed().reduce(ways.unknown) { rest, part in
                .step(Step(.predicate(part), yes: ways.yes, no: ways.no, unknown: rest))
            }
        case .always, .never, .simple, .isMissing, .set, .failing:
            return .step(Step(.predicate(predicate), yes: ways.yes, no: ways.no, unknown: ways.unknown))
        }
    }
}

extension TreeLowering.Knowledge {
    /// Whether every value within the bounds is below the threshold, or none is; nil where it depends.
    func answer(_ threshold: Double) -> Bool? {
        high <= threshold ? true : low >= threshold ? false : nil
    }
}

extension Operand {
    /// The constant as a number of the type; nil where it is none.
    func number(as type: DataType) -> Double? {
        switch type {
        case .double: double
        case .float: float.map(Double.init)
        case .integer: integer.map(Double.init)
        case .string, .boolean, .date, .time, .dateTime, .dateDaysSince, .timeSeconds,
            .dateTimeSecondsSince:
            nil
        }
    }
}
