/// PMML element `SequenceModel`: rules over the order in which sets of items follow each other.
///
/// A record of the mining schema's group field holds one transaction group. Items with the same value of the
/// order field make one set; without an order field each item is a set of its own, one time unit after the
/// last. A sequence is found where its sets are parts of events that follow each other as its delimiters say:
/// `sameTimeWindow` within `timeWindowWidth` of the event before (0 by default: at the same time),
/// `acrossTimeWindows` later than that, `gap="false"` in the very next event; a `Time` between two sets
/// bounds their distance by its `min` and `max`.
///
/// The outputs are those of association rules: `recommendation` takes the rules whose antecedent was found,
/// `exclusiveRecommendation` those of them whose consequent has not followed yet, `ruleAssociation` those
/// whose consequent has.
final class SequenceRules: ScoringModel {
    /// How a set follows the one before.
    struct Link: Sendable {
        var isSameWindow = false
        var isAdjacent = false
        var shortest = 0.0
        var longest = Double.infinity
    }

    /// One set of a sequence.
    struct Step: Sendable {
        /// Position in `sets`.
        let set: Int
        let link: Link
    }

    /// PMML element `SequenceRule`.
    struct Rule: Sendable {
        let antecedent: [Step]
        /// Antecedent and consequent as one sequence.
        let whole: [Step]
    }

    /// The items of each `Itemset` and `SetPredicate`, each once.
    let sets: [[String]]
    /// What an event takes: comparisons with the items of all sets, and with the steps of all rules.
    private let workPerEvent: Int
    let rules: [Rule]
    let window: Double
    let itemSlot: Int
    let orderSlot: Int?
    /// What outputs tell of the rules.
    let catalog: AssociationRules

    /// More events in a group than this are refused.
    static let eventsMax = 10_000
    /// Comparisons of an item or a step with an event beyond which a row is refused.
    static let workMax = 1 << 26

    init(
        sets: [[String]], rules: [Rule], window: Double, slots: (item: Int, order: Int?),
        catalog: AssociationRules
    ) {
        self.sets = sets
        self.rules = rules
        workPerEvent =
            sets.reduce(0) { $0 + $1.count }
            + rules.reduce(0) { $0 + $1.antecedent.count + $1.whole.count }
        self.window = window
        (itemSlot, orderSlot) = slots
        self.catalog = catalog
    }

    var form: String { "sequence rules: \(rules.count) rules over \(sets.count) sets" }

    /// The items at one time.
    private struct Event {
        let time: Double
        var items: Set<String>
    }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        let events = try events(frame)
        guard events.count <= SequenceRules.workMax / max(1, workPerEvent) else {
            throw .evaluation("A group of \(events.count) events is too long for these rules")
        }
        let times = events.map(\.time)
        let found = sets.map { set in events.map { event in set.allSatisfy { event.items.contains($0) } } }
        let rules = Rules(
            model: catalog, antecedents: rules.map { occurs($0.antecedent, found, times) },
            consequents: rules.map { occurs($0.whole, found, times) })
        return .full(Prediction(value: FieldValue(.list([]), .categorical), rules: rules))
    }

    private func events(_ frame: Frame) throws(EvaluationError) -> [Event] {
        let items = try members(itemSlot, frame)
        let times = try orderSlot.map { (slot) throws(EvaluationError) in try members(slot, frame) }
        var records: [(time: Double, item: String)] = []
        for (index, item) in items.enumerated() where !item.isMissing {
            var time = Double(index)
            if let times {
                guard index < times.count, let known = times[index].instant, known.isFinite else {
                    throw EvaluationError(
                        .missingValue, "org.jpmml.evaluator.MissingFieldValueException",
                        "The order of item \"\(item.displayText)\" is not defined")
                }
                time = known
            }
            records.append((time, item.displayText))
        }
        guard records.count <= SequenceRules.eventsMax else {
            throw .evaluation("A group has more than \(SequenceRules.eventsMax) items")
        }
        var events: [Event] = []
        for record in records.sorted(by: { $0.time < $1.time }) {
            if let last = events.indices.last, events[last].time == record.time {
                events[last].items.insert(record.item)
            } else {
                events.append(Event(time: record.time, items: [record.item]))
            }
        }
        return events
    }

    private func members(_ slot: Int, _ frame: Frame) throws(EvaluationError) -> [Value] {
        let value = try frame.value(slot).value
        if case .list(let members) = value { return members }
        return [value]
    }

    /// Whether the steps can be found in order: each step keeps all events where it may end, so that an early
    /// match does not hide a later one that fits the times.
    private func occurs(_ steps: [Step], _ found: [[Bool]], _ times: [Double]) -> Bool {
        guard let first = steps.first else { return false }
        var ends = found[first.set]
        for step in steps.dropFirst() {
            guard ends.contains(true) else { return false }
            ends = follow(step, ends, found[step.set], times)
        }
        return ends.contains(true)
    }

    private func follow(_ step: Step, _ ends: [Bool], _ found: [Bool], _ times: [Double]) -> [Bool] {
        let link = step.link
        // Events before `from` are too early, those from `to` on too late; both only ever move on.
        var (from, to, inside) = (0, 0, 0)
        var next = Array(repeating: false, count: found.count)
        for event in found.indices {
            while to < found.count, precedes(times[to], times[event], link) {
                if ends[to] { inside += 1 }
                to += 1
            }
            let reach = link.isSameWindow ? min(window, link.longest) : link.longest
            while from < to, times[event] - times[from] > reach {
                if ends[from] { inside -= 1 }
                from += 1
            }
            guard found[event] else { continue }
            if link.isAdjacent {
                let nearest = link.isSameWindow ? event - 1...event : event - 1...event - 1
                next[event] = nearest.contains { $0 >= from && $0 < to && ends[$0] }
            } else {
                next[event] = inside > 0
            }
        }
        return next
    }

    private func precedes(_ earlier: Double, _ later: Double, _ link: Link) -> Bool {
        let distance = later - earlier
        guard distance >= max(0, link.shortest) else { return false }
        return link.isSameWindow || distance > window
    }
}

extension Value {
    /// A time on its own scale: days or seconds of dates, else the number.
    var instant: Double? {
        switch self {
        case .date(let count), .time(let count), .dateTime(let count), .days(let count, _),
            .seconds(let count), .dateSeconds(let count, _):
            Double(count)
        case .double, .float, .integer: number
        case .missing, .boolean, .text, .list: nil
        }
    }
}
