import Glibc
import HTTP1
import HTTPServer
import JSON
import Serving

// What is served: GET /openscoring/model, /model/ID, /versions, and the files.

extension ModelAPI {
    /// Every model, without schema, sorted by id ignoring case; `{ }` when there is none.
    func list(_ call: Call) {
        let versions = service.list()
        var writer = JSONWriter(.openscoring)
        writer.beginObject()
        if !versions.isEmpty {
            writer.name("responses")
            writer.beginArray()
            for version in versions { writer.model(version, withSchema: false) }
            writer.endArray()
        }
        writer.endObject()
        call.reply(.ok, json: writer.bytes)
    }

    /// One model or version, with its schema; does not count as a use.
    func describe(_ version: ModelVersion, _ call: Call) {
        var writer = JSONWriter(.openscoring)
        writer.model(version, withSchema: true)
        call.reply(.ok, json: writer.bytes, headers: version.header)
    }

    /// The versions that can be scored or rolled back to, newest first.
    func versions(served: ModelVersion, _ call: Call) {
        var writer = JSONWriter(.openscoring)
        writer.beginObject()
        writer.member("id", served.name)
        writer.name("versions")
        writer.beginArray()
        for version in service.versions(of: served.name).reversed() {
            writer.beginObject()
            writer.member("version", version.number)
            writer.name("served")
            writer.boolean(version.number == served.number)
            writer.member("created.timestamp", Timestamp.text(milliseconds: version.created))
            writer.member("file.size", version.fileBytes)
            writer.member("file.checksum", version.sha256)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        call.reply(.ok, json: writer.bytes, headers: served.header)
    }

    /// The file as deployed; as a document only when it is PMML.
    func download(_ version: ModelVersion, asDocument: Bool, _ call: Call) throws(APIError) {
        var headers = version.header
        switch version.format {
        case .pmml:
            headers.add("Content-Type", "application/xml;charset=UTF-8")
            headers.add("Content-Disposition", "attachment; filename=model.pmml.xml")
        case .onnx:
            guard !asDocument else { throw .notFound }
            headers.add("Content-Type", "application/octet-stream")
            headers.add("Content-Disposition", "attachment; filename=model.onnx")
        }
        // A version that is no longer kept loses its file while it may still be pinned here.
        guard access(version.filePath, R_OK) == 0 else { throw .notFound }
        version.touch()
        let body = ResponseBody.file(path: version.filePath, count: version.fileBytes)
        call.reply(Response(.ok, headers: headers, body: body))
    }
}

extension ModelVersion {
    /// Every reply that a version gives names it.
    var header: HTTPHeaders { ["Augur-Version": "\(number)"] }
}
