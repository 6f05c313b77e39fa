/// What a walk over a PNG's chunks tells before anything is decoded: its size, and whether it is all there.
///
///     signature | length "IHDR" width height ... crc | length kind data crc | ... | 0 "IEND" crc
struct PNGOutline: Equatable {
    let width: Int
    let height: Int
    /// Whether the chunks follow one another up to a whole IEND, which libspng does not ask for.
    let isWhole: Bool

    private static let signatureBytes = 8
    private static let sizePlace = 16
    /// Length, kind and checksum of a chunk.
    private static let chunkFrameBytes = 12
    private static let header = Array("IHDR".utf8)
    /// The last chunk, which is the same in every PNG.
    private static let end: [UInt8] = [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]

    /// Nil when the first chunk is not a header.
    init?(_ bytes: [UInt8]) {
        guard let width = Self.number(bytes, at: Self.sizePlace),
            let height = Self.number(bytes, at: Self.sizePlace + 4),
            bytes[Self.signatureBytes + 4..<Self.sizePlace].elementsEqual(Self.header)
        else { return nil }
        self.width = width
        self.height = height
        isWhole = Self.reachesEnd(bytes)
    }

    private static func reachesEnd(_ bytes: [UInt8]) -> Bool {
        var position = signatureBytes
        while let length = number(bytes, at: position) {
            if bytes[position...].starts(with: end) { return true }
            position += chunkFrameBytes + length
        }
        return false
    }

    /// Four bytes, most significant first; nil past the end.
    private static func number(_ bytes: [UInt8], at offset: Int) -> Int? {
        guard offset + 4 <= bytes.count else { return nil }
        return bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
