import Batching
import HTTP1
import HTTPServer
import Serving

/// A request that is being scored by one pinned version, and its account with that version's metrics.
///
/// Exactly one of `succeed`, `fail` and `abandon` ends it.
struct ScoringCall: Sendable {
    let call: Call
    /// Held until the answer is given: it comes from this version, and says so.
    let version: ModelVersion

    /// Opens the account.
    init(_ call: Call, version: ModelVersion) {
        self.call = call
        self.version = version
        version.metrics.inFlight.add(1)
    }

    /// Where the loop gathers cheap requests.
    var lane: LoopLane {
        let loop = call.exchange.loop
        return LoopLane(index: loop.index) { loop.atEndOfRound($0) }
    }

    /// Nanoseconds since the request had arrived.
    var age: UInt64 {
        let now = monotonicNanoseconds()
        return now > call.exchange.arrived ? now - call.exchange.arrived : 0
    }

    /// Answers 200 with a JSON document.
    func succeed(json: [UInt8], timing: ServerTiming) {
        var headers = HTTPHeaders()
        headers.add("Content-Type") { $0.append(contentsOf: "application/json".utf8) }
        succeed(.bytes(json), headers: headers, timing: timing)
    }

    /// Answers 200 with any body.
    func succeed(_ body: ResponseBody, headers: consuming HTTPHeaders, timing: ServerTiming) {
        headers.add("Server-Timing") { timing.write(to: &$0) }
        headers.add("Augur-Version") { appendDecimal(version.number, to: &$0) }
        version.touch()
        close(status: 200)
        call.reply(Response(.ok, headers: headers, body: body))
    }

    /// Answers with an error.
    func fail(_ error: APIError) {
        close(status: error.statusCode)
        call.reply(error, headers: ["Augur-Version": "\(version.number)"])
    }

    /// The client has left and its work was taken back: nobody is answered.
    func abandon() { version.metrics.inFlight.add(-1) }

    private func close(status: Int) {
        version.metrics.inFlight.add(-1)
        version.metrics.request.observe(age)
        version.metrics.answered(status: status)
    }
}
