import HTTPServer

/// The text of a table, in UTF-8 and in pieces, from a request's body in memory or in a file.
package struct TableInput: Sendable {
    /// Bytes of one piece.
    package static let pieceBytes = 1 << 18

    private let body: RequestBody
    private let charset: Charset
    private let pieceBytes: Int
    private let start: Int
    private let end: Int
    private var offset: Int

    /// The bytes `range` of a body, or all of it.
    init(_ body: RequestBody, _ range: Range<Int>? = nil, charset: Charset) {
        self.init(body, range ?? 0..<body.count, charset: charset, pieceBytes: Self.pieceBytes)
    }

    /// A table in memory, in pieces of `pieceBytes`; at least 3, the length of a byte order mark.
    package init(_ bytes: [UInt8], charset: Charset, pieceBytes: Int = pieceBytes) {
        self.init(.bytes(bytes), 0..<bytes.count, charset: charset, pieceBytes: max(3, pieceBytes))
    }

    private init(_ body: RequestBody, _ range: Range<Int>, charset: Charset, pieceBytes: Int) {
        self.body = body
        self.charset = charset
        self.pieceBytes = pieceBytes
        start = range.lowerBound
        end = range.upperBound
        offset = start
    }

    /// The next piece; nil at the end.
    ///
    /// - Throws: `storage` when the disk refuses.
    package mutating func next() throws(APIError) -> [UInt8]? {
        let piece = try body.piece(from: offset, count: min(pieceBytes, end - offset))
        guard !piece.isEmpty else { return nil }
        defer { offset += piece.count }
        return charset.decode(piece, isFirst: offset == start)
    }
}

extension RequestBody {
    fileprivate var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .file(let file): file.count
        }
    }

    /// Up to `count` bytes from `offset`, fewer only at the end.
    fileprivate func piece(from offset: Int, count: Int) throws(APIError) -> [UInt8] {
        switch self {
        case .bytes(let bytes): Array(bytes.dropFirst(offset).prefix(count))
        case .file(let file): try file.piece(from: offset, count: count)
        }
    }
}

extension Call {
    /// Where the table is that the request brings, and the media type that tells its charset: the whole body,
    /// or what the form's part `csv` has of it.
    ///
    /// - Throws: `badRequest` for a malformed form or one without such a part.
    func table() throws(APIError) -> (range: Range<Int>?, type: MediaType?) {
        guard let mediaType, mediaType.essence == "multipart/form-data" else { return (nil, mediaType) }
        var parser = try MultipartParser(mediaType)
        var isTable = false
        var type: MediaType?
        var range: Range<Int>?
        try forEachPiece { piece throws(APIError) in
            try parser.consume(piece) { event throws(APIError) in
                switch event {
                case .part(let part):
                    isTable = part.name == "csv"
                    guard isTable else { return }
                    guard range == nil else {
                        throw .badRequest("The form has more than one part called csv")
                    }
                    range = 0..<0
                    type = part.contentType.flatMap { MediaType($0) }
                case .content(let bytes, let offset):
                    guard isTable, let found = range else { return }
                    range = (found.isEmpty ? offset : found.lowerBound)..<(offset + bytes.count)
                case .end: isTable = false
                }
            }
        }
        try parser.finish()
        guard let range else { throw .badRequest("The form has no part called csv") }
        return (range, type)
    }

    /// Hands the body over piece by piece, from memory or from its file.
    func forEachPiece(_ use: ([UInt8]) throws(APIError) -> Void) throws(APIError) {
        var offset = 0
        while true {
            let piece = try exchange.body.piece(from: offset, count: TableInput.pieceBytes)
            guard !piece.isEmpty else { return }
            try use(piece)
            offset += piece.count
        }
    }
}
