/// A polynomial in the lag operator B, as its terms that are not zero: 1 - 0.5 B is [(0, 1), (1, -0.5)].
struct LagPolynomial: Sendable {
    private(set) var terms: [(lag: Int, coefficient: Double)]

    /// The terms by rising lag.
    init(terms: [(lag: Int, coefficient: Double)]) {
        self.terms = terms
    }

    /// 1 - c1 B^step - c2 B^(2 step) - ...
    init(subtracting coefficients: [Double], step: Int) {
        terms = [(0, 1)]
        for (index, coefficient) in coefficients.enumerated() where coefficient != 0 {
            terms.append(((index + 1) * step, -coefficient))
        }
    }

    /// The greatest lag.
    var degree: Int { terms.last?.lag ?? 0 }

    /// The terms after the constant one.
    var lagged: ArraySlice<(lag: Int, coefficient: Double)> { terms.dropFirst() }

    /// The sum of the coefficients: the value at B = 1.
    var sum: Double { terms.reduce(0) { $0 + $1.coefficient } }

    /// The product of two polynomials; both are short, since a model's orders are (`ARIMA.orderMax`).
    func times(_ other: LagPolynomial) -> LagPolynomial {
        var sums: [Int: Double] = [:]
        for a in terms {
            for b in other.terms { sums[a.lag + b.lag, default: 0] += a.coefficient * b.coefficient }
        }
        let sorted = sums.sorted { $0.key < $1.key }.filter { $0.key == 0 || $0.value != 0 }
        return LagPolynomial(terms: sorted.map { (lag: $0.key, coefficient: $0.value) })
    }
}
