import CImaging
import CSpng

/// Decodes a PNG through libspng (PNG 1.2, every colour type and depth, interlaced or not).
enum PNGDecoder {
    /// Longest ancillary chunk (colour profile, text) and the most that all of them may take.
    private static let chunkBytesMax = 4 << 20
    private static let chunksBytesMax = 16 << 20

    static func decode(
        _ bytes: [UInt8], limits: ImageLimits
    ) throws(ImageError) -> PixelImage {
        guard let outline = PNGOutline(bytes) else {
            throw .undecodable(.png, reason: "it does not begin with its size")
        }
        try limits.check(width: outline.width, height: outline.height)
        guard outline.isWhole else { throw .undecodable(.png, reason: "it is cut short") }
        guard let context = spng_ctx_new(0) else { throw .outOfMemory }
        // SAFETY: freed once, here.
        defer { spng_ctx_free(context) }
        // Transparency is ancillary: a damaged one would silently be dropped.
        try check(
            spng_set_crc_action(context, Int32(SPNG_CRC_ERROR.rawValue), Int32(SPNG_CRC_ERROR.rawValue)))
        try check(spng_set_chunk_limits(context, chunkBytesMax, chunksBytesMax))
        // SAFETY: libspng keeps the address until the context is freed, and the closure outlives that.
        return try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
            try check(spng_set_png_buffer(context, buffer.baseAddress, buffer.count))
            return try picture(context)
        }
    }

    private static func picture(_ context: OpaquePointer) throws(ImageError) -> PixelImage {
        var header = spng_ihdr()
        try check(spng_get_ihdr(context, &header))
        let rgb = try pixels(context, header)
        return try PixelImage(decoded: rgb, width: Int(header.width), height: Int(header.height))
    }

    private static func pixels(_ context: OpaquePointer, _ header: spng_ihdr) throws(ImageError) -> [UInt8] {
        let isTransparent = try hasAlpha(context, header)
        let count = Int(header.width) * Int(header.height)
        let format = isTransparent ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8
        var pixels = [UInt8](repeating: 0, count: count * (isTransparent ? 4 : 3))
        // SAFETY: libspng is told how much room there is, and refuses when that is not enough.
        let status = spng_decode_image(
            context, &pixels, pixels.count, Int32(format.rawValue), Int32(SPNG_DECODE_TRNS.rawValue))
        try check(status)
        try check(spng_decode_chunks(context))
        if isTransparent {
            augur_over_white(&pixels, count)
            pixels.removeLast(count)
        }
        return pixels
    }

    /// Whether the colour type has alpha, or a tRNS chunk gives some.
    private static func hasAlpha(_ context: OpaquePointer, _ header: spng_ihdr) throws(ImageError) -> Bool {
        let type = UInt32(header.color_type)
        if type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA.rawValue
            || type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA.rawValue
        {
            return true
        }
        var transparency = spng_trns()
        let status = spng_get_trns(context, &transparency)
        if status == Int32(SPNG_ECHUNKAVAIL.rawValue) { return false }
        try check(status)
        return true
    }

    private static func check(_ status: Int32) throws(ImageError) {
        guard status != 0 else { return }
        if status == Int32(SPNG_EMEM.rawValue) { throw .outOfMemory }
        if status == Int32(SPNG_IO_EOF.rawValue) { throw .undecodable(.png, reason: "it is cut short") }
        let text = spng_strerror(status).map { String(cString: $0) } ?? "unknown fault"
        throw .undecodable(.png, reason: text)
    }
}
