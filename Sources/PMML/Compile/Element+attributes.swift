extension Fault: Error {}

extension Element {
    /// A fault of this element that keeps the document from being served.
    func fault(_ message: String) -> Fault {
        Fault(severity: .error, line: line, element: shortName, message: Element.short(message))
    }

    // Names and values from outside may have megabytes.
    private var shortName: String { Element.short(name) }

    private static func short(_ text: String) -> String {
        text.utf8.count <= 400 ? text : text.prefix(400) + "..."
    }

    /// A fault that only some rows meet.
    func warning(_ message: String) -> Fault {
        Fault(severity: .warning, line: line, element: shortName, message: Element.short(message))
    }

    /// The value of an attribute that must be there.
    func required(_ attribute: String) throws(Fault) -> String {
        guard let value = self[attribute] else { throw fault("attribute \(attribute) is required") }
        return value
    }

    /// A child that must be there.
    func requiredChild(_ child: String) throws(Fault) -> Element {
        guard let element = self.child(child) else { throw fault("element \(child) is required") }
        return element
    }

    /// A number attribute, or nil where it is absent.
    func number(_ attribute: String) throws(Fault) -> Double? {
        guard let text = self[attribute] else { return nil }
        guard let number = JavaNumber.double(text) else {
            throw fault("attribute \(attribute) is \"\(text)\"; a number was expected")
        }
        return number
    }

    /// A whole-number attribute, or nil where it is absent.
    func integer(_ attribute: String) throws(Fault) -> Int? {
        guard let number = try number(attribute) else { return nil }
        guard let integer = Int(exactly: number) else {
            throw fault("attribute \(attribute) is \"\(self[attribute] ?? "")\"; an integer was expected")
        }
        return integer
    }

    /// A `true` or `false` attribute.
    func flag(_ attribute: String, default standard: Bool) throws(Fault) -> Bool {
        switch self[attribute] {
        case nil: return standard
        case "true", "1": return true
        case "false", "0": return false
        case .some(let text): throw fault("attribute \(attribute) is \"\(text)\"; true or false was expected")
        }
    }

    /// A data type attribute, or nil where it is absent.
    func dataType(_ attribute: String = "dataType") throws(Fault) -> DataType? {
        guard let name = self[attribute] else { return nil }
        guard let type = DataType(name: name) else {
            throw fault("attribute \(attribute) is \"\(name)\"; a PMML data type was expected")
        }
        return type
    }

    /// An operational type attribute, or nil where it is absent.
    func opType(_ attribute: String = "optype") throws(Fault) -> OpType? {
        guard let name = self[attribute] else { return nil }
        guard let type = OpType(name: name) else {
            throw fault(
                "attribute \(attribute) is \"\(name)\"; continuous, categorical or ordinal was expected")
        }
        return type
    }

    /// An attribute of a closed set of texts.
    func choice<Choice: RawRepresentable>(
        _ attribute: String, default standard: Choice
    ) throws(Fault) -> Choice where Choice.RawValue == String {
        guard let text = self[attribute] else { return standard }
        guard let choice = Choice(rawValue: text) else {
            throw fault("attribute \(attribute) has the unknown value \"\(text)\"")
        }
        return choice
    }

    /// The entries of an `Array` element: separated by white space, quoted where they contain some.
    var arrayEntries: [String] {
        var entries: [String] = []
        var entry: [UInt8] = []
        var isQuoted = false
        var isOpen = false
        var isEscaped = false
        for byte in textBytes {
            if isEscaped {
                if byte != 0x22 { entry.append(0x5C) }
                entry.append(byte)
                isEscaped = false
            } else if byte == 0x5C, isQuoted {
                isEscaped = true
            } else if byte == 0x22 {
                isQuoted.toggle()
                isOpen = true
            } else if byte <= 0x20, !isQuoted {
                if isOpen { entries.append(String(decoding: entry, as: UTF8.self)) }
                entry.removeAll(keepingCapacity: true)
                isOpen = false
            } else {
                entry.append(byte)
                isOpen = true
            }
        }
        if isOpen { entries.append(String(decoding: entry, as: UTF8.self)) }
        return entries
    }

    /// The numbers of an `Array` element.
    func arrayNumbers() throws(Fault) -> [Double] {
        var numbers: [Double] = []
        for entry in arrayEntries {
            guard let number = JavaNumber.double(entry) else {
                throw fault("\"\(entry)\" is not a number")
            }
            numbers.append(number)
        }
        return numbers
    }
}
