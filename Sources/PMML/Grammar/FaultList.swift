/// The faults of one document, put in order for its author.
enum FaultList {
    /// How many are printed; the rest is counted.
    static let printedMax = 100

    /// What the compiler found and what the grammar knows better, by line; one fault for each thing.
    ///
    /// - Parameter isRefused: Whether the document is refused anyway: then all of them are errors, save the
    ///   compiler's own warnings.
    static func merged(_ compiler: [Fault], _ grammar: [Fault], isRefused: Bool) -> [Fault] {
        var known: Set<Subject> = []
        var faults: [Fault] = []
        for fault in compiler where known.insert(Subject(fault)).inserted { faults.append(fault) }
        for fault in grammar where known.insert(Subject(fault)).inserted {
            faults.append(
                Fault(
                    severity: isRefused ? .error : fault.severity, line: fault.line, element: fault.element,
                    message: fault.message))
        }
        return faults.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
            .map(\.element)
    }

    /// What a fault is about: an attribute of an element, or what the message says.
    private struct Subject: Hashable {
        let line: Int
        let element: String
        let text: Substring

        init(_ fault: Fault) {
            line = fault.line
            element = fault.element
            let words = fault.message.split(separator: " ", maxSplits: 2)
            text = words.count > 2 && words[0] == "attribute" ? words[1] : fault.message[...]
        }
    }

    /// One text for each fault, and one more that counts those above the most that are printed.
    static func printed(_ faults: [Fault]) -> [String] {
        let shown = faults.prefix(printedMax).map(\.description)
        return faults.count > printedMax ? shown + ["and \(faults.count - printedMax) more"] : shown
    }
}
