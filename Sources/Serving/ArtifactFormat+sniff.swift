/// What a model file is.
package enum ArtifactFormat: String, Sendable, Hashable, CaseIterable {
    case pmml, onnx

    /// The file's name in a model repository.
    package var fileName: String { "model.\(rawValue)" }

    /// What the first bytes of a file say it is: XML opens with `<` after an optional byte order mark and white
    /// space, an ONNX protobuf with the tag of one of ModelProto's fields.
    package init?(sniffing bytes: some Collection<UInt8>) {
        var rest = bytes.prefix(4096)[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        let isUTF16 = rest.starts(with: [0xFF, 0xFE]) || rest.starts(with: [0xFE, 0xFF])
        if isUTF16 || rest.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "<") {
            self = .pmml
            return
        }
        // Field numbers 1 to 8, 14, 20 and 25 of ModelProto, as varint (0) or length-delimited (2).
        guard let tag = bytes.first, [0, 2].contains(tag & 7), (1...14).contains(tag >> 3) || tag >= 0x80
        else {
            return nil
        }
        self = .onnx
    }

    /// The format by a file's name in a model repository.
    init?(fileName: String) {
        guard let format = Self.allCases.first(where: { $0.fileName == fileName }) else { return nil }
        self = format
    }
}
