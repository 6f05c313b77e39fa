extension SupportVectorMachines {
    /// Compiles a `SupportVectorMachineModel` element.
    static func compile(_ model: ModelContext) throws(Fault) -> any ScoringModel {
        let element = model.element
        let elements = element.children("SupportVectorMachine")
        guard !elements.isEmpty else { throw element.fault("element SupportVectorMachine is required") }
        let dictionary = try element.requiredChild("VectorDictionary")
        let fields = try fields(try dictionary.requiredChild("VectorFields"), model)
        var vectors = try SupportVectors(dictionary, width: fields.count, model.compiler)
        let categories = try model.isClassification ? categories(elements, model) : Categories(values: [])
        let kernel = try kernel(model)
        let isLinearForm = element["svmRepresentation"] == "Coefficients"
        var machines: [Machine] = []
        for part in elements {
            var machine = try Machine(part, element, categories)
            if isLinearForm {
                try machine.weigh(fields: part, &vectors)
            } else {
                machine.fault = try machine.weigh(vectors: part, &vectors, model)
            }
            if kernel == nil { machine.fault = .missingElement("SupportVectorMachineModel", "<Kernel>") }
            machines.append(machine)
        }
        return SupportVectorMachines(
            method: try method(model, categories), fields: fields, kernel: kernel ?? .linear,
            table: VectorTable(vectors.used, width: fields.count), machines: machines,
            categories: categories, target: model.target, math: model.math, fault: fault(model, elements))
    }

    private static func kernel(_ model: ModelContext) throws(Fault) -> KernelFunction? {
        let element = model.element
        let kernel = try KernelFunction.among(element)
        if element["svmRepresentation"] == "Coefficients" {
            guard case .linear = kernel ?? .linear else {
                throw element.fault("coefficients without support vectors need a LinearKernelType")
            }
            return .linear
        }
        if let representation = element["svmRepresentation"], representation != "SupportVectors" {
            throw element.fault("attribute svmRepresentation has the unknown value \"\(representation)\"")
        }
        if kernel == nil { model.compiler.report(element.warning("a kernel is required")) }
        return kernel
    }

    /// What is wrong with the model as a whole.
    private static func fault(_ model: ModelContext, _ machines: [Element]) -> EvaluationError? {
        switch model.functionName {
        case "classification": return nil
        case "regression":
            guard machines.count > 1 else { return nil }
            model.compiler.report(model.element.warning("a regression has one SupportVectorMachine"))
            return EvaluationError(
                .modelFault, "org.jpmml.model.InvalidElementListException",
                "List of elements SupportVectorMachine is not valid")
        default:
            model.compiler.report(model.element.warning("functionName must be classification or regression"))
            return .invalidAttribute("SupportVectorMachineModel", "functionName", model.functionName)
        }
    }

    private static func method(_ model: ModelContext, _ categories: Categories) throws(Fault) -> Method {
        guard model.isClassification else { return .regression }
        let element = model.element
        let isMaximum = try element.flag("maxWins", default: false)
        switch element["classificationMethod"] {
        case nil, "OneAgainstAll": return .oneAgainstAll(isMaximum: isMaximum)
        case "OneAgainstOne":
            if let text = element["alternateBinaryTargetCategory"],
                let alternate = categories.position(of: text)
            {
                return .oneAgainstOne(.binary(alternate: alternate))
            }
            return .oneAgainstOne(.threshold(isMaximum: isMaximum))
        case .some(let text):
            throw element.fault("attribute classificationMethod has the unknown value \"\(text)\"")
        }
    }

    private static func categories(
        _ machines: [Element], _ model: ModelContext
    ) throws(Fault) -> Categories {
        var texts: [String] = []
        var known: Set<String> = []
        for machine in machines {
            for attribute in ["targetCategory", "alternateTargetCategory"] {
                if let text = machine[attribute], known.insert(text).inserted { texts.append(text) }
            }
        }
        if let text = model.element["alternateBinaryTargetCategory"], known.insert(text).inserted {
            texts.append(text)
        }
        return try model.categories(texts)
    }

    private static func fields(_ element: Element, _ model: ModelContext) throws(Fault) -> [Field] {
        var fields: [Field] = []
        for child in element.children {
            switch child.name {
            case "FieldRef":
                fields.append(
                    Field(
                        expression: try model.scope.expression(child), name: try child.required("field"),
                        category: nil, fault: nil))
            case "CategoricalPredictor": fields.append(try categorical(child, model))
            default: continue
            }
        }
        return fields
    }

    private static func categorical(_ element: Element, _ model: ModelContext) throws(Fault) -> Field {
        let name = try element.required("name")
        var fault: EvaluationError?
        if let coefficient = try element.number("coefficient"), coefficient != 1 {
            model.compiler.report(element.warning("attribute coefficient must be 1 here"))
            fault = .invalidAttribute("CategoricalPredictor", "coefficient", JavaNumber.text(coefficient))
        }
        return Field(
            expression: FieldReference(slot: model.slot(name, at: element), mapMissingTo: nil), name: name,
            category: Operand(try element.required("value")), fault: fault)
    }
}

