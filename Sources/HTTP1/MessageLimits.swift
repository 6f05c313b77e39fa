/// How much of a message's head the parser takes; outside bounds are refused, never stored.
package struct MessageLimits: Sendable, Hashable {
    /// Bytes of the request line with its line end.
    package var requestLineBytesMax: Int
    /// Bytes of all header fields with their line ends; the same again for trailers.
    package var headerBytesMax: Int
    /// Header fields; the same again for trailers.
    package var headerCountMax: Int

    /// Limits of these sizes.
    package init(requestLineBytesMax: Int = 8_192, headerBytesMax: Int = 32_768, headerCountMax: Int = 100) {
        self.requestLineBytesMax = requestLineBytesMax
        self.headerBytesMax = headerBytesMax
        self.headerCountMax = headerCountMax
    }
}
