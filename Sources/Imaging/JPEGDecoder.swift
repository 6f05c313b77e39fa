import CImaging
import CTurboJPEG
import Synchronization

/// One TurboJPEG decompressor, used by one picture at a time.
final class JPEGDecoder: @unchecked Sendable {
    // SAFETY: made by `tjInitDecompress`, destroyed once in `deinit`; the pool lends it to one caller at a
    // time.
    private let handle: tjhandle

    private static let resting = Mutex<[JPEGDecoder]>([])
    private static let restingMax = 16

    private init?() {
        guard let handle = tjInitDecompress() else { return nil }
        self.handle = handle
    }

    deinit { tjDestroy(handle) }

    /// Decodes a JPEG, upright.
    ///
    /// A decompressor that met a fault is not used again: TurboJPEG 2.1.5 answers every later header with the
    /// same fault.
    static func decode(
        _ bytes: [UInt8], limits: ImageLimits
    ) throws(ImageError) -> PixelImage {
        let outline = JPEGOutline(bytes, scansMax: limits.scansMax)
        guard outline.scans <= limits.scansMax else { throw .tooManyScans(limit: limits.scansMax) }
        guard let decoder = resting.withLock({ $0.popLast() }) ?? JPEGDecoder() else { throw .outOfMemory }
        let header = try decoder.header(of: bytes)
        try limits.check(width: header.width, height: header.height)
        let rgb = try decoder.pixels(of: bytes, header)
        resting.withLock { if $0.count < restingMax { $0.append(decoder) } }
        let image = try PixelImage(decoded: rgb, width: header.width, height: header.height)
        return image.upright(from: outline.orientation)
    }

    private struct Header {
        let width: Int
        let height: Int
        let isCMYK: Bool
    }

    private func header(of bytes: [UInt8]) throws(ImageError) -> Header {
        var (width, height, subsampling, colorspace) = (Int32(0), Int32(0), Int32(0), Int32(0))
        let status = tjDecompressHeader3(
            handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &colorspace)
        guard status == 0 else { throw fault() }
        guard width > 0, height > 0 else { throw .undecodable(.jpeg, reason: "it has no pixels") }
        let isCMYK = colorspace == Int32(TJCS_CMYK.rawValue) || colorspace == Int32(TJCS_YCCK.rawValue)
        return Header(width: Int(width), height: Int(height), isCMYK: isCMYK)
    }

    /// The samples as RGB. The first warning is an error: it means damaged or missing data, which libjpeg
    /// would fill with gray.
    private func pixels(
        of bytes: [UInt8], _ header: Header
    ) throws(ImageError) -> [UInt8] {
        let count = header.width * header.height
        let format = header.isCMYK ? TJPF_CMYK : TJPF_RGB
        var pixels = [UInt8](repeating: 0, count: count * (header.isCMYK ? 4 : 3))
        // SAFETY: there is room for height rows of width pixels of 3 or 4 bytes, without padding (pitch 0).
        let status = tjDecompress2(
            handle, bytes, UInt(bytes.count), &pixels, Int32(header.width), 0, Int32(header.height),
            Int32(format.rawValue), TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS)
        guard status == 0 else { throw fault() }
        if header.isCMYK {
            augur_inverted_cmyk_to_rgb(&pixels, count)
            pixels.removeLast(count)
        }
        return pixels
    }

    private func fault() -> ImageError {
        let text = tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown fault"
        return .undecodable(.jpeg, reason: text.contains("Premature end") ? "it is cut short" : text)
    }
}
