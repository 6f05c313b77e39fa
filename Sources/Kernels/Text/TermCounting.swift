import Tensors

/// A token of `TfIdfVectorizer`.
private enum Term: Hashable {
    case text(String)
    case number(Int64)

    /// Elementary operations of looking it up.
    var work: Int {
        switch self {
        case .text(let text): 8 + text.utf8.count / 4
        case .number: 8
        }
    }
}

/// The n-grams of `TfIdfVectorizer` as a tree by their tokens.
private struct TermTree: Sendable {
    /// Children of each node by token; node 0 is the root.
    private var children: [[Term: Int]] = [[:]]
    /// The n-gram that ends at each node, its number in the pool.
    private var grams: [Int?] = [nil]

    mutating func insert(_ terms: ArraySlice<Term>, gram: Int) {
        var node = 0
        for term in terms {
            if let child = children[node][term] {
                node = child
            } else {
                children.append([:])
                grams.append(nil)
                children[node][term] = children.count - 1
                node = children.count - 1
            }
        }
        grams[node] = gram
    }

    func child(of node: Int, _ term: Term) -> Int? { children[node][term] }
    func gram(at node: Int) -> Int? { grams[node] }
}

/// The attributes of `TfIdfVectorizer`, made ready once.
private struct TermCounter: Sendable {
    private enum Measure { case count, presence, weighted }

    private let measure: Measure
    private let lengths: ClosedRange<Int>
    private let skipMax: Int
    private let tree: TermTree
    /// The output column of each n-gram of the pool, and its weight.
    private let columns: [Int]
    private let weights: [Float]?
    /// Columns of a row.
    let width: Int

    init(_ attributes: Attributes) throws(KernelError) {
        switch try attributes.text("mode", default: "") {
        case "TF": measure = .count
        case "IDF": measure = .presence
        case "TFIDF": measure = .weighted
        case let mode: throw .invalid("attribute mode = \(mode)")
        }
        let shortest = try attributes.integer("min_gram_length", default: 0)
        let longest = try attributes.integer("max_gram_length", default: 0)
        skipMax = try attributes.integer("max_skip_count", default: 0)
        let columns = try attributes.integers("ngram_indexes") ?? []
        let weights = try attributes.floats("weights")
        guard shortest >= 1, shortest <= longest, longest <= 1 << 16, (0...(1 << 16)).contains(skipMax),
            columns.allSatisfy({ (0..<(1 << 28)).contains($0) }),
            weights.map({ $0.count == columns.count }) ?? true
        else { throw .invalid("lengths \(shortest) to \(longest), or the n-grams' indexes") }
        (self.columns, self.weights) = (columns, weights)
        lengths = shortest...longest
        width = (columns.max() ?? -1) + 1
        tree = try Self.tree(attributes, gramCount: columns.count)
    }

    /// The tree of the pool: all n-grams of one token, then all of two, ...; `ngram_counts` says where each
    /// length begins.
    private static func tree(_ attributes: Attributes, gramCount: Int) throws(KernelError) -> TermTree {
        var pool = (try attributes.texts("pool_strings") ?? []).map { Term.text($0) }
        if pool.isEmpty { pool = (try attributes.integers("pool_int64s") ?? []).map { .number(Int64($0)) } }
        let starts = try attributes.integers("ngram_counts") ?? []
        var tree = TermTree()
        var gram = 0
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : pool.count
            guard start >= 0, start <= end, end <= pool.count, (end - start) % (index + 1) == 0 else {
                throw .invalid("ngram_counts \(starts) for a pool of \(pool.count)")
            }
            for place in stride(from: start, to: end, by: index + 1) {
                tree.insert(pool[place..<(place + index + 1)], gram: gram)
                gram += 1
            }
        }
        guard gram == gramCount else { throw .invalid("\(gramCount) indexes for \(gram) n-grams") }
        return tree
    }

    /// The row of `terms`.
    func row(_ terms: [Term], _ workspace: Workspace) throws(KernelError) -> [Float] {
        var row = [Float](repeating: 0, count: width)
        for distance in 1...(skipMax + 1) {
            // N-grams of one token skip nothing, so they count once.
            let shortest = distance == 1 ? lengths.lowerBound : max(lengths.lowerBound, 2)
            guard shortest <= lengths.upperBound, distance == 1 || distance < terms.count else { break }
            for first in terms.indices {
                var work = terms[first].work
                var (node, place, length) = (0, first, 1)
                while place < terms.count, length <= lengths.upperBound,
                    let child = tree.child(of: node, terms[place])
                {
                    if length >= shortest, let gram = tree.gram(at: child) { row[columns[gram]] += 1 }
                    (node, place, length) = (child, place + distance, length + 1)
                    if place < terms.count { work = saturatingAdd(work, terms[place].work) }
                }
                try workspace.charge(work)
            }
        }
        guard measure != .count else { return row }
        var factors = [Float](repeating: 1, count: width)
        if let weights { for (gram, column) in columns.enumerated() { factors[column] = weights[gram] } }
        return zip(row, factors).map { count, factor in
            measure == .weighted ? count * factor : count > 0 ? factor : 0
        }
    }
}

