extension Element {
    /// A number attribute that must be finite, or nil where it is absent.
    func finite(_ attribute: String) throws(Fault) -> Double? {
        guard let number = try number(attribute) else { return nil }
        guard number.isFinite else {
            throw fault(
                "attribute \(attribute) is \"\(self[attribute] ?? "")\"; a finite number was expected")
        }
        return number
    }

    /// A finite number attribute that must be there.
    func requiredFinite(_ attribute: String) throws(Fault) -> Double {
        guard let number = try finite(attribute) else { throw fault("attribute \(attribute) is required") }
        return number
    }

    /// A positive number attribute with a default.
    func positive(_ attribute: String, default standard: Double) throws(Fault) -> Double {
        let number = try finite(attribute) ?? standard
        guard number > 0 else {
            throw fault("attribute \(attribute) is \"\(self[attribute] ?? "")\"; it must be positive")
        }
        return number
    }

    /// A whole-number attribute within bounds, with a default.
    func integer(
        _ attribute: String, in bounds: ClosedRange<Int>, default standard: Int
    ) throws(Fault) -> Int {
        let integer = try integer(attribute) ?? standard
        guard bounds.contains(integer) else {
            throw fault(
                "attribute \(attribute) is \(integer); \(bounds.lowerBound) to \(bounds.upperBound) "
                    + "was expected")
        }
        return integer
    }

    /// The `Array` child; some producers write `array`.
    func requiredArray() throws(Fault) -> Element {
        guard let array = child("Array") ?? child("array") else { throw fault("element Array is required") }
        return array
    }

    /// The numbers of the `Array` child, all finite.
    func finiteArray() throws(Fault) -> [Double] {
        let array = try requiredArray()
        let numbers = try array.arrayNumbers()
        guard numbers.allSatisfy(\.isFinite) else { throw array.fault("finite numbers were expected") }
        return numbers
    }
}
