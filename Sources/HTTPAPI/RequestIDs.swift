import Synchronization

/// Names for requests that came without one.
package final class RequestIDs: Sendable {
    private let next: Atomic<UInt64>

    /// Starts at a random place, so that two processes hardly share a name.
    package init() {
        next = Atomic(UInt64.random(in: .min ... .max))
    }

    /// A number, different for each call (a full-period walk through all 64-bit numbers).
    func makeNumber() -> UInt64 {
        let state = next.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        let mixed = (state ^ (state >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return mixed ^ (mixed >> 32)
    }

    /// The name that the client gave, when it is 1 to 128 visible ASCII characters.
    package static func taken(_ value: String?) -> String? {
        guard let value, (1...128).contains(value.utf8.count),
            value.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return value
    }
}

/// What a request is called: by its client, or by a number of ours that is no text until somebody reads it.
enum RequestName: Sendable {
    case given(String)
    case numbered(UInt64)

    /// The name as text.
    var text: String {
        switch self {
        case .given(let name): return name
        case .numbered:
            var bytes: [UInt8] = []
            write(to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Appends the name.
    func write(to bytes: inout [UInt8]) {
        switch self {
        case .given(let name): bytes.append(contentsOf: name.utf8)
        case .numbered(let number):
            for place in 0..<16 {
                let nibble = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * place)) & 0xF
                bytes.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
            }
        }
    }
}
