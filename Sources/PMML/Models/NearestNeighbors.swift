/// PMML element `NearestNeighborModel`.
///
/// Training rows of numbers that are compared by their differences lie in a table that one pass goes through;
/// other rows are compared field by field.
struct NearestNeighbors: ScoringModel {
    /// Attribute `continuousScoringMethod`.
    enum Averaging: String, Sendable {
        case average, median, weightedAverage
    }

    /// Attribute `categoricalScoringMethod`.
    enum Voting: String, Sendable {
        case majorityVote, weightedMajorityVote
    }

    /// What the training rows say of one target.
    enum Answers: Sendable {
        case numbers([Double], Averaging)
        case categories(Ballot)
        /// The document is at fault: every row fails.
        case failing(EvaluationError)
    }

    let measure: Measure
    let inputs: [Measure.Field]
    let rows: Rows
    /// The entity of each training row: ids, and positions in them.
    let ids: [String]
    let entities: [Int]
    let neighbourCount: Int
    /// Added to distances before they become weights.
    let threshold: Double
    let targets: [(target: Target, answers: Answers)]
    let isClustering: Bool
    let math: MathContext

    var form: String {
        "nearest neighbours: \(neighbourCount) of \(entities.count) rows, "
            + (rows.isTable ? "compared in one pass" : "compared field by field")
    }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        var values: [FieldValue] = []
        values.reserveCapacity(inputs.count)
        for input in inputs { values.append(try frame.value(input.slot)) }
        let scores = try rows.compare(values, measure, inputs, math)
        let nearest = Ranking.first(neighbourCount, of: scores, isDistance: measure.isDistance)
        if isClustering { throw .evaluation("Classification result has not been computed") }
        let affinities = affinities(scores, nearest)
        let entity = Prediction.Entity(id: affinities.position(rank: 1).map { ids[$0] })
        func prediction(_ value: FieldValue) -> Outcome {
            .full(Prediction(value: value, affinity: affinities, entity: entity))
        }
        var outcomes: [(target: String, outcome: Outcome)] = []
        for (target, answers) in targets {
            let value = try answer(target, answers, nearest, scores)
            outcomes.append((target.name ?? Target.standardName, prediction(value)))
        }
        if outcomes.count == 1, let only = outcomes.first { return only.outcome }
        return .several(outcomes)
    }

    /// Training rows that share an id are one entity, as near as the last of them.
    private func affinities(_ scores: [Double], _ nearest: [Int]) -> Affinities {
        if ids.count == scores.count {
            return Affinities(ids: ids, scores: scores, isDistance: measure.isDistance, leading: nearest)
        }
        var merged = [Double](repeating: 0, count: ids.count)
        for (row, score) in scores.enumerated() { merged[entities[row]] = score }
        return Affinities(ids: ids, scores: merged, isDistance: measure.isDistance)
    }

    private func answer(
        _ target: Target, _ answers: Answers, _ nearest: [Int], _ scores: [Double]
    ) throws(EvaluationError) -> FieldValue {
        switch answers {
        case .failing(let error): throw error
        case .numbers(let numbers, let averaging):
            let near = nearest.map { numbers[$0] }
            let number: Double
            switch averaging {
            case .average: number = math.rounded(sum(near) / Double(near.count))
            case .median: number = median(near)
            case .weightedAverage: number = average(near, weights: try weights(nearest, scores))
            }
            let value = math.value(number)
            guard let dataType = target.dataType else { return FieldValue(value, .continuous) }
            return FieldValue(try value.converted(to: dataType), target.opType ?? .continuous)
        case .categories(let ballot):
            let weights = ballot.isWeighted ? try weights(nearest, scores) : nil
            return target.answer(ballot.winner(nearest, weights, math))
        }
    }

    private func sum(_ numbers: [Double]) -> Double {
        numbers.reduce(0) { math.rounded($0 + $1) }
    }

    private func median(_ numbers: [Double]) -> Double {
        let sorted = numbers.sorted { Value.order($0, $1) < 0 }
        let middle = sorted.count / 2
        guard sorted.count % 2 == 0 else { return sorted[middle] }
        return math.rounded(math.rounded(sorted[middle - 1] + sorted[middle]) / 2)
    }

    private func average(_ numbers: [Double], weights: [Double]) -> Double {
        let products = zip(numbers, weights).map { math.rounded($0 * $1) }
        return math.rounded(sum(products) / sum(weights))
    }

    /// Inverse distances; similarities have none.
    private func weights(_ nearest: [Int], _ scores: [Double]) throws(EvaluationError) -> [Double] {
        guard measure.isDistance else {
            throw .type(expected: "distance", actual: "similarity")
        }
        return nearest.map { math.rounded(1 / math.rounded(scores[$0] + math.rounded(threshold))) }
    }
}

extension NearestNeighbors {
    /// The categories of the training rows, and how neighbours choose among them.
    struct Ballot: Sendable {
        let categories: [Value]
        /// The category of each training row.
        let byRow: [Int]
        /// How many training rows have each category.
        let frequencies: [Int]
        let isWeighted: Bool

        /// The category with most votes; among equals, the most frequent one in training; then the smallest.
        func winner(_ nearest: [Int], _ weights: [Double]?, _ math: MathContext) -> Value {
            var votes: [Int: Double] = [:]
            for (rank, row) in nearest.enumerated() {
                let weight = weights.map { $0[rank] } ?? 1
                votes[byRow[row]] = math.rounded((votes[byRow[row]] ?? 0) + weight)
            }
            var best: Int?
            for (category, vote) in votes {
                guard let current = best else {
                    best = category
                    continue
                }
                if precedes(category, vote, current, votes[current] ?? 0) { best = category }
            }
            return best.map { categories[$0] } ?? .missing
        }

        private func precedes(_ a: Int, _ voteA: Double, _ b: Int, _ voteB: Double) -> Bool {
            let order = Value.order(voteA, voteB)
            if order != 0 { return order > 0 }
            if frequencies[a] != frequencies[b] { return frequencies[a] > frequencies[b] }
            return (categories[a].order(to: categories[b]) ?? (a < b ? -1 : 1)) < 0
        }
    }
}

/// The best of many scores.
enum Ranking {
    /// Positions of the `count` best scores, best first; ties in order of position, NaN the greatest number.
    static func first(_ count: Int, of scores: [Double], isDistance: Bool) -> [Int] {
        func precedes(_ a: Int, _ b: Int) -> Bool {
            let order = Value.order(scores[a], scores[b])
            return order == 0 ? a < b : isDistance ? order < 0 : order > 0
        }
        guard count <= insertionMax else {
            return Array(scores.indices.sorted(by: precedes).prefix(count))
        }
        var best: [Int] = []
        best.reserveCapacity(count + 1)
        for position in scores.indices {
            if best.count >= count {
                guard let last = best.last, precedes(position, last) else { continue }
                best.removeLast()
            }
            let at = best.lastIndex { precedes($0, position) }.map { $0 + 1 } ?? 0
            best.insert(position, at: at)
        }
        return best
    }

    /// Past this many, sorting all is quicker than inserting each.
    private static let insertionMax = 64
}
