import Tensors

extension Invocation {
    /// Input `index`, a tensor of strings.
    func stringInput(_ index: Int) throws(KernelError) -> Tensor {
        let tensor = try input(index)
        guard tensor.elementType == .string else {
            throw .invalid("strings expected, not \(tensor.elementType)")
        }
        return tensor
    }

    /// `StringConcat` (opset 20): pairs joined, broadcast.
    func joinStrings() throws(KernelError) -> [Tensor] {
        let (a, b) = (try stringInput(0), try stringInput(1))
        let dims = try broadcastDims([a.shape, b.shape])
        let (left, right) = (try expand(a, to: dims).strings, try expand(b, to: dims).strings)
        let bytes = [left, right].joined().reduce(0) { saturatingAdd($0, $1.utf8.count) }
        try workspace.reserve(bytes, elementBytes: 1)
        return [try strings(dims, zip(left, right).map { $0 + $1 })]
    }

    /// `StringSplit` (opset 20): the parts of each string along a new last axis, padded with empty strings,
    /// and how many there are. Without a delimiter words are parted at white space.
    func splitStrings() throws(KernelError) -> [Tensor] {
        let x = try stringInput(0)
        let delimiter = Array(try attributes.text("delimiter", default: "").utf8)
        let limit = try attributes.integer("maxsplit") ?? .max
        var rows: [[String]] = []
        for text in x.strings {
            // Each word a slice and a string, for words of one character and a space.
            try workspace.reserve(text.utf8.count, elementBytes: 48)
            let bytes = Array(text.utf8)
            let parts =
                delimiter.isEmpty ? words(bytes, limit) : try fields(bytes, delimiter, limit)
            rows.append(parts.map { String(decoding: $0, as: UTF8.self) })
        }
        let counts = try make(x.shape.dims, rows.map { Int64($0.count) })
        return [try padded(rows, x.shape.dims, with: ""), counts]
    }

    /// `rows` of strings laid along a new last axis behind `dims`, short ones filled up with `filler`.
    func padded(_ rows: [[String]], _ dims: [Int], with filler: String) throws(KernelError) -> Tensor {
        let width = rows.reduce(0) { max($0, $1.count) }
        try workspace.reserve(saturatingMultiply(rows.count, width))
        return try strings(
            dims + [width],
            rows.flatMap { $0 + [String](repeating: filler, count: width - $0.count) })
    }

    /// Words between white space, at most `limit` cuts; the rest after the last cut stays as it is.
    private func words(_ text: [UInt8], _ limit: Int) -> [ArraySlice<UInt8>] {
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
        var words: [ArraySlice<UInt8>] = []
        var place = 0
        while let start = text[place...].firstIndex(where: { !isSpace($0) }) {
            if words.count >= limit { return words + [text[start...]] }
            let end = text[start...].firstIndex(where: isSpace) ?? text.count
            words.append(text[start..<end])
            place = end
        }
        return words
    }

    /// Parts between delimiters, at most `limit` cuts.
    private func fields(_ text: [UInt8], _ delimiter: [UInt8], _ limit: Int) throws(KernelError)
        -> [ArraySlice<UInt8>]
    {
        try workspace.charge(saturatingMultiply(text.count, delimiter.count))
        var fields: [ArraySlice<UInt8>] = []
        var (start, place) = (0, 0)
        while place + delimiter.count <= text.count, fields.count < limit {
            if text[place..<(place + delimiter.count)].elementsEqual(delimiter) {
                fields.append(text[start..<place])
                place += delimiter.count
                start = place
            } else {
                place += 1
            }
        }
        return fields + [text[start...]]
    }

    /// `RegexFullMatch` (opset 20): whether each whole string matches the pattern.
    func matchStrings() throws(KernelError) -> [Tensor] {
        let x = try stringInput(0)
        let pattern = try cache.value { () throws(KernelError) in
            try Pattern(try attributes.text("pattern", default: ""))
        }
        let results = try x.strings.map { (text) throws(KernelError) in
            let scalars = Array(text.unicodeScalars)
            return BoolByte(try pattern.longestMatch(in: scalars, from: 0, workspace) == scalars.count)
        }
        return [try make(x.shape.dims, results)]
    }

    /// `StringNormalizer` (opset 10) of `[C]` or `[1, C]`: stop words dropped, then case changed; an empty
    /// string where nothing is left. Case is Unicode's own, whatever `locale` says.
    func normalizeStrings() throws(KernelError) -> [Tensor] {
        let x = try stringInput(0)
        guard x.shape.rank == 1 || (x.shape.rank == 2 && x.shape[0] == 1) else {
            throw .invalid("strings \(x.shape) must be [C] or [1, C]")
        }
        let isSensitive = try attributes.flag("is_case_sensitive")
        let stops = Set((try attributes.texts("stopwords") ?? []).map { isSensitive ? $0 : $0.lowercased() })
        var kept = x.strings
        // A changed case takes up to three times the bytes; stop words are looked for in lower case.
        try workspace.reserve(kept.reduce(0) { saturatingAdd($0, $1.utf8.count) }, elementBytes: 6)
        if !stops.isEmpty { kept.removeAll { stops.contains(isSensitive ? $0 : $0.lowercased()) } }
        switch try attributes.text("case_change_action", default: "NONE") {
        case "LOWER": kept = kept.map { $0.lowercased() }
        case "UPPER": kept = kept.map { $0.uppercased() }
        case "NONE": break
        case let action: throw .invalid("attribute case_change_action = \(action)")
        }
        if kept.isEmpty { kept = [""] }
        return [try strings(x.shape.rank == 1 ? [kept.count] : [1, kept.count], kept)]
    }
}

/// ONNX's operators on strings.
let textOperators: [String: OperatorFunction] = [
    "StringConcat": { call throws(KernelError) in try call.joinStrings() },
    "StringSplit": { call throws(KernelError) in try call.splitStrings() },
    "RegexFullMatch": { call throws(KernelError) in try call.matchStrings() },
    "StringNormalizer": { call throws(KernelError) in try call.normalizeStrings() },
    "TfIdfVectorizer": { call throws(KernelError) in try call.countTerms() },
]
