/// Compiles one document: collects faults, hands out slots, knows the global fields and functions.
final class Compiler {
    let root: Element
    private(set) var faults: [Fault] = []
    /// Whether the document must be refused.
    private(set) var hasErrors = false
    private var warningCount = 0
    /// More errors than this, and more warnings, are not kept.
    static let faultsMax = 1000
    /// Cells that the document may still fill beyond those that it spells out.
    private var cellsLeft: Int
    var definitions: [Definition] = []
    private(set) var orders: [[Value]] = []
    private(set) var outcomeCount = 0
    private(set) var dataFields: [String: DataField] = [:]
    /// Names of fields that are declared, but not as they should be.
    private(set) var faultyFields: Set<String> = []
    private(set) var globalDerived: [String: Element] = [:]
    private var functionElements: [String: Element] = [:]
    private var functions: [String: DefinedFunction] = [:]
    private var functionsUnderway: Set<String> = []
    /// Nesting of expressions and derivations while compiling; bounded because both recurse.
    var depth = 0
    let depthMax = 400

    init(root: Element) {
        self.root = root
        cellsLeft = max(
            Compiler.cellsMax, root.document.nodes.count + root.document.bytes.count / 2)
        readDataDictionary()
        readTransformations()
    }

    /// Notes a fault; compilation goes on, to find the next. That there are errors is known however many
    /// warnings came before them.
    func report(_ fault: Fault) {
        let isError = fault.severity == .error
        if isError { hasErrors = true } else { warningCount += 1 }
        let count = isError ? faults.count - warningCount : warningCount - 1
        if count < Compiler.faultsMax { faults.append(fault) }
    }

    /// Cells (numbers or values) that a small document may fill: what its elements say sparsely, or of
    /// several fields at once, is laid out as dense tables. A large one may fill as many as it could spell
    /// out.
    static let cellsMax = 1 << 24

    /// Takes `rows` times `columns` cells from what the document may fill.
    ///
    /// - Throws: A fault of `element` past that.
    func charge(_ rows: Int, by columns: Int, at element: Element) throws(Fault) {
        let (cells, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard !overflow, cells <= cellsLeft else {
            throw element.fault("the tables of the document would have more than \(Compiler.cellsMax) cells")
        }
        cellsLeft -= cells
    }

    /// Remembers the field of an element that was at fault, whose name must not be called unknown too.
    func noteFaulty(_ element: Element) {
        if let name = element["name"] { faultyFields.insert(name) }
    }

    /// Runs one part of the compilation; its fault is noted and nil comes back.
    func attempt<T>(_ part: () throws(Fault) -> T) -> T? {
        do throws(Fault) {
            return try part()
        } catch {
            report(error)
            return nil
        }
    }

    /// A new slot.
    func allocate(_ definition: Definition) -> Int {
        definitions.append(definition)
        return definitions.count - 1
    }

    /// A new number for a model's outcome.
    func nextOutcome() -> Int {
        outcomeCount += 1
        return outcomeCount - 1
    }

    /// Keeps an explicit order; its number, from 1.
    func keep(order: [Value]) -> UInt16 {
        guard orders.count < Int(UInt16.max) else { return 0 }
        orders.append(order)
        return UInt16(orders.count)
    }

    private func readDataDictionary() {
        for element in root.child("DataDictionary")?.children("DataField") ?? [] {
            guard let field = attempt({ () throws(Fault) in try DataField(element, self) }) else {
                noteFaulty(element)
                continue
            }
            if dataFields[field.name] != nil {
                report(element.fault("field \"\(field.name)\" is declared twice"))
            }
            dataFields[field.name] = field
        }
    }

    private func readTransformations() {
        guard let dictionary = root.child("TransformationDictionary") else { return }
        for element in dictionary.children("DerivedField") {
            guard let name = element["name"] else {
                report(element.fault("attribute name is required"))
                continue
            }
            if globalDerived[name] == nil { globalDerived[name] = element }
        }
        for element in dictionary.children("DefineFunction") {
            guard let name = element["name"] else {
                report(element.fault("attribute name is required"))
                continue
            }
            functionElements[name] = element
        }
    }

    /// A function that the document defines, compiled on first use; nil for an unknown name.
    func function(_ name: String) throws(Fault) -> DefinedFunction? {
        if let known = functions[name] { return known }
        guard let element = functionElements[name] else { return nil }
        guard functionsUnderway.insert(name).inserted else {
            throw element.fault("function \"\(name)\" calls itself")
        }
        defer { functionsUnderway.remove(name) }
        let function = try DefinedFunction(element, self)
        functions[name] = function
        return function
    }

    /// The finished program.
    func program() -> Program {
        Program(definitions: definitions, orders: orders, outcomeCount: outcomeCount)
    }
}

extension DataField {
    /// Reads a `DataField` element.
    init(_ element: Element, _ compiler: Compiler) throws(Fault) {
        name = try element.required("name")
        displayName = element["displayName"]
        guard let dataType = try element.dataType() else {
            throw element.fault("attribute dataType is required")
        }
        self.dataType = dataType
        opType = try element.opType() ?? dataType.naturalOpType
        line = element.line
        var values: [(text: String, property: Property, display: String?)] = []
        for value in element.children("Value") {
            let property: Property
            switch value["property"] {
            case nil, "valid": property = .valid
            case "invalid": property = .invalid
            case "missing": property = .missing
            case .some(let text): throw value.fault("attribute property has the unknown value \"\(text)\"")
            }
            values.append((try value.required("value"), property, value["displayValue"]))
        }
        self.values = values
        var intervals: [Interval] = []
        var texts: [String] = []
        for interval in element.children("Interval") {
            intervals.append(try Interval(interval))
            texts.append(Interval.text(interval))
        }
        self.intervals = intervals
        intervalTexts = texts
        let valid = values.filter { $0.property == .valid }
        if opType == .ordinal, !valid.isEmpty {
            order = compiler.keep(order: valid.compactMap { try? Value.parse($0.text, as: dataType) })
        } else {
            order = 0
        }
    }
}

extension Interval {
    /// Reads an `Interval` element.
    init(_ element: Element) throws(Fault) {
        left = try element.number("leftMargin")
        right = try element.number("rightMargin")
        switch try element.required("closure") {
        case "openClosed": (isLeftClosed, isRightClosed) = (false, true)
        case "openOpen": (isLeftClosed, isRightClosed) = (false, false)
        case "closedOpen": (isLeftClosed, isRightClosed) = (true, false)
        case "closedClosed": (isLeftClosed, isRightClosed) = (true, true)
        case let text: throw element.fault("attribute closure has the unknown value \"\(text)\"")
        }
    }

    /// An interval as schemas show it, margins in the document's spelling.
    static func text(_ element: Element) -> String {
        let closure = element["closure"] ?? ""
        let left = element["leftMargin"] ?? "-Infinity"
        let right = element["rightMargin"] ?? "Infinity"
        return (closure.hasPrefix("closed") ? "[" : "(") + left + ", " + right
            + (closure.hasSuffix("Closed") ? "]" : ")")
    }
}
