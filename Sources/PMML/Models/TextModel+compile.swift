import Glibc

extension TextModel {
    /// More cells of the document-term matrix than this are refused.
    static let cellsMax = 1 << 24

    /// Compiles a `TextModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let element = model.element
        let terms = try element.requiredChild("TextDictionary").requiredArray().arrayEntries
        var documents: [String] = []
        for document in try element.requiredChild("TextCorpus").children("TextDocument") {
            documents.append(try document.required("id"))
        }
        try check("numberOfTerms", element, terms.count)
        try check("numberOfDocuments", element, documents.count)
        let holder = try element.requiredChild("DocumentTermMatrix")
        let counts = try DenseMatrix(
            try holder.requiredChild("Matrix"), rows: documents.count, columns: terms.count,
            cellsMax: cellsMax
        ).values
        guard counts.allSatisfy({ $0 >= 0 }) else { throw holder.fault("counts must not be negative") }
        let normalisation = element.child("TextModelNormalization") ?? element
        let global = try normalisation.choice(
            "globalTermWeights", default: GlobalWeight.inverseDocumentFrequency)
        let weights = try globalWeights(global, counts, width: terms.count, holder)
        return TextModel(
            source: try source(model, terms), documents: documents, counts: counts,
            weights: (
                try normalisation.choice("localTermWeights", default: LocalWeight.termFrequency), weights
            ),
            normalises: try normalises(normalisation), isEuclidean: try isEuclidean(element))
    }

    private static func check(_ attribute: String, _ element: Element, _ count: Int) throws(Fault) {
        guard count > 0, try element.integer(attribute) ?? count == count else {
            throw element.fault("attribute \(attribute) is \"\(element[attribute] ?? "")\", not \(count)")
        }
    }

    private static func normalises(_ element: Element) throws(Fault) -> Bool {
        switch element["documentNormalization"] {
        case nil, "none": return false
        case "cosine": return true
        case .some(let text):
            throw element.fault("attribute documentNormalization has the unknown value \"\(text)\"")
        }
    }

    /// The standard spells the element `TextModelSimiliarity`.
    private static func isEuclidean(_ element: Element) throws(Fault) -> Bool {
        guard let child = element.child("TextModelSimiliarity") ?? element.child("TextModelSimilarity") else {
            return false
        }
        switch child["similarityType"] {
        case nil, "cosine": return false
        case "euclidean": return true
        case .some(let text):
            throw child.fault("attribute similarityType has the unknown value \"\(text)\"")
        }
    }

    private static func globalWeights(
        _ kind: GlobalWeight, _ counts: [Double], width: Int, _ element: Element
    ) throws(Fault) -> [Double] {
        let documents = Double(counts.count / max(1, width))
        var weights: [Double] = []
        for term in 0..<width {
            var (sum, squares, present) = (0.0, 0.0, 0.0)
            for at in stride(from: term, to: counts.count, by: width) where counts[at] > 0 {
                sum += counts[at]
                squares += counts[at] * counts[at]
                present += 1
            }
            let weight: Double
            switch kind {
            case .none: weight = 1
            // A term of no document has no weight.
            case _ where present == 0: weight = 0
            case .inverseDocumentFrequency: weight = Glibc.log10(documents / present)
            case .gfidf: weight = sum / present
            case .normal: weight = 1 / squares.squareRoot()
            case .probabilisticInverse: weight = Glibc.log10((documents - present) / present)
            }
            guard weight.isFinite else {
                throw element.fault("term \(term + 1) has no finite weight \(kind.rawValue)")
            }
            weights.append(weight)
        }
        return weights
    }

    private static func source(_ model: ModelContext, _ terms: [String]) throws(Fault) -> Source {
        let active = model.scope.miningOrder.filter { $0.usage == .active }
        func isText(_ field: MiningField) -> Bool {
            model.compiler.dataFields[field.name]?.dataType == .string
        }
        if active.count == 1, let field = active.first, isText(field) {
            let counter: TermCounter?
            do throws(EvaluationError) {
                counter = try TermCounter(terms: terms, pattern: try Pattern("\\s+"))
            } catch {
                throw model.element.fault(error.message)
            }
            guard let counter else {
                throw model.element.fault("a term has no words, or more than \(TermCounter.phraseMax)")
            }
            return .text(slot: model.slot(field.name, at: model.element), counter)
        }
        let slots = terms.map { term in
            active.first { sameText($0.name, term) }.map { model.slot($0.name, at: model.element) }
        }
        guard slots.contains(where: { $0 != nil }) else {
            throw model.element.fault("one text field, or fields named like the terms, are required")
        }
        return .counts(slots)
    }
}

/// PMML element `Matrix` of a known size.
struct DenseMatrix {
    /// Row by row.
    private(set) var values: [Double]

    init(_ element: Element, rows: Int, columns: Int, cellsMax: Int) throws(Fault) {
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard !overflow, count <= cellsMax else {
            throw element.fault("the matrix has more than \(cellsMax) cells")
        }
        guard try element.integer("nbRows") ?? rows == rows,
            try element.integer("nbCols") ?? columns == columns
        else { throw element.fault("a matrix of \(rows) rows and \(columns) columns was expected") }
        let standard = try element.finite("offDiagDefault") ?? 0
        values = Array(repeating: standard, count: count)
        let diagonal = try element.finite("diagDefault") ?? standard
        for index in 0..<min(rows, columns) { values[index * columns + index] = diagonal }
        let kind = element["kind"] ?? "any"
        let arrays = element.children("Array")
        if arrays.isEmpty {
            try read(cells: element.children("MatCell"), rows, columns, isSymmetric: kind == "symmetric")
        } else {
            guard kind == "any" else { throw element.fault("only arrays of kind any are supported") }
            guard arrays.count == rows else { throw element.fault("\(rows) arrays were expected") }
            for (row, array) in arrays.enumerated() {
                let numbers = try array.arrayNumbers()
                guard numbers.count == columns, numbers.allSatisfy(\.isFinite) else {
                    throw array.fault("\(columns) finite numbers were expected")
                }
                for (column, number) in numbers.enumerated() { values[row * columns + column] = number }
            }
        }
    }

    private mutating func read(
        cells: [Element], _ rows: Int, _ columns: Int, isSymmetric: Bool
    ) throws(Fault) {
        for cell in cells {
            let row = try cell.integer("row", in: 1...max(1, rows), default: 0) - 1
            let column = try cell.integer("col", in: 1...max(1, columns), default: 0) - 1
            guard let number = JavaNumber.double(cell.text), number.isFinite else {
                throw cell.fault("a finite number was expected")
            }
            values[row * columns + column] = number
            if isSymmetric, column < rows, row < columns { values[column * columns + row] = number }
        }
    }
}
