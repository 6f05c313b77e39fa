import Fuzzing
import HTTP1

/// Requests of each shape, and the shapes that must be refused; the first byte says how the rest is cut.
private let texts = [
    "GET /a?b=%20 HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n",
    "POST /m HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello"
        + "GET / HTTP/1.0\r\n\r\n",
    "PUT /m HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
        + "5;x=\"y\"\r\nhello\r\n00\r\nA: b\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\nGET http://h:1?q HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=0.5, *;q=0\r\n\r\n",
    "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n", "GET /%00 HTTP/1.1\nHost : a\r\r\n\r\n",
]
private let limits = MessageLimits(requestLineBytesMax: 200, headerBytesMax: 400, headerCountMax: 10)

fuzz(seeds: texts.map { [7] + Array($0.utf8) } + [[0], [3, 1, 0, 2, 200, 255]], check)

@Sendable private func check(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let input = Array(bytes.dropFirst())
    let whole = outcome([input])
    guard outcome(pieces(of: input, Int(first))) == whole else {
        fatalError("where the bytes are cut matters")
    }
    runPipeline(bytes)
}

/// What a reader makes of the input: everything it says of each request, or that the message is refused.
private struct Outcome: Equatable {
    var heads: [String] = []
    var body: [UInt8] = []
    var ends = 0
    var fault: HTTPFault?
}

private func outcome(_ pieces: [[UInt8]]) -> Outcome {
    var reader = RequestReader(limits: limits)
    var outcome = Outcome()
    for piece in pieces {
        var position = 0
        do throws(HTTPFault) {
            while try step(&reader, piece, &position, &outcome) {}
        } catch {
            outcome.fault = error
            guard reader.phase == .failed else { fatalError("a refused connection is read on") }
            return outcome
        }
        guard position == piece.count else { fatalError("input was left over") }
    }
    return outcome
}

/// Takes one event; false when the piece is used up.
private func step(
    _ reader: inout RequestReader, _ piece: [UInt8], _ position: inout Int, _ outcome: inout Outcome
) throws(HTTPFault) -> Bool {
    let before = position
    switch try reader.next(piece.span, &position) {
    case .needsInput: return false
    case .head(let head): outcome.heads.append(summary(of: head))
    case .body(let range):
        guard before <= range.lowerBound, range.upperBound == position, !range.isEmpty else {
            fatalError("a body range outside what was taken")
        }
        outcome.body += piece[range]
    case .end: outcome.ends += 1
    }
    guard before <= position, position <= piece.count else { fatalError("the position left the input") }
    return true
}

private func summary(of head: RequestHead) -> String {
    guard head.headers.count <= limits.headerCountMax else { fatalError("too many fields were taken") }
    let coding = head.acceptedCoding.map(\.name) ?? "-"
    let fields = head.headers.map { "\($0.name):\($0.value)" }
    return
        "\(head.method) \(head.path) \(head.query ?? "-") \(head.version) \(head.framing) \(head.keepsAlive) "
        + "\(head.expectsContinue) \(coding) \(fields)"
}

/// Cuts `input` into pieces of sizes that follow from `seed`.
private func pieces(of input: [UInt8], _ seed: Int) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var rest = input[...]
    var state = seed
    while !rest.isEmpty {
        state = (state &* 1_103_515_245 &+ 12_345) & 0x7FFF_FFFF
        let count = seed == 0 ? 1 : 1 + (state >> 8) % (seed + 1)
        pieces.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
    }
    return pieces
}

/// Plays requests and answers in the order that the bytes say, and holds the pipeline to its word.
private func runPipeline(_ bytes: [UInt8]) {
    var pipeline = Pipeline(inFlightMax: 4)
    var held: Set<UInt64> = []
    for byte in bytes.prefix(2_000) {
        if byte & 0x80 == 0 {
            let overlapping = byte & 1 == 0
            if pipeline.admits(overlapping: overlapping) {
                _ = pipeline.started(overlapping: overlapping, keepsAlive: byte & 0x7E != 2)
            }
        } else {
            let turn = pipeline.next + UInt64(byte & 7)
            switch pipeline.order(of: turn) {
            case .drop: break
            case .hold: held.insert(turn)
            case .write:
                held.insert(turn)
                while !pipeline.isFinished, held.remove(pipeline.next) != nil {
                    pipeline.wrote(closes: byte & 0x78 == 0x78)
                }
            }
        }
        guard (0...4).contains(pipeline.inFlight), pipeline.next <= pipeline.arrived else {
            fatalError("the pipeline grew past its bound")
        }
        guard !pipeline.isFinished || !pipeline.admits(overlapping: true) else {
            fatalError("it goes on after its end")
        }
    }
}
