import Imaging
import Testing

@Suite struct DecodingTests {
    @Test(arguments: Fixture.pngs)
    func `a PNG of any colour type and depth gives its samples, alpha over white`(
        name: String
    ) throws {
        #expect(try decodeImage(Fixture.bytes("\(name).png")) == Fixture.expected(name))
    }

    @Test(arguments: Fixture.jpegs) func `a JPEG decodes as Pillow decodes it, upright`(name: String) throws {
        let image = try decodeImage(Fixture.bytes("\(name).jpg"))
        let difference = try #require(distance(image, Fixture.expected(name)))
        #expect(difference <= 1)
    }

    @Test(arguments: Fixture.pngs.map { "\($0).png" } + Fixture.jpegs.map { "\($0).jpg" })
    func `a file cut short anywhere is refused`(name: String) throws {
        let bytes = try Fixture.bytes(name)
        for count in 0..<bytes.count {
            #expect(fault(Array(bytes[..<count])) != nil, "the first \(count) of \(bytes.count) bytes")
        }
    }

    @Test func `a cut file is named as such`() throws {
        let jpeg = try Fixture.bytes("jpeg_420.jpg")
        #expect(fault(Array(jpeg.dropLast(200))) == .undecodable(.jpeg, reason: "it is cut short"))
        let png = try Fixture.bytes("scene.png")
        #expect(fault(Array(png.dropLast(200))) == .undecodable(.png, reason: "it is cut short"))
    }

    @Test(arguments: Fixture.pngs) func `a PNG with any damaged byte is refused`(
        name: String
    ) throws {
        let bytes = try Fixture.bytes("\(name).png")
        // Past the signature every byte is under a CRC, or is a length or a CRC itself.
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0x10
            #expect(fault(damaged) != nil, "byte \(place)")
        }
    }

    @Test(arguments: Fixture.jpegs) func `a JPEG with any damaged byte never ends the process`(name: String)
        throws
    {
        let bytes = try Fixture.bytes("\(name).jpg")
        var refused = 0
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0x5A
            if fault(damaged) != nil { refused += 1 }
        }
        #expect(refused > 0)
    }
}

@Suite struct RefusalTests {
    static let foreign: [(head: [UInt8], format: ImageFormat?)] = [
        (Array("GIF89a............".utf8), .gif), (Array("RIFF....WEBPVP8 ".utf8), .webp),
        (Array("BM......".utf8), .bmp),
        ([0x49, 0x49, 0x2A, 0, 8, 0, 0, 0], .tiff), ([0x4D, 0x4D, 0, 0x2A], .tiff),
        (Array("....ftypheic....".utf8), .heif),
        (Array("....ftypavif....".utf8), .heif), ([0xFF, 0x0A, 0, 0], .jpegXL), (Array("%PDF-1.7".utf8), nil),
        ([0], nil),
        (Array("{\"a\": 1}".utf8), nil), ([0xFF, 0xD8], nil), ([0x89, 0x50, 0x4E, 0x47], nil),
    ]

    @Test(arguments: foreign) func `another format is refused by its name`(
        head: [UInt8], format: ImageFormat?
    ) {
        #expect(fault(head) == .unsupported(found: format))
    }

    @Test func `the refusal says which formats are taken`() {
        #expect(fault(Array("GIF89a".utf8))?.description == "GIF is not supported; send JPEG or PNG")
        #expect(fault([1, 2, 3])?.description == "the image is neither JPEG nor PNG")
        #expect(fault([]) == .empty)
    }

    @Test func `a file larger than the limit is not looked at`() {
        #expect(
            fault(Array(repeating: 0, count: 11), ImageLimits(bytesMax: 10)) == .tooManyBytes(11, limit: 10))
    }

    /// The start-of-frame segment's size replaced: marker FF C0 or FF C2, length, precision, height, width.
    private func resized(_ jpeg: [UInt8], width: UInt16, height: UInt16) throws -> [UInt8] {
        var bytes = jpeg
        let frame = try #require(
            bytes.indices.first { bytes[$0] == 0xFF && [0xC0, 0xC2].contains(bytes[$0 + 1]) })
        let size = [height >> 8, height & 0xFF, width >> 8, width & 0xFF].map(UInt8.init)
        bytes.replaceSubrange(frame + 5..<frame + 9, with: size)
        return bytes
    }

    @Test func `a JPEG that states too many pixels is refused from its header`() throws {
        let jpeg = try Fixture.bytes("jpeg_420.jpg")
        let limits = ImageLimits(pixelsMax: 1_000_000)
        let wide = try resized(jpeg, width: 2000, height: 1000)
        #expect(fault(wide, limits) == .tooLarge(width: 2000, height: 1000, limit: 1_000_000))
        let long = try resized(jpeg, width: 1, height: 65_500)
        #expect(fault(long) == .tooLarge(width: 1, height: 65_500, limit: 32_768))
        #expect(try fault(resized(jpeg, width: 0, height: 10)) != nil)
        #expect(try fault(resized(jpeg, width: 10, height: 0)) != nil)
    }

    @Test(arguments: [(100_000, 100_000), (0x7FFF_FFFF, 0x7FFF_FFFF), (40_001, 1000), (0, 1), (1, 0)])
    func `a PNG that states too many pixels, or none, is refused from its header`(
        width: UInt32, height: UInt32
    ) throws {
        let png = try Fixture.bytes("scene.png")
        let size = [width, height].flatMap { side in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: side >> $0) }
        }
        let header = Array("IHDR".utf8) + size + png[24..<29]
        let checksum = crc32(header)
        let forged =
            png[..<12] + header + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> $0) }
            + png[33...]
        let error = try #require(fault(Array(forged)))
        if width > 0 && height > 0 {
            guard case .tooLarge = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    private func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { checksum, byte in
            (0..<8).reduce(checksum ^ UInt32(byte)) { value, _ in
                value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0)
            }
        }
    }

    @Test func `a JPEG with more scans than the limit is refused before it is decoded`() throws {
        let progressive = try Fixture.bytes("jpeg_progressive.jpg")
        #expect(fault(progressive, ImageLimits(scansMax: 3)) == .tooManyScans(limit: 3))
        // The last scan again and again, as a hostile file would.
        let lastScan = try #require(
            progressive.indices.dropLast().last { progressive[$0...].starts(with: [0xFF, 0xDA]) })
        let scan = progressive[lastScan..<progressive.count - 2]
        let hostile =
            Array(progressive.dropLast(2)) + [[UInt8]](repeating: Array(scan), count: 1000).joined()
            + [0xFF, 0xD9]
        #expect(fault(hostile) == .tooManyScans(limit: 32))
    }
}
