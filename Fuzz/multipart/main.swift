import Fuzzing
import HTTPAPI

/// Forms whose boundary is `b`, and what lies just outside them. The first byte chooses how they are cut.
private let bodies = [
    " preamble\r\n--b\r\nContent-Disposition: form-data; name=\"one\"\r\n\r\nfirst\r\n-- b\r\n--b--\r\nepilogue",
    "!--b  \r\ncontent-disposition: form-data; name=two; filename=\"a\\\"b\"\r\nContent-Type: text/plain\r\n"
        + "\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"three\"\r\n\r\n--x\r\n--b--",
    "\"--b\r\n\r\n\r\n--b--", "#--b\r\nno colon\r\n\r\n\r\n--b--", "$--b--x", "%--bX\r\n",
    "&--b\r\n\r\n\r\r\n--",
]

fuzz(seeds: bodies.map { Array($0.utf8) }, words: ["\\x0d\\x0a--b", "--b--", "form-data; name="], check)

@Sendable private func check(_ input: [UInt8]) {
    guard let first = input.first else { return }
    let body = Array(input.dropFirst())
    let whole = read(body, step: max(1, body.count))
    let cut = read(body, step: 1 + Int(first) % 61)
    guard whole == cut else { fatalError("where the pieces end changes what is read") }
}

private struct Form: Equatable {
    var parts: [MultipartParser.Part] = []
    var contents: [[UInt8]] = []
    var ended = 0
    var fault: APIError?
}

private func read(_ body: [UInt8], step: Int) -> Form {
    var form = Form()
    do throws(APIError) {
        guard let type = MediaType("multipart/form-data; boundary=b") else { fatalError("no media type") }
        var parser = try MultipartParser(type)
        for start in stride(from: 0, to: body.count, by: step) {
            try parser.consume(body[start..<min(start + step, body.count)]) { event throws(APIError) in
                if case .content(let bytes, let offset) = event,
                    !body[offset..<offset + bytes.count].elementsEqual(bytes)
                {
                    fatalError("content comes from another place than said")
                }
                take(event, &form)
            }
        }
        try parser.finish()
        guard form.ended == form.parts.count else { fatalError("a part has no end") }
    } catch {
        guard !error.message.isEmpty else { fatalError("an error without words") }
        // A fault in one piece comes before what the piece's beginning would have brought.
        form = Form(fault: error)
    }
    return form
}

private func take(_ event: MultipartParser.Event, _ form: inout Form) {
    switch event {
    case .part(let part):
        guard form.ended == form.parts.count else { fatalError("a part begins inside another") }
        form.parts.append(part)
        form.contents.append([])
    case .content(let bytes, _):
        guard form.contents.count == form.ended + 1 else { fatalError("content outside a part") }
        form.contents[form.ended] += bytes
    case .end: form.ended += 1
    }
}
