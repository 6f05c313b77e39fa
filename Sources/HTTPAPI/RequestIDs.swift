import Synchronization

/// Names for requests that came without one.
package final class RequestIDs: Sendable {
    private let next: Atomic<UInt64>

    /// Starts at a random place, so that two processes hardly share a name.
    package init() {
        next = Atomic(UInt64.random(in: .min ... .max))
    }

    /// 16 hexadecimal digits, different for each call (a full-period walk through all 64-bit numbers).
    package func make() -> String {
        let state = next.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        let mixed = (state ^ (state >> 32)) &* 0xD6E8_FEB8_6659_FD93
        let value = mixed ^ (mixed >> 32)
        let digits = (0..<16).map { place in
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * place)) & 0xF
            return nibble < 10 ? 0x30 + nibble : 0x57 + nibble
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The name that the client gave, when it is 1 to 128 visible ASCII characters.
    package static func taken(_ value: String?) -> String? {
        guard let value, (1...128).contains(value.utf8.count),
            value.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return value
    }
}
