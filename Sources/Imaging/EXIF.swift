/// The one thing wanted from an APP1 segment: which way up the picture is (Exif 2.32, section 4.6).
enum EXIF {
    private static let orientationTag = 0x0112
    private static let shortType = 3
    private static let entryBytes = 12
    private static let entriesMax = 1024

    /// The orientation, 1 to 8, of an APP1 payload; nil when it is not EXIF or does not say.
    static func orientation(_ payload: ArraySlice<UInt8>) -> Int? {
        guard payload.starts(with: Array("Exif\0\0".utf8)) else { return nil }
        return TIFF(bytes: payload.dropFirst(6))?.orientation
    }

    /// The TIFF structure inside: byte order, then directories of 12-byte entries found by offset.
    private struct TIFF {
        let bytes: ArraySlice<UInt8>
        let isLittleEndian: Bool

        init?(bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
            if bytes.starts(with: [0x49, 0x49, 0x2A, 0x00]) {
                isLittleEndian = true
            } else if bytes.starts(with: [0x4D, 0x4D, 0x00, 0x2A]) {
                isLittleEndian = false
            } else {
                return nil
            }
        }

        var orientation: Int? {
            guard let directory = number(at: 4, bytes: 4), let entries = number(at: directory, bytes: 2)
            else {
                return nil
            }
            for entry in 0..<min(entries, entriesMax) {
                let start = directory + 2 + entry * entryBytes
                guard let tag = number(at: start, bytes: 2), let type = number(at: start + 2, bytes: 2) else {
                    return nil
                }
                guard tag == orientationTag, type == shortType else { continue }
                return number(at: start + 8, bytes: 2).flatMap { (1...8).contains($0) ? $0 : nil }
            }
            return nil
        }

        /// An unsigned number of two or four bytes; nil past the end.
        private func number(at offset: Int, bytes width: Int) -> Int? {
            guard offset + width <= bytes.count else { return nil }
            var value = 0
            for place in 0..<width {
                let byte = bytes[bytes.startIndex + offset + place]
                value |= Int(byte) << (8 * (isLittleEndian ? place : width - 1 - place))
            }
            return value
        }
    }
}
