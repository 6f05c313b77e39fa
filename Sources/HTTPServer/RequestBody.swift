/// A request's body, its transfer and content codings undone.
package enum RequestBody: Sendable {
    case bytes([UInt8])
    /// A temporary file. Whoever answers may rename it; it is removed with the last who keeps it.
    case file(SpooledFile)
}

/// Where the body of a request goes while it is read.
package enum BodyDisposition: Sendable {
    /// To memory, at most this many bytes, counted before and after decoding; more is 413.
    case memory(bytesMax: Int)
    /// To a new file in `directory`, at most this many bytes, in constant memory; more is 413, and past the
    /// share of the bytes of all files 503.
    case file(directory: String, bytesMax: Int, share: BudgetShare = .common)
    /// Nowhere: this reply is sent. The connection lives on if the body is short enough to be read past.
    case refuse(Response)
}
