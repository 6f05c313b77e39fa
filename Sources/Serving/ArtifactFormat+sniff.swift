/// What a model file is.
package enum ArtifactFormat: String, Sendable, Hashable, CaseIterable {
    case pmml, onnx

    /// The file's name in a model repository.
    package var fileName: String { "model.\(rawValue)" }

    /// What the first bytes of a file say it is: XML opens with `<` after an optional byte order mark and
    /// white space, an ONNX protobuf with the tag of one of ModelProto's fields.
    package init?(sniffing bytes: some Collection<UInt8>) {
        var rest = bytes.prefix(4096)[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        let isUTF16 = rest.starts(with: [0xFF, 0xFE]) || rest.starts(with: [0xFE, 0xFF])
        if isUTF16 || rest.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "<") {
            self = .pmml
            return
        }
        guard let tag = bytes.first, Self.openingTags.contains(tag) else { return nil }
        self = .onnx
    }

    /// The first bytes of the tags of ModelProto's fields 1 to 8, 14, 20 and 25 (onnx.proto), with the wire
    /// types that they have there.
    private static let openingTags: Set<UInt8> = [
        0x08, 0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42, 0x72, 0xA2, 0xCA,
    ]

    /// The format by a file's name in a model repository.
    init?(fileName: String) {
        guard let format = Self.allCases.first(where: { $0.fileName == fileName }) else { return nil }
        self = format
    }
}
