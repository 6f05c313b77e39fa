import Glibc
import HTTP1
import HTTPServer
import JSON
import Serving
import Telemetry

// Health, metrics, and the descriptions of the service itself: answered on the event loop, whatever else is
// busy.

extension ModelAPI {
    /// The process answers.
    func live(_ call: Call) { call.reply(.ok, json: Self.liveBody) }

    private static let liveBody = Array("{ \"live\" : true }".utf8)

    /// Every model known at start is warm.
    func ready(_ call: Call) {
        guard service.isReady else { return call.reply(.unavailable("Models are being loaded")) }
        call.reply(.ok, json: Array("{ \"ready\" : true }".utf8))
    }

    /// Prometheus text (exposition format 0.0.4).
    func scrape(_ call: Call) {
        var text = metrics.prometheusText()
        text.append(contentsOf: processText().utf8)
        call.reply(
            Response(
                .ok, headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"], body: .bytes(text)
            ))
    }

    /// The OpenAPI document, compiled in.
    func openAPI(_ call: Call) {
        let headers: HTTPHeaders = ["Content-Type": "application/yaml"]
        call.reply(Response(.ok, headers: headers, body: .bytes(PackageResources.openapi_yaml)))
    }

    /// A short WADL, where Jersey serves one.
    func describeService(_ call: Call) {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <application xmlns="http://wadl.dev.java.net/2009/02">
              <doc title="\(configuration.identity)">Described in full by /openapi.yaml</doc>
              <resources base="/openscoring/">
                <resource path="model"><method name="GET"/>
                  <resource path="{id}"><method name="GET"/><method name="PUT"/><method name="POST"/>\
            <method name="DELETE"/>
                    <resource path="pmml"><method name="GET"/></resource>
                    <resource path="batch"><method name="POST"/></resource>
                    <resource path="csv"><method name="POST"/></resource>
                  </resource>
                </resource>
              </resources>
            </application>

            """
        let headers: HTTPHeaders = ["Content-Type": "application/vnd.sun.wadl+xml"]
        call.reply(Response(.ok, headers: headers, body: .bytes(Array(text.utf8))))
    }

    private func processText() -> String {
        var text = ""
        func family(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: Int)])
        {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
            for (labels, value) in samples { text += "\(name)\(labels) \(value)\n" }
        }
        family("augur_models", "gauge", "Models that are served.", [("", service.list().count)])
        if let resident = residentBytes() {
            family("process_resident_memory_bytes", "gauge", "Resident memory in bytes.", [("", resident)])
        }
        guard let counted = statistics() else { return text }
        family("augur_connections_open", "gauge", "Open connections.", [("", counted.connectionsOpen)])
        family(
            "augur_connections_accepted_total", "counter", "Connections accepted.",
            [("", counted.connectionsAccepted)])
        family(
            "augur_accept_pauses_total", "counter",
            "Times that new connections had to wait, at their bound or out of descriptors.",
            [("", counted.acceptPauses)])
        family(
            "augur_http_requests_total", "counter", "Complete requests received.", [("", counted.requests)])
        family(
            "augur_http_faults_total", "counter", "Requests that broke the protocol or a bound.",
            [("", counted.faults)])
        family(
            "augur_http_disconnects_total", "counter", "Clients that left before their answer was sent.",
            [("", counted.disconnects)])
        family(
            "augur_received_bytes_total", "counter", "Bytes read from clients.", [("", counted.bytesReceived)]
        )
        family("augur_sent_bytes_total", "counter", "Bytes sent to clients.", [("", counted.bytesSent)])
        let responses = counted.responses.sorted { $0.key < $1.key }
        if !responses.isEmpty {
            family(
                "augur_http_responses_total", "counter", "Answers by status code.",
                responses.map { ("{status=\"\($0.key)\"}", $0.value) })
        }
        return text
    }
}

/// Resident memory, from `/proc/self/statm` (pages, second number).
private func residentBytes() -> Int? {
    guard let bytes = FileBytes.contents(of: "/proc/self/statm", bytesMax: 4096) else { return nil }
    let numbers = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    return numbers.count > 1 ? Int(numbers[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
}
