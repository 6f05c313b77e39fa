/// What a picture may cost at most; all of it is checked from the header, before memory is taken.
package struct ImageLimits: Sendable, Hashable {
    /// Longest file, in bytes.
    package var bytesMax: Int
    /// Most pixels (width times height).
    package var pixelsMax: Int
    /// Longest side, in pixels.
    package var sideMax: Int
    /// Most scans of a progressive JPEG: each costs a pass over all pixels, and a file may ask for thousands.
    package var scansMax: Int

    /// 32 MiB, 40 million pixels, 32,768 pixels a side and 32 scans unless said otherwise.
    package init(
        bytesMax: Int = 32 << 20, pixelsMax: Int = 40_000_000, sideMax: Int = 32_768, scansMax: Int = 32
    ) {
        self.bytesMax = bytesMax
        self.pixelsMax = min(pixelsMax, Self.pixelsCeiling)
        self.sideMax = min(sideMax, Self.sideCeiling)
        self.scansMax = scansMax
    }

    /// Four bytes a pixel stay far below what 32 bits count.
    private static let pixelsCeiling = 400_000_000
    /// The longest side that a JPEG can state.
    private static let sideCeiling = 65_535

    /// Checks a header's word.
    func check(width: Int, height: Int) throws(ImageError) {
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard width <= sideMax, height <= sideMax else {
            throw .tooLarge(width: width, height: height, limit: sideMax)
        }
        guard !overflow, pixels <= pixelsMax else {
            throw .tooLarge(width: width, height: height, limit: pixelsMax)
        }
    }
}
