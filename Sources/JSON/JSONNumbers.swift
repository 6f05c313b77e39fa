/// The numbers of an array of any depth in row-major order: `[[1, 2], [3, 4]]` has the shape `[2, 2]`.
package struct JSONNumbers<Scalar: Sendable>: Sendable {
    /// The numbers, row after row.
    package let values: [Scalar]
    /// The length of each axis, outermost first.
    package let shape: [Int]

    /// Values with their shape, whose product is their count.
    package init(values: [Scalar], shape: [Int]) {
        self.values = values
        self.shape = shape
    }
}

extension JSONNumbers: Equatable where Scalar: Equatable {}

extension JSONElement {
    /// An array of numbers, or of such arrays of equal shapes, as floats.
    ///
    /// - Returns: nil when an element is not a number, the rows differ in length or there are more than
    ///   `countMax` numbers. Numbers beyond a float's range become infinite.
    package func floats(atMost countMax: Int) -> JSONNumbers<Float>? {
        numbers(atMost: countMax) { tape, index in
            switch tape.tag(at: index) {
            case Tape.Tag.double: Float(tape.double(at: index))
            case Tape.Tag.signed: Float(Int64(bitPattern: tape.bits(at: index)))
            case Tape.Tag.unsigned: Float(tape.bits(at: index))
            default: nil
            }
        }
    }

    /// As `floats(atMost:)`, in double precision.
    package func doubles(atMost countMax: Int) -> JSONNumbers<Double>? {
        numbers(atMost: countMax) { tape, index in
            switch tape.tag(at: index) {
            case Tape.Tag.double: tape.double(at: index)
            case Tape.Tag.signed: Double(Int64(bitPattern: tape.bits(at: index)))
            case Tape.Tag.unsigned: Double(tape.bits(at: index))
            default: nil
            }
        }
    }

    /// As `floats(atMost:)`, for integers that fit 64 bits: nil as well when a number is written otherwise.
    package func integers(atMost countMax: Int) -> JSONNumbers<Int64>? {
        numbers(atMost: countMax) { tape, index in
            tape.tag(at: index) == Tape.Tag.signed ? Int64(bitPattern: tape.bits(at: index)) : nil
        }
    }

    @inline(__always)
    private func numbers<Scalar>(
        atMost countMax: Int, reading scalar: (Tape, Int) -> Scalar?
    ) -> JSONNumbers<Scalar>? {
        guard let shape = firstPathShape(atMost: countMax) else { return nil }
        var values: [Scalar] = []
        // A number takes two words: uneven rows must not reserve what they do not hold.
        values.reserveCapacity(min(shape.reduce(1, *), (document.tape.closing(of: index) - index) / 2))
        guard
            document.tape.forEachRow(
                of: index, shape: shape[...],
                { tape, places in
                    for place in places {
                        guard let value = scalar(tape, place) else { return false }
                        values.append(value)
                    }
                    return true
                })
        else { return nil }
        return JSONNumbers(values: values, shape: shape)
    }

    /// The shape that the first elements suggest, when it holds no more than `countMax` numbers.
    private func firstPathShape(atMost countMax: Int) -> [Int]? {
        var shape: [Int] = []
        var total = 1
        var element = self
        while element.kind == .array {
            let count = element.count
            let (product, overflow) = total.multipliedReportingOverflow(by: count)
            guard !overflow, product <= countMax else { return nil }
            (total, shape) = (product, shape + [count])
            var elements = element.elements
            guard let first = elements.next() else { break }
            element = first
        }
        return shape.isEmpty ? nil : shape
    }
}

extension Tape {
    /// Calls `body` with the places of each innermost row's numbers; false as soon as an array does not have
    /// the shape or `body` says false. Recurses once a level, and levels are bounded by `JSONLimits`.
    @inline(__always)
    fileprivate func forEachRow(
        of index: Int, shape: ArraySlice<Int>, _ body: (Tape, StrideTo<Int>) -> Bool
    ) -> Bool {
        guard shape.count > 1 else { return numberRow(of: index, count: shape.first, body) }
        return forEachInnerRow(of: index, shape: shape, body)
    }

    private func forEachInnerRow(
        of index: Int, shape: ArraySlice<Int>, _ body: (Tape, StrideTo<Int>) -> Bool
    ) -> Bool {
        guard tag(at: index) == Tag.array else { return false }
        guard shape.count > 1 else { return numberRow(of: index, count: shape.first, body) }
        let end = closing(of: index)
        var position = index + 1
        var left = shape[shape.startIndex]
        while position < end {
            guard left > 0, forEachInnerRow(of: position, shape: shape.dropFirst(), body) else {
                return false
            }
            left -= 1
            position = self.end(of: position)
        }
        return left == 0
    }

    /// A row of numbers takes two words for each, so its length is known before it is walked.
    @inline(__always)
    private func numberRow(
        of index: Int, count: Int?, _ body: (Tape, StrideTo<Int>) -> Bool
    ) -> Bool {
        let first = index + 1
        let end = closing(of: index)
        guard tag(at: index) == Tag.array, let count, end - first == 2 * count else { return false }
        return body(self, stride(from: first, to: end, by: 2))
    }
}
