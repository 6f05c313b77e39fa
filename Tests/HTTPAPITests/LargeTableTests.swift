import Glibc
import HTTP1
import PMML
import Serving
import Testing

@testable import HTTPAPI
@testable import HTTPServer

/// A temporary file with these bytes.
private func file(_ bytes: [UInt8]) throws -> SpooledFile {
    let file = spooled("/tmp")
    try file.append(bytes)
    return file
}

private func spooled(_ directory: String) -> SpooledFile {
    SpooledFile(directory: directory, lease: BodyLease(BodyBudget(bytesMax: .max)), sideline: nil)
}

/// How many files a folder holds.
private func fileCount(_ path: String) -> Int {
    guard let folder = opendir(path) else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    return count - 2
}

/// Whether a folder holds no file, or none any more: an answer may overtake the end of its request.
private func isSoonEmpty(_ path: String) -> Bool {
    for _ in 0..<1000 {
        if fileCount(path) == 0 { return true }
        usleep(10_000)
    }
    return false
}

@Suite struct `Large tables` {
    @Test func `A table is read from its file as from memory, wherever a window ends`() throws {
        // Rows of many lengths, with quotes, line ends and characters of several bytes at every offset.
        var text = "a,b,c\r\n"
        for row in 0..<30_000 {
            let tail = String(repeating: "é", count: row % 23)
            text +=
                "\(row),\"x\r\n\"\"\(tail)\"\"\",\(row % 3 == 0 ? "" : tail)\(row % 2 == 0 ? "\r\n" : "\n")"
        }
        let bytes = Array(text.utf8)
        #expect(bytes.count > 3 * TableInput.pieceBytes)
        let file = try file(bytes)
        var whole = CSVReader(bytes, dialect: CSVDialect(delimiter: ","))
        var windowed = try CSVReader(TableInput(.file(file), charset: .utf8), dialect: nil)
        while let row = try whole.next() {
            #expect(try windowed.next() == row)
            #expect(windowed.line == whole.line)
        }
        #expect(try windowed.next() == nil)
        #expect(windowed.isAtEnd)
    }

    @Test func `A row has a bounded number of bytes`() throws {
        let file = try file(Array("a,b\n\"".utf8) + [UInt8](repeating: 0x78, count: 9 << 20))
        var reader = try CSVReader(
            TableInput(.file(file), charset: .utf8), dialect: CSVDialect(delimiter: ","))
        #expect(try reader.next() == ["a", "b"])
        #expect(throws: APIError.tooLarge("Line 2 has more than 8388608 bytes")) { try reader.next() }
    }

    @Test func `An answer is a file only while it is large, and only while it is wanted`() throws {
        var file: SpooledFile? = spooled("/tmp")
        var spool: Spool? = Spool(try #require(file), bytesMax: 3 << 20)
        try spool?.append([1, 2, 3])
        #expect(file?.path == "")
        try spool?.append([UInt8](repeating: 7, count: 2 << 20))
        let path = try #require(file?.path)
        #expect(access(path, F_OK) == 0)
        #expect(throws: APIError.tooLarge("The answer exceeds \(3 << 20) bytes")) {
            try spool?.append([UInt8](repeating: 7, count: 2 << 20))
        }
        var body = try spool?.body()
        file = nil
        spool = nil
        guard case .spooled(let kept)? = body else {
            Issue.record("\(String(describing: body)) is not the file")
            return
        }
        #expect(kept.count == 3 + 2 << 20 && access(path, F_OK) == 0)
        withExtendedLifetime(kept) { body = nil }
    }

    @Test func `A disk that cannot be written is an error of the request, told in words`() {
        var spool = Spool(spooled("/nowhere/at/all"), bytesMax: 3 << 20)
        let error = APIError.storage("A temporary file cannot be written: No such file or directory")
        #expect(throws: error) { try spool.append([UInt8](repeating: 7, count: 2 << 20)) }
    }

