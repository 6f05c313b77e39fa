/// Bounds on a document from outside.
package struct PMMLLimits: Sendable {
    /// Size of the document in bytes.
    package var bytesMax = 2 << 30
    /// Nesting of elements.
    package var depthMax = 1024
    /// Elements in the document.
    package var elementsMax = 50_000_000
    /// Attributes of one element.
    package var attributesMax = 256
    /// Bytes of one attribute's value or one element's text.
    package var textBytesMax = 64 << 20

    /// The default bounds.
    package init() {}
}
