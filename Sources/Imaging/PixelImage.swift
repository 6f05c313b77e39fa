import CImaging

/// A decoded picture: 8-bit sRGB samples as the file has them, upright, without alpha.
package struct PixelImage: Sendable, Hashable {
    /// Pixels in a row, at least 1.
    package let width: Int
    /// Rows, at least 1.
    package let height: Int
    /// `height` rows of `width` pixels of red, green, blue.
    package let rgb: [UInt8]

    /// A picture from its samples; nil when there are not `3 * width * height` of them, or none.
    package init?(width: Int, height: Int, rgb: [UInt8]) {
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard width > 0, height > 0, !overflow, pixels <= Int(Int32.max), rgb.count == 3 * pixels else {
            return nil
        }
        self.width = width
        self.height = height
        self.rgb = rgb
    }

    /// A decoder's result, whose size `ImageLimits` has bounded.
    init(decoded rgb: [UInt8], width: Int, height: Int) throws(ImageError) {
        guard let image = PixelImage(width: width, height: height, rgb: rgb) else { throw .outOfMemory }
        self = image
    }

    /// The picture turned and mirrored as an EXIF orientation asks: 1 is upright already, 2 mirrored, 3
    /// upside down, 4 both; 5 to 8 the same lying on a side.
    func upright(from orientation: Int) -> PixelImage {
        let (w, h) = (width, height)
        // Where the first pixel goes, and how far the next in a row and the next row lie from it.
        let (origin, stepX, stepY): (Int, Int, Int)
        switch orientation {
        case 2: (origin, stepX, stepY) = (w - 1, -1, w)
        case 3: (origin, stepX, stepY) = (w * h - 1, -1, -w)
        case 4: (origin, stepX, stepY) = (w * (h - 1), 1, -w)
        case 5: (origin, stepX, stepY) = (0, h, 1)
        case 6: (origin, stepX, stepY) = (h - 1, h, -1)
        case 7: (origin, stepX, stepY) = (w * h - 1, -h, -1)
        case 8: (origin, stepX, stepY) = (h * (w - 1), -h, 1)
        default: return self
        }
        let isLying = orientation >= 5
        var turned = [UInt8](repeating: 0, count: rgb.count)
        // SAFETY: the steps above visit each of the w * h places of the result once.
        augur_turn(rgb, w, h, origin, stepX, stepY, &turned)
        return PixelImage(width: isLying ? h : w, height: isLying ? w : h, rgb: turned) ?? self
    }
}

/// Decodes a JPEG (baseline, progressive, grayscale, CMYK; turned upright as its EXIF data asks) or a PNG
/// (every colour type and depth; alpha composited over white).
///
/// - Throws: `ImageError`; a truncated or damaged file is `undecodable`, never half a picture.
package func decodeImage(
    _ bytes: [UInt8], limits: ImageLimits = .init()
) throws(ImageError) -> PixelImage {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.count <= limits.bytesMax else { throw .tooManyBytes(bytes.count, limit: limits.bytesMax) }
    switch ImageFormat.sniff(bytes) {
    case .jpeg: return try JPEGDecoder.decode(bytes, limits: limits)
    case .png: return try PNGDecoder.decode(bytes, limits: limits)
    case let other: throw .unsupported(found: other)
    }
}