extension Invocation {
    /// `TfIdfVectorizer` (opset 9): how often each n-gram of the pool stands in each row of tokens, or
    /// whether it does, weighted.
    func countTerms() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        let counter = try cache.value { () throws(KernelError) in try TermCounter(attributes) }
        guard (1...2).contains(x.shape.rank), !x.elementType.isFloatingPoint, x.elementType != .bool else {
            throw .invalid("tokens \(x.elementType) \(x.shape)")
        }
        try workspace.reserve(x.count, elementBytes: 2 * MemoryLayout<Term>.stride + 16)
        let terms =
            x.elementType == .string
            ? x.strings.map { Term.text($0) } : x.converted(to: Int64.self).map { .number($0) }
        let length = x.shape.dims[x.shape.rank - 1]
        let rowCount = x.shape.rank == 1 ? 1 : x.shape[0]
        try workspace.reserve(saturatingMultiply(rowCount, counter.width))
        var results: [Float] = []
        for row in 0..<rowCount {
            results += try counter.row(Array(terms[(row * length)..<((row + 1) * length)]), workspace)
        }
        return [try make(x.shape.dims.dropLast() + [counter.width], results)]
    }

    /// `Tokenizer` (com.microsoft 1, which scikit-learn's text vectorisers become): the tokens of each
    /// string along a new last axis, filled up with `pad_value`.
    func tokenize() throws(KernelError) -> [Tensor] {
        let x = try stringInput(0)
        guard (1...2).contains(x.shape.rank) else { throw .invalid("strings \(x.shape)") }
        let tokenizer = try cache.value { () throws(KernelError) in try Tokenizer(attributes) }
        let rows = try x.strings.map { (text) throws(KernelError) in try tokenizer.tokens(of: text, workspace)
        }
        return [try padded(rows, x.shape.dims, with: try attributes.text("pad_value", default: ""))]
    }
}

/// The attributes of `Tokenizer`.
private struct Tokenizer: Sendable {
    private enum Rule {
        case characters
        /// What lies between matches, one separator after the other.
        case separators([Pattern])
        /// The matches themselves.
        case expression(Pattern)
    }

    private let rule: Rule
    private let lengthMin: Int
    private let marks: Bool

    init(_ attributes: Attributes) throws(KernelError) {
        lengthMin = try attributes.integer("mincharnum", default: 1)
        marks = try attributes.flag("mark")
        let separators = try attributes.texts("separators") ?? []
        let expression = try attributes.text("tokenexp", default: "")
        if !expression.isEmpty {
            rule = .expression(try Pattern(expression))
        } else if separators == [""] {
            rule = .characters
        } else {
            guard !separators.isEmpty else { throw .invalid("neither separators nor tokenexp") }
            rule = .separators(try separators.map { (text) throws(KernelError) in try Pattern(text) })
        }
    }

    func tokens(of text: String, _ workspace: Workspace) throws(KernelError) -> [String] {
        // Where each character is a token: a list and a string of its own.
        try workspace.reserve(text.utf8.count, elementBytes: 96)
        let scalars = Array(text.unicodeScalars)
        var parts: [[Unicode.Scalar]]
        switch rule {
        case .characters: parts = scalars.map { [$0] }
        case .expression(let pattern): parts = try matches(of: pattern, in: scalars, workspace)
        case .separators(let patterns):
            parts = [scalars]
            for pattern in patterns {
                var cut: [[Unicode.Scalar]] = []
                for part in parts { cut += try pieces(of: part, between: pattern, workspace) }
                parts = cut
            }
        }
        let tokens = parts.filter { $0.count >= lengthMin }.map { String(String.UnicodeScalarView($0)) }
        // Start and end of text, as the operator's definition has them.
        return marks ? ["\u{2}"] + tokens + ["\u{3}"] : tokens
    }

    private func matches(of pattern: Pattern, in text: [Unicode.Scalar], _ workspace: Workspace)
        throws(KernelError) -> [[Unicode.Scalar]]
    {
        var found: [[Unicode.Scalar]] = []
        var place = 0
        while place < text.count, let match = try pattern.firstMatch(in: text, from: place, workspace) {
            found.append(Array(text[match]))
            place = max(match.upperBound, place + 1)
        }
        return found
    }

    private func pieces(of text: [Unicode.Scalar], between pattern: Pattern, _ workspace: Workspace)
        throws(KernelError) -> [[Unicode.Scalar]]
    {
        var found: [[Unicode.Scalar]] = []
        var place = 0
        while place <= text.count, let match = try pattern.firstMatch(in: text, from: place, workspace) {
            found.append(Array(text[place..<match.lowerBound]))
            place = match.isEmpty ? match.upperBound + 1 : match.upperBound
        }
        return place < text.count ? found + [Array(text[place...])] : found
    }
}