    @Test func `Many rows are scored through files that do not stay`() throws {
        let server = try TestServer()
        _ = try server.send("PUT", "/openscoring/model/tree", ["Content-Type": "text/xml"], Fixtures.tree())
        let count = 120_000
        let rows = (0..<count).map { "\($0),\($0 % 100)\n" }.joined()
        let expected = (0..<count).map { "\($0),\($0 % 100 <= 10 ? "small,a" : "large,b")\n" }.joined()
        let target = "/openscoring/model/tree/csv"
        let answer = try server.send(
            "POST", target, ["Content-Type": "text/csv"], Array("id,x\n\(rows)".utf8))
        #expect(answer.status == 200)
        #expect(answer.headers["content-length"] == "\(answer.body.count)")
        #expect(answer.text == "id,size,node\n" + expected)

        let bad = Array("id,x\n\(rows)\(count),wide\n".utf8)
        let refused = try server.send("POST", target, ["Content-Type": "text/csv"], bad)
        #expect(refused.status == 400)
        #expect(refused.text.contains("line \(count + 2), column \\\"x\\\""))

        let head = "--b\r\nContent-Disposition: form-data; name=\"csv\"\r\nContent-Type: text/csv\r\n\r\n"
        let form = Array("\(head)id,x\n\(rows)\r\n--b--\r\n".utf8)
        let formed = try server.send(
            "POST", target, ["Content-Type": "multipart/form-data; boundary=b"], form)
        #expect(formed.text == answer.text)

        let latin1 = Array("id,x\n".utf8) + (0..<count).flatMap { [0xE9] + Array("\($0),1\n".utf8) }
        let named = try server.send("POST", target, ["Content-Type": "text/csv; charset=iso-8859-1"], latin1)
        #expect(
            named.body.prefix(30).elementsEqual(
                Array("id,size,node\n".utf8) + [0xE9] + Array("0,small,a\n".utf8) + [0xE9]
                    + Array("1,sma".utf8)))
        #expect(isSoonEmpty(server.service.uploadDirectory))
    }

    @Test func `A table above its bound is refused`() throws {
        let server = try TestServer { $0.tableBytesMax = 100_000 }
        _ = try server.send("PUT", "/openscoring/model/tree", ["Content-Type": "text/xml"], Fixtures.tree())
        let rows = Array(("id,x\n" + String(repeating: "1,1\n", count: 30_000)).utf8)
        let answer = try server.send(
            "POST", "/openscoring/model/tree/csv", ["Content-Type": "text/csv"], rows)
        #expect(answer.status == 413)
        let few = Array(("id,x\n" + String(repeating: "1,1\n", count: 12_000)).utf8)
        let long = try server.send("POST", "/openscoring/model/tree/csv", ["Content-Type": "text/csv"], few)
        #expect(long.status == 413)
        #expect(isSoonEmpty(server.service.uploadDirectory))
    }

    @Test func `A table for a model that is not there is refused before it comes`() throws {
        let server = try TestServer()
        let loopback = Loopback(port: server.port)
        for path in ["nothing/csv", "nothing/batch", "nothing"] {
            let type = path.hasSuffix("csv") ? "text/csv" : "application/json"
            let answer = loopback.send(
                "POST", "/openscoring/model/\(path)", ["Content-Type": type], announced: 1 << 30)
            #expect(answer?.status == 404, "\(path)")
        }
    }

    @Test func `A table that finds no room on disk is asked to come again`() throws {
        let server = try TestServer(limits: { $0.spoolBytesMax = 200_000 })
        _ = try server.send("PUT", "/openscoring/model/tree", ["Content-Type": "text/xml"], Fixtures.tree())
        let target = "/openscoring/model/tree/csv"
        let rows = Array(("id,x\n" + String(repeating: "1,1\n", count: 60_000)).utf8)
        let announced = try server.send("POST", target, ["Content-Type": "text/csv"], rows)
        #expect(announced.status == 503 && announced.headers["retry-after"] == "5")
        // There is room for this table, but not for its answer of more than a megabyte as well.
        let larger = try TestServer(limits: { $0.spoolBytesMax = 800_000 })
        _ = try larger.send("PUT", "/openscoring/model/tree", ["Content-Type": "text/xml"], Fixtures.tree())
        let many = Array(("id,x\n" + String(repeating: "1,1\n", count: 120_000)).utf8)
        let answered = try larger.send("POST", target, ["Content-Type": "text/csv"], many)
        #expect(answered.status == 503 && answered.headers["retry-after"] == "1")
        #expect(isSoonEmpty(larger.service.uploadDirectory))
    }

    @Test func `Of the room on disk a deployment may have all, a table three quarters`() throws {
        let server = try TestServer(limits: { $0.spoolBytesMax = 200_000 })
        let padding = Array("<!--\(String(repeating: "m", count: 180_000))-->".utf8)
        let xml = ["Content-Type": "text/xml"]
        let made = try server.send("PUT", "/openscoring/model/tree", xml, Fixtures.tree() + padding)
        #expect(made.status == 201, "\(made.text)")
        let rows = Array(("x\n" + String(repeating: "1\n", count: 90_000)).utf8)
        let table = ["Content-Type": "text/csv"]
        #expect(isSoonEmpty(server.service.uploadDirectory))
        #expect(try server.send("POST", "/openscoring/model/tree/csv", table, rows).status == 503)
        let boundary = "multipart/form-data; boundary=b"
        let part = Array("--b\r\nContent-Disposition: form-data; name=\"pmml\"\r\n\r\n".utf8)
        let small =
            Fixtures.tree() + padding.prefix(4) + [UInt8](repeating: 109, count: 90_000) + Array("-->".utf8)
        let form = part + small + Array("\r\n--b--\r\n".utf8)
        // The refused table's room is given back off the loop; until then a client is asked to come again.
        var again = try server.send("PUT", "/openscoring/model/tree", ["Content-Type": boundary], form)
        for _ in 0..<1000 where again.status == 503 {
            usleep(10_000)
            again = try server.send("PUT", "/openscoring/model/tree", ["Content-Type": boundary], form)
        }
        #expect(again.status == 200, "\(again.text)")
    }

    @Test func `Rows of much text make small chunks`() throws {
        let server = try TestServer()
        _ = try server.send("PUT", "/openscoring/model/tree", ["Content-Type": "text/xml"], Fixtures.tree())
        guard case .evaluator(let servable)? = server.service.pin("tree")?.kind else {
            Issue.record("there is no tree")
            return
        }
        let note = String(repeating: "n", count: 1 << 16)
        let text = "x,note\n" + String(repeating: "1,\(note)\n", count: 100)
        let exchange = Exchange(
            head: try RequestHead(.post, "/", headers: [:]), body: .bytes(Array(text.utf8))
        ) { _ in }
        let call = server.api.call(exchange, nil, MediaType("text/csv"))
        var source = try TableSource(
            call, servable.evaluator, directory: "/tmp", bounds: APIConfiguration())
        #expect(try source.next(atMost: 1024).count == 64)
        #expect(try source.next(atMost: 1024).count == 36)
        #expect(try source.next(atMost: 1024).isEmpty)
    }

    @Test func `The rows of a model with groups have a bound in bytes`() throws {
        let server = try TestServer { $0.bodyBytesMax = 150_000 }
        _ = try server.send("PUT", "/openscoring/model/rules", ["Content-Type": "text/xml"], Fixtures.rules)
        func rows(_ count: Int) -> [UInt8] {
            Array(("basket,item\n" + String(repeating: "one,tea\n", count: count)).utf8)
        }
        let target = "/openscoring/model/rules/csv"
        #expect(try server.send("POST", target, ["Content-Type": "text/csv"], rows(1_000)).status == 200)
        let answer = try server.send("POST", target, ["Content-Type": "text/csv"], rows(10_000))
        #expect(answer.status == 413 && answer.text.contains("take more than 150000 bytes"))
    }
}
