import Testing

@testable import Imaging

@Suite struct OutlineTests {
    private func outline(_ bytes: [UInt8], scansMax: Int = 32) -> JPEGOutline {
        JPEGOutline(bytes, scansMax: scansMax)
    }

    /// A JPEG of one APP1 segment and nothing else.
    private func jpeg(app1 payload: [UInt8]) -> [UInt8] {
        let length = payload.count + 2
        return [0xFF, 0xD8, 0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)] + payload + [0xFF, 0xD9]
    }

    private func exif(_ tiff: [UInt8]) -> [UInt8] { jpeg(app1: Array("Exif\0\0".utf8) + tiff) }

    private let intel: [UInt8] = [
        0x49, 0x49, 0x2A, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0,
    ]
    private let motorola: [UInt8] = [
        0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 8, 0, 0,
    ]

    @Test func `the orientation is read in either byte order`() {
        #expect(outline(exif(intel)).orientation == 6)
        #expect(outline(exif(motorola)).orientation == 8)
    }

    @Test func `an orientation outside 1 to 8, of another type or in a broken structure counts as upright`() {
        for (place, value) in [
            (18, 0), (18, 9), (19, 1), (12, 4), (4, 0xFF), (7, 0x7F), (8, 0), (2, 0x2B), (0, 0x4D),
        ] {
            var tiff = intel
            tiff[place] = UInt8(value)
            #expect(outline(exif(tiff)).orientation == 1, "byte \(place) is \(value)")
        }
        for count in intel.indices.dropLast(2) {
            #expect(outline(exif(Array(intel[..<count]))).orientation == 1, "\(count) bytes")
        }
        #expect(outline(jpeg(app1: Array("http://ns.adobe.com/xap/1.0/".utf8) + intel)).orientation == 1)
    }

    @Test func `scans are counted past stuffed bytes, restarts and fill bytes`() {
        let scan: [UInt8] = [0xFF, 0xDA, 0, 4, 1, 2, 0x11, 0xFF, 0x00, 0x22, 0xFF, 0xD3, 0x33, 0xFF, 0xFF]
        let bytes = [0xFF, 0xD8] + scan + scan + scan + [0xFF, 0xD9] + scan
        #expect(outline(bytes).scans == 3)
        #expect(outline(bytes, scansMax: 1).scans == 2)
    }

    @Test func `the walk ends in any bytes`() {
        for bytes: [UInt8] in [
            [], [0xFF], [0xFF, 0xD8], [0xFF, 0xD8, 0xFF], [0xFF, 0xD8, 0xFF, 0xE1],
            [0xFF, 0xD8, 0xFF, 0xE1, 0],
            [0xFF, 0xD8, 0xFF, 0xE1, 0, 0], [0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF],
            [0xFF, 0xD8, 0xFF, 0xE1, 0, 2],
            [0xFF, 0xD8, 0xFF, 0x01, 0xFF, 0x01], Array(repeating: 0xFF, count: 1000),
        ] {
            #expect(outline(bytes).orientation == 1)
        }
    }
}
