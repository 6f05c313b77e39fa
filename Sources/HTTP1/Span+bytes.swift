import Glibc

extension Span where Element == UInt8 {
    /// The offset of the first `byte` at or after `start`, or nil.
    func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard start >= 0, start < count else { return nil }
        return withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            // SAFETY: 0 <= start < count, so `memchr` reads only the span's own bytes.
            guard let found = memchr(base + start, Int32(byte), buffer.count - start) else { return nil }
            return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
        }
    }
}

extension [UInt8] {
    /// Appends the bytes of `span` at `range`, cut to what the span has.
    package mutating func append(_ span: Span<UInt8>, _ range: Range<Int>) {
        let range = range.clamped(to: 0..<span.count)
        // SAFETY: the range was cut to the span, and the buffer is not kept past the call.
        span.withUnsafeBufferPointer { append(contentsOf: $0[range]) }
    }
}
