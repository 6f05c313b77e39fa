/// What a text may cost at most, checked before or while it is parsed.
package struct JSONLimits: Sendable, Hashable {
    /// Longest text, in bytes.
    package var bytesMax: Int
    /// Most containers inside one another; an empty one at the bottom is not counted.
    package var depthMax: Int

    /// 64 MiB and 64 levels unless said otherwise.
    package init(bytesMax: Int = 64 << 20, depthMax: Int = 64) {
        self.bytesMax = min(max(bytesMax, 0), Self.bytesCeiling)
        self.depthMax = min(max(depthMax, 1), Self.depthCeiling)
    }

    /// The tape counts in 32 bits, and an element's walk recurses once a level.
    private static let bytesCeiling = 1 << 30
    private static let depthCeiling = 1024
}
