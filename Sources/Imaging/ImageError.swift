/// Why bytes are not taken as a picture, or a picture not as a model's input.
package enum ImageError: Error, Hashable, Sendable {
    /// No bytes at all.
    case empty
    /// Neither JPEG nor PNG; `found` when the first bytes name another format.
    case unsupported(found: ImageFormat?)
    /// More bytes than the limit.
    case tooManyBytes(Int, limit: Int)
    /// The header states more pixels, or a longer side, than the limit.
    case tooLarge(width: Int, height: Int, limit: Int)
    /// More progressive scans than the limit.
    case tooManyScans(limit: Int)
    /// Cut short, damaged, or of a kind that the decoder does not know.
    case undecodable(ImageFormat, reason: String)
    /// A recipe value that makes no sense; `field` is its name in `model.yaml`.
    case recipe(field: String, reason: String)
    /// A picture of another size than a recipe without resizing takes.
    case wrongSize(width: Int, height: Int, expectedWidth: Int, expectedHeight: Int)
    /// Memory is out.
    case outOfMemory
}

extension ImageError: CustomStringConvertible {
    /// One sentence for the person who sent the picture.
    package var description: String {
        switch self {
        case .empty: "the image is empty"
        case .unsupported(.none): "the image is neither JPEG nor PNG"
        case .unsupported(.some(let found)): "\(found.rawValue) is not supported; send JPEG or PNG"
        case .tooManyBytes(let count, let limit):
            "the image's \(count) bytes are more than the limit of \(limit)"
        case .tooLarge(let width, let height, let limit):
            "the image of \(width) x \(height) pixels is larger than the limit of \(limit)"
        case .tooManyScans(let limit): "the JPEG has more than \(limit) scans"
        case .undecodable(let format, let reason): "the \(format.rawValue) cannot be decoded: \(reason)"
        case .recipe(let field, let reason): "image.\(field): \(reason)"
        case .wrongSize(let width, let height, let expectedWidth, let expectedHeight):
            "the image has \(width) x \(height) pixels, the model takes \(expectedWidth) x \(expectedHeight)"
        case .outOfMemory: "there is not enough memory for the image"
        }
    }
}
