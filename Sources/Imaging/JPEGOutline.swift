import CImaging

/// What a walk over a JPEG's markers tells before anything is decoded: how many scans, which way up.
///
///     FF D8 | FF xx length payload ... | FF DA length header, coded data ... | ... | FF D9
struct JPEGOutline: Equatable {
    /// Scans of the file, at most `scansMax + 1` counted.
    private(set) var scans = 0
    /// EXIF orientation, 1 to 8 (Exif 2.32, tag 0x0112); 1 when there is none or it makes no sense.
    private(set) var orientation = 1

    private enum Marker {
        static let startOfScan: UInt8 = 0xDA
        static let endOfImage: UInt8 = 0xD9
        static let application1: UInt8 = 0xE1
        static let temporary: UInt8 = 0x01
    }

    /// Walks at most `scansMax + 1` scans; faults are left for the decoder to name.
    init(_ bytes: [UInt8], scansMax: Int) {
        var position = 2
        while scans <= scansMax {
            let code = augur_next_marker(bytes, bytes.count, position)
            guard code < bytes.count, bytes[code] != Marker.endOfImage else { return }
            position = code + 1
            if bytes[code] == Marker.temporary { continue }
            guard let length = Self.word(bytes, at: position), length >= 2 else { return }
            let payload = position + 2..<max(position + 2, min(position + length, bytes.count))
            if bytes[code] == Marker.startOfScan { scans += 1 }
            if bytes[code] == Marker.application1 {
                orientation = EXIF.orientation(bytes[payload]) ?? orientation
            }
            position += length
        }
    }

    private static func word(_ bytes: [UInt8], at offset: Int) -> Int? {
        guard offset + 1 < bytes.count else { return nil }
        return Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
    }
}
