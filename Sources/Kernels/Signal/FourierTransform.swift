import Glibc
import Tensors

/// A complex number of two doubles.
struct Complex: Sendable, Hashable {
    var re: Double
    var im: Double

    init(_ re: Double, _ im: Double = 0) { (self.re, self.im) = (re, im) }

    /// `exp(i * angle)`.
    static func turned(_ angle: Double) -> Complex { Complex(cos(angle), sin(angle)) }
    var conjugate: Complex { Complex(re, -im) }
    static func + (a: Complex, b: Complex) -> Complex { Complex(a.re + b.re, a.im + b.im) }
    static func - (a: Complex, b: Complex) -> Complex { Complex(a.re - b.re, a.im - b.im) }
    static func * (a: Complex, b: Complex) -> Complex {
        Complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
    }
}

/// The discrete Fourier transform of one length: by halving where it is a power of two (Cooley and Tukey),
/// else as a convolution of such a length (Bluestein).
struct FourierTransform: Sendable {
    let length: Int
    /// Length of the transform by halving underneath.
    private let inner: Int
    /// `exp(-2 pi i k / inner)` for the first half of k.
    private let turns: [Complex]
    /// Bluestein's chirp `exp(-pi i k^2 / length)`, and its transform; empty for a power of two.
    private let chirp: [Complex]
    private let chirpTransform: [Complex]

    /// Elementary operations of one transform.
    static func work(_ length: Int) -> Int { saturatingMultiply(length, 160) }

    /// Bytes for each element of a transform: its tables, and the lists of one transform under way.
    /// Bluestein's are up to four times as long.
    static func elementBytes(_ length: Int) -> Int { length & (length - 1) == 0 ? 96 : 480 }

    /// Of `length` elements, at least 1 and at most 2^26.
    init(_ length: Int) {
        self.length = length
        let isPower = length & (length - 1) == 0
        var inner = 1
        while inner < (isPower ? length : 2 * length - 1) { inner *= 2 }
        self.inner = inner
        let turns = (0..<max(inner / 2, 1)).map { Complex.turned(-2 * .pi * Double($0) / Double(inner)) }
        self.turns = turns
        guard !isPower else {
            (chirp, chirpTransform) = ([], [])
            return
        }
        // k^2 is taken modulo the period of the chirp, so that large k stay exact.
        let chirp = (0..<length).map { k in
            Complex.turned(-.pi * Double(k * k % (2 * length)) / Double(length))
        }
        var kernel = [Complex](repeating: Complex(0), count: inner)
        for k in 0..<length {
            kernel[k] = chirp[k].conjugate
            if k > 0 { kernel[inner - k] = chirp[k].conjugate }
        }
        self.chirp = chirp
        chirpTransform = Self.halved(kernel, turns)
    }

    /// The transform of `x`, of `length` elements.
    func forward(_ x: [Complex]) -> [Complex] {
        guard !chirp.isEmpty else { return Self.halved(x, turns) }
        var wide = [Complex](repeating: Complex(0), count: inner)
        for k in 0..<length { wide[k] = x[k] * chirp[k] }
        var product = Self.halved(wide, turns)
        // The inverse is the conjugate of the transform of the conjugate.
        for k in 0..<inner { product[k] = (product[k] * chirpTransform[k]).conjugate }
        let convolved = Self.halved(product, turns)
        return (0..<length).map { k in
            let value = convolved[k].conjugate * chirp[k]
            return Complex(value.re / Double(inner), value.im / Double(inner))
        }
    }

    /// The inverse transform of `x`, divided by the length.
    func inverse(_ x: [Complex]) -> [Complex] {
        forward(x.map(\.conjugate)).map { Complex($0.re / Double(length), -$0.im / Double(length)) }
    }

    /// The transform of a power of two elements.
    private static func halved(_ x: [Complex], _ turns: [Complex]) -> [Complex] {
        let count = x.count
        guard count > 1 else { return x }
        var values = x
        let bits = count.trailingZeroBitCount
        for place in 0..<count {
            var (reversed, rest) = (0, place)
            for _ in 0..<bits { (reversed, rest) = (reversed << 1 | rest & 1, rest >> 1) }
            if reversed > place { values.swapAt(reversed, place) }
        }
        var half = 1
        while half < count {
            let step = count / (2 * half)
            for start in stride(from: 0, to: count, by: 2 * half) {
                for k in 0..<half {
                    let odd = values[start + half + k] * turns[k * step]
                    let even = values[start + k]
                    values[start + k] = even + odd
                    values[start + half + k] = even - odd
                }
            }
            half *= 2
        }
        return values
    }
}
