/// A picture format, told by the first bytes; only JPEG and PNG are decoded.
package enum ImageFormat: String, Sendable, Hashable, CaseIterable {
    case jpeg = "JPEG"
    case png = "PNG"
    case gif = "GIF"
    case webp = "WebP"
    case bmp = "BMP"
    case tiff = "TIFF"
    case heif = "HEIF or AVIF"
    case jpegXL = "JPEG XL"
    case jpeg2000 = "JPEG 2000"

    /// The format that the first bytes name, or nil.
    package static func sniff(_ bytes: some Collection<UInt8>) -> ImageFormat? {
        let head = Array(bytes.prefix(12))
        for (format, signature, offset) in signatures
        where head.dropFirst(offset).starts(with: signature) {
            return format
        }
        return nil
    }

    private static let signatures: [(ImageFormat, [UInt8], Int)] = [
        (.jpeg, [0xFF, 0xD8, 0xFF], 0),
        (.png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], 0),
        (.gif, Array("GIF8".utf8), 0),
        (.webp, Array("WEBP".utf8), 8),
        (.tiff, [0x49, 0x49, 0x2A, 0x00], 0),
        (.tiff, [0x4D, 0x4D, 0x00, 0x2A], 0),
        (.heif, Array("ftyphei".utf8), 4),
        (.heif, Array("ftypmif".utf8), 4),
        (.heif, Array("ftypavif".utf8), 4),
        (.jpegXL, [0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20], 0),
        (.jpegXL, [0xFF, 0x0A], 0),
        (.jpeg2000, [0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20], 0),
        (.bmp, Array("BM".utf8), 0),
    ]
}
