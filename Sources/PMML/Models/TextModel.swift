import Glibc

/// PMML element `TextModel`: the documents of a corpus that are most like a text.
///
/// The row is a document of its own: one text field, whose words and phrases are counted, or numeric fields
/// named like the terms, which hold the counts. With f the count of a term in a document, n the number of
/// documents with the term, N that of all documents:
///
/// | `localTermWeights` | L |
/// |---|---|
/// | `termFrequency` | f |
/// | `binary` | 1 where f > 0 |
/// | `logarithmic` | log(1 + f) |
/// | `augmentedNormalizedTermFrequency` | (1 where f > 0, plus f / greatest f) / 2 |
///
/// | `globalTermWeights` | G |
/// |---|---|
/// | `none` | 1 |
/// | `inverseDocumentFrequency` | log(N / n) |
/// | `GFIDF` | sum of f over documents / n |
/// | `normal` | 1 / sqrt(sum of f^2) |
/// | `probabilisticInverse` | log((N - n) / n) |
///
/// A document's vector is L G for each term, scaled to length 1 with `documentNormalization="cosine"`.
/// Logarithms are decimal, as element `TextIndex` has them. The answer is the id of the most similar
/// document; entity ids and affinities tell the others.
final class TextModel: ScoringModel {
    /// Attribute `localTermWeights`.
    enum LocalWeight: String, Sendable {
        case termFrequency, binary, logarithmic
        case augmented = "augmentedNormalizedTermFrequency"
    }

    /// Attribute `globalTermWeights`.
    enum GlobalWeight: String, Sendable {
        case none, inverseDocumentFrequency, normal, probabilisticInverse
        case gfidf = "GFIDF"
    }

    /// Where the row's counts come from.
    enum Source: Sendable {
        case text(slot: Int, TermCounter)
        /// One slot for each term; nil for a term without a field.
        case counts([Int?])
    }

    let source: Source
    let documents: [String]
    let localWeight: LocalWeight
    /// One for each term.
    let globalWeights: [Double]
    let normalises: Bool
    let isEuclidean: Bool
    /// The documents' vectors, one after the other.
    private let vectors: [Double]
    private let lengths: [Double]

    init(
        source: Source, documents: [String], counts: [Double], weights: (LocalWeight, [Double]),
        normalises: Bool, isEuclidean: Bool
    ) {
        self.source = source
        self.documents = documents
        (localWeight, globalWeights) = weights
        self.normalises = normalises
        self.isEuclidean = isEuclidean
        let width = weights.1.count
        var vectors: [Double] = []
        var lengths: [Double] = []
        for document in documents.indices {
            let vector = TextModel.vector(
                counts[document * width..<(document + 1) * width], weights, normalises: normalises)
            lengths.append(vector.reduce(0) { $0 + $1 * $1 }.squareRoot())
            vectors += vector
        }
        self.vectors = vectors
        self.lengths = lengths
    }

    var form: String { "text model: \(documents.count) documents of \(globalWeights.count) terms" }

    /// A document's weighted vector.
    private static func vector(
        _ counts: ArraySlice<Double>, _ weights: (local: LocalWeight, global: [Double]), normalises: Bool
    ) -> [Double] {
        let greatest = counts.max() ?? 0
        var vector: [Double] = []
        for (count, global) in zip(counts, weights.global) {
            let local: Double
            switch weights.local {
            case .termFrequency: local = count
            case .binary: local = count > 0 ? 1 : 0
            case .logarithmic: local = Glibc.log10(1 + count)
            case .augmented: local = count > 0 ? (1 + count / greatest) / 2 : 0
            }
            vector.append(local * global)
        }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return normalises && length > 0 ? vector.map { $0 / length } : vector
    }

    func score(_ frame: Frame) throws(EvaluationError) -> Outcome {
        guard let counts = try counts(frame) else { return .missing }
        let query = TextModel.vector(counts[...], (localWeight, globalWeights), normalises: normalises)
        let length = query.reduce(0) { $0 + $1 * $1 }.squareRoot()
        var scores: [Double] = []
        for document in documents.indices {
            let vector = vectors[document * query.count..<(document + 1) * query.count]
            var sum = 0.0
            for (a, b) in zip(query, vector) { sum += isEuclidean ? (a - b) * (a - b) : a * b }
            if isEuclidean {
                scores.append(sum.squareRoot())
            } else {
                // A text without any of the terms is like no document.
                let lengths = length * lengths[document]
                scores.append(lengths > 0 ? sum / lengths : 0)
            }
        }
        guard scores.allSatisfy(\.isFinite) else { throw .undefined("A similarity is not a finite number") }
        let affinities = Affinities(ids: documents, scores: scores, isDistance: isEuclidean)
        guard let best = affinities.position(rank: 1) else { return .missing }
        return .full(
            Prediction(
                value: FieldValue(.text(documents[best]), .categorical), affinity: affinities,
                entity: Prediction.Entity(id: documents[best])))
    }

    /// How often each term occurs in the row; nil where the text is missing.
    private func counts(_ frame: Frame) throws(EvaluationError) -> [Double]? {
        switch source {
        case .text(let slot, let counter):
            let value = try frame.value(slot)
            return value.isMissing ? nil : try counter.counts(value.value.displayText)
        case .counts(let slots):
            var counts: [Double] = []
            for slot in slots {
                guard let slot, case let value = try frame.value(slot), !value.isMissing else {
                    counts.append(0)
                    continue
                }
                guard let count = try value.value.cast(to: .double).number, count >= 0, count.isFinite else {
                    throw EvaluationError(
                        .invalidValue, "org.jpmml.evaluator.ValueCheckException",
                        "A term's count must not be negative, as \(value.value.displayText) is")
                }
                counts.append(count)
            }
            return counts
        }
    }
}

/// Counts terms, words or phrases, in a text.
struct TermCounter: Sendable {
    private let index: TextIndex
    /// Positions of terms by their words.
    private let positions: [[String]: [Int]]
    private let wordsMax: Int
    private let count: Int
    /// Longer phrases are refused.
    static let phraseMax = 8

    /// - Returns: nil where a term is empty or has too many words.
    init?(terms: [String], pattern: Pattern) throws(EvaluationError) {
        index = TextIndex(
            slot: 0, term: ConstantExpression(value: .missing), weight: .termFrequency,
            isCaseSensitive: false,
            distanceMax: 0, countsBestHits: false, tokeniser: .separator(pattern), normalisations: [])
        var positions: [[String]: [Int]] = [:]
        var wordsMax = 0
        for (position, term) in terms.enumerated() {
            let words = try index.tokens(term)
            guard !words.isEmpty, words.count <= TermCounter.phraseMax else { return nil }
            positions[words, default: []].append(position)
            wordsMax = max(wordsMax, words.count)
        }
        self.positions = positions
        self.wordsMax = wordsMax
        count = terms.count
    }

    /// How often each term occurs.
    func counts(_ text: String) throws(EvaluationError) -> [Double] {
        let words = try index.tokens(text)
        var counts = Array(repeating: 0.0, count: count)
        for start in words.indices {
            for length in 1...max(1, wordsMax) where start + length <= words.count {
                for position in positions[Array(words[start..<start + length])] ?? [] {
                    counts[position] += 1
                }
            }
        }
        return counts
    }
}
