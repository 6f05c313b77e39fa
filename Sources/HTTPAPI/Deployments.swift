import HTTP1
import HTTPServer
import JSON
import PMML
import Serving

// PUT, DELETE and rollback: on control threads, never on an event loop.

extension ModelAPI {
    /// Deploys the body; answers only once the change is durable and served.
    func deploy(_ id: String, _ call: Call) throws(APIError) {
        let isForm = call.mediaType?.essence == "multipart/form-data"
        let form = isForm ? try ModelForm(call, directory: service.uploadDirectory) : nil
        // The form's file is there as long as the form.
        defer { withExtendedLifetime(form) {} }
        var deployment = form?.deployment(id) ?? self.deployment(id, call)
        deployment.modelName = call.query["modelName"]
        deployment.dryRun = call.query["dryRun"].map { $0 != "false" } ?? false
        let deployed: Deployed
        do throws(ServingError) {
            deployed = try service.deploy(deployment)
        } catch {
            let refusal = APIError(error)
            call.log(.info, "\(id) was not deployed: \(refusal.message)")
            guard deployment.dryRun, case .pmml(.invalid(let faults)) = error else { throw refusal }
            return call.reply(refusal, faults: faults)
        }
        let version = deployed.version
        if !deployment.dryRun { call.log(.info, "\(id) version \(version.number) is served") }
        var writer = JSONWriter(.openscoring)
        writer.model(version, withSchema: true, warnings: deployed.warnings)
        var headers = version.header
        let isNew = deployed.created && !deployment.dryRun
        if isNew { headers.add("Location", location(of: id, call)) }
        call.reply(isNew ? .created : .ok, json: writer.bytes, headers: headers)
    }

    /// Removes a model and all its versions; the answer is an object, as clients parse it.
    func undeploy(_ id: String, _ call: Call) throws(APIError) {
        do throws(ServingError) {
            try service.undeploy(id)
        } catch {
            throw APIError(error)
        }
        call.log(.info, "\(id) is no longer served")
        call.reply(.ok, json: Array("{ }".utf8))
    }

    /// Serves the version before the current one, or `?version=N`.
    func rollback(_ id: String, _ call: Call) throws(APIError) {
        var number: Int?
        if let text = call.query["version"] {
            guard let wanted = Int(text), wanted > 0 else {
                throw .badRequest("version must be a number above 0")
            }
            number = wanted
        }
        let version: ModelVersion
        do throws(ServingError) {
            version = try service.rollback(id, to: number)
        } catch {
            throw APIError(error)
        }
        call.log(.info, "\(id) is rolled back to version \(version.number)")
        var writer = JSONWriter(.openscoring)
        writer.model(version, withSchema: true)
        call.reply(.ok, json: writer.bytes, headers: version.header)
    }

    /// The absolute address of a model, from the host that the client called.
    private func location(of id: String, _ call: Call) -> String {
        let path = "/openscoring/model/\(id)"
        return call.exchange.head.headers["Host"].map { "http://\($0)\(path)" } ?? path
    }

    private func deployment(_ id: String, _ call: Call) -> Deployment {
        switch call.mediaType?.essence {
        case "application/xml", "text/xml":
            var deployment = Deployment(model: id, artifact: call.artifact)
            deployment.format = .pmml
            return deployment
        default: return Deployment(model: id, artifact: call.artifact)
        }
    }
}

extension Call {
    fileprivate var artifact: Deployment.Artifact {
        switch exchange.body {
        case .bytes(let bytes): .bytes(bytes)
        case .file(let file): .file(path: file.path)
        }
    }
}

extension Call {
    /// Answers a rehearsal with all that is wrong with the document, for programs too: beside the `message`
    /// stands what no client of a real deployment would take, `faults`.
    fileprivate func reply(_ error: APIError, faults: [Fault]) {
        var writer = JSONWriter(.openscoring)
        writer.beginObject()
        writer.member("message", error.message)
        writer.name("faults")
        writer.beginArray()
        for fault in faults {
            writer.beginObject()
            writer.member("severity", fault.severity == .error ? "error" : "warning")
            writer.member("line", fault.line)
            writer.member("element", fault.element)
            writer.member("message", fault.message)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        reply(HTTPStatus(code: error.statusCode, reason: error.reason), json: writer.bytes)
    }
}
