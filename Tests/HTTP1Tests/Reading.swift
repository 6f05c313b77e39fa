@testable import HTTP1

/// What a reader made of some bytes: one line a request, and the fault if there was one.
struct Reading: Equatable, CustomStringConvertible {
    var requests: [String] = []
    var fault: HTTPFault?

    var description: String {
        (requests + [fault.map { "fault: \($0)" } ?? "no fault"]).joined(separator: "\n")
    }
}

/// Feeds `pieces` one after the other, each as far as it goes, as a connection would.
func read(_ pieces: [[UInt8]], limits: MessageLimits = MessageLimits()) -> Reading {
    var reader = RequestReader(limits: limits)
    var reading = Reading()
    var body: [UInt8] = []
    for piece in pieces {
        var position = 0
        do {
            feeding: while true {
                switch try reader.next(piece.span, &position) {
                case .needsInput: break feeding
                case .head(let head):
                    reading.requests.append(summary(of: head))
                    body = []
                case .body(let range): body += piece[range]
                case .end: reading.requests.append("body \(String(decoding: body, as: UTF8.self))")
                }
            }
        } catch {
            reading.fault = error
            return reading
        }
    }
    return reading
}

func read(_ text: String, limits: MessageLimits = MessageLimits()) -> Reading {
    read([Array(text.utf8)], limits: limits)
}

private func summary(of head: RequestHead) -> String {
    let fields = head.headers.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
    return "\(head.method.name) \(head.path) ?\(head.query ?? "-") \(head.version) \(head.framing) "
        + "\(head.keepsAlive ? "keeps" : "closes")\(head.expectsContinue ? " expects" : "") "
        + "\(head.contentCoding?.name ?? "identity") [\(fields)]"
}
