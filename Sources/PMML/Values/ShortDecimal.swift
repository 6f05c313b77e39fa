/// A plain decimal number in text: the digits without their point, and the power of ten that puts it back.
///
/// Most numbers of documents and requests are short. Up to 2^53 and within a power of ten that is exact in
/// the type, one multiplication or division rounds as the standard asks (W. Clinger, How to Read Floating
/// Point Numbers Accurately, 1990), and no general parser is needed.
struct ShortDecimal {
    private let isNegative: Bool
    private let digits: UInt64
    private let exponent: Int

    /// Nil for text that is no such number, or longer than 18 digits.
    init?(_ text: String) {
        var text = text
        let parsed = text.withUTF8 { ShortDecimal($0.span) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// As above, from ASCII.
    init?(_ bytes: Span<UInt8>) {
        var at = 0
        var sum: UInt64 = 0
        var count = 0
        var point: Int?
        let isSigned = bytes.count > 0 && (bytes[0] == 0x2D || bytes[0] == 0x2B)
        isNegative = isSigned && bytes[0] == 0x2D
        if isSigned { at = 1 }
        while at < bytes.count {
            let byte = bytes[at]
            if byte >= 0x30, byte <= 0x39 {
                sum = sum &* 10 &+ UInt64(byte &- 0x30)
                count += 1
            } else if byte == 0x2E, point == nil {
                point = count
            } else {
                break
            }
            at += 1
        }
        guard count > 0, count <= 18 else { return nil }
        digits = sum
        let scale = (point ?? count) - count
        guard at < bytes.count else {
            exponent = scale
            return
        }
        guard bytes[at] | 0x20 == 0x65, let power = ShortDecimal.power(bytes, from: at + 1) else {
            return nil
        }
        exponent = scale + power
    }

    /// The number behind an `e`, of up to three digits.
    private static func power(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var at = start
        guard at < bytes.count else { return nil }
        let isNegative = bytes[at] == 0x2D
        if isNegative || bytes[at] == 0x2B { at += 1 }
        guard at < bytes.count, bytes.count - at <= 3 else { return nil }
        var power = 0
        while at < bytes.count {
            guard bytes[at] >= 0x30, bytes[at] <= 0x39 else { return nil }
            power = power * 10 + Int(bytes[at] - 0x30)
            at += 1
        }
        return isNegative ? -power : power
    }

    /// The nearest 64-bit number; nil where the short way is not exact.
    var double: Double? {
        guard digits <= 1 << 53, exponent >= -22, exponent <= 22 else { return nil }
        let whole = Double(digits)
        let number =
            exponent < 0 ? whole / ShortDecimal.powers[-exponent] : whole * ShortDecimal.powers[exponent]
        return isNegative ? -number : number
    }

    /// The nearest 32-bit number; nil where the short way is not exact.
    var float: Float? {
        guard let double else { return nil }
        let size = double.magnitude
        guard size == 0 || (size > 1e-30 && size < 1e30) else { return nil }
        // Rounding twice goes wrong only where the first result stands in the middle of two floats.
        let isMiddle = double.bitPattern & 0x1FFF_FFFF == 0x1000_0000
        return isMiddle ? nil : Float(double)
    }

    /// 10^0 to 10^22, all exact.
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}