extension SupportVectorMachines.Machine {
    fileprivate init(_ element: Element, _ model: Element, _ categories: Categories) throws(Fault) {
        bias = try element.child("Coefficients")?.number("absoluteValue") ?? 0
        let standard = try model.number("threshold") ?? 0
        threshold = try element.number("threshold") ?? standard
        category = element["targetCategory"].flatMap { categories.position(of: $0) }
        alternate = element["alternateTargetCategory"].flatMap { categories.position(of: $0) }
    }

    private static func coefficients(_ element: Element) throws(Fault) -> [Double] {
        var coefficients: [Double] = []
        for child in try element.requiredChild("Coefficients").children("Coefficient") {
            coefficients.append(try child.number("value") ?? 0)
        }
        return coefficients
    }

    /// `svmRepresentation="Coefficients"`: the coefficients are those of the fields, one vector in all.
    fileprivate mutating func weigh(fields element: Element, _ vectors: inout SupportVectors) throws(Fault) {
        let coefficients = try Self.coefficients(element)
        guard coefficients.count == vectors.width else {
            throw element.fault("\(coefficients.count) coefficients for \(vectors.width) fields")
        }
        terms = [(vectors.add(.dense(coefficients)), 1)]
    }

    /// The machine's support vectors with their coefficients.
    ///
    /// - Returns: What is wrong with them.
    fileprivate mutating func weigh(
        vectors element: Element, _ vectors: inout SupportVectors, _ model: ModelContext
    ) throws(Fault) -> EvaluationError? {
        let coefficients = try Self.coefficients(element)
        guard let list = element.child("SupportVectors") else {
            model.compiler.report(element.warning("element SupportVectors is required"))
            return .missingElement("SupportVectorMachine", "SupportVectors")
        }
        var positions: [Int] = []
        for child in list.children("SupportVector") {
            let id = try child.required("vectorId")
            guard let position = vectors.position(of: id) else {
                model.compiler.report(child.warning("there is no vector \"\(id)\""))
                return .invalidAttribute("SupportVector", "vectorId", id)
            }
            positions.append(position)
        }
        guard positions.count == coefficients.count else {
            model.compiler.report(
                element.warning("\(coefficients.count) coefficients for \(positions.count) support vectors"))
            return .invalidElement("SupportVectorMachine")
        }
        terms = zip(positions, coefficients).map { (vector: $0, coefficient: $1) }
        return nil
    }
}

/// PMML element `VectorDictionary`, with the vectors that machines use in the order of their first use.
struct SupportVectors {
    let width: Int
    private var byId: [String: Vector] = [:]
    private var positions: [String: Int] = [:]
    private(set) var used: [[Double]] = []

    /// A vector as the document has it.
    fileprivate enum Vector {
        case dense([Double])
        /// Positions from 0, with their numbers; the others are `standard`.
        case sparse(standard: Double, positions: [Int], numbers: [Double])
    }

    fileprivate init(_ dictionary: Element, width: Int, _ compiler: Compiler) throws(Fault) {
        self.width = width
        for instance in dictionary.children("VectorInstance") {
            let vector = try instance.vector(width: width)
            // Charged for all, since a machine may use any.
            if case .sparse = vector { try compiler.charge(1, by: width, at: instance) }
            byId[try instance.required("id")] = vector
        }
    }

    /// The position of a vector among those used; nil for an unknown one.
    mutating func position(of id: String) -> Int? {
        if let position = positions[id] { return position }
        guard let vector = byId[id] else { return nil }
        let position = add(vector)
        positions[id] = position
        return position
    }

    /// Uses a vector that has no id.
    fileprivate mutating func add(_ vector: Vector) -> Int {
        switch vector {
        case .dense(let numbers): used.append(numbers)
        case .sparse(let standard, let positions, let numbers):
            var dense = Array(repeating: standard, count: width)
            for (position, number) in zip(positions, numbers) { dense[position] = number }
            used.append(dense)
        }
        return used.count - 1
    }
}

extension Element {
    /// The vector in a `VectorInstance`: a `REAL-SparseArray` (indices count from 1) or an `Array`.
    fileprivate func vector(width: Int) throws(Fault) -> SupportVectors.Vector {
        if let array = child("Array") {
            let numbers = try array.arrayNumbers()
            guard numbers.count == width else { throw fault("\(numbers.count) numbers for \(width) fields") }
            return .dense(numbers)
        }
        guard let sparse = child("REAL-SparseArray") else {
            throw fault("a REAL-SparseArray or an Array is required")
        }
        if let size = try sparse.integer("n"), size != width {
            throw sparse.fault("a vector of \(size) numbers for \(width) fields")
        }
        let indices = try sparse.child("Indices")?.arrayNumbers() ?? []
        let entries = try sparse.child("REAL-Entries")?.arrayNumbers() ?? []
        guard indices.count == entries.count else {
            throw sparse.fault("\(indices.count) indices for \(entries.count) entries")
        }
        var positions: [Int] = []
        for index in indices {
            guard let position = Int(exactly: index), position >= 1, position <= width else {
                throw sparse.fault("index \(JavaNumber.text(index)) is not from 1 to \(width)")
            }
            positions.append(position - 1)
        }
        return .sparse(
            standard: try sparse.number("defaultValue") ?? 0, positions: positions, numbers: entries)
    }
}
