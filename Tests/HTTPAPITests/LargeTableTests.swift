import Glibc
import HTTPServer
import Testing

@testable import HTTPAPI

/// A new file with these bytes.
private func file(_ bytes: [UInt8]) throws -> String {
    let path = "/tmp/augur-table-\(UInt64.random(in: .min ... .max))"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    try #require(FileBytes.write(descriptor, bytes[...]))
    return path
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
        let path = try file(bytes)
        defer { unlink(path) }
        var whole = CSVReader(bytes, dialect: CSVDialect(delimiter: ","))
        var windowed = try CSVReader(
            try TableInput(.file(path: path, count: bytes.count), charset: .utf8), dialect: nil)
        while let row = try whole.next() {
            #expect(try windowed.next() == row)
            #expect(windowed.line == whole.line)
        }
        #expect(try windowed.next() == nil)
        #expect(windowed.isAtEnd)
    }

    @Test func `A row has a bounded number of bytes`() throws {
        let path = try file(Array("a,b\n\"".utf8) + [UInt8](repeating: 0x78, count: 9 << 20))
        defer { unlink(path) }
        var reader = try CSVReader(
            try TableInput(.file(path: path, count: 0), charset: .utf8), dialect: CSVDialect(delimiter: ","))
        #expect(try reader.next() == ["a", "b"])
        #expect(throws: APIError.tooLarge("Line 2 has more than 8388608 bytes")) { try reader.next() }
    }

    @Test func `A spool is a file only while it is large, and only while it is wanted`() throws {
        let path = "/tmp/augur-spool-\(UInt64.random(in: .min ... .max))"
        var spool: Spool? = Spool(path: path, bytesMax: 3 << 20)
        try spool?.append([1, 2, 3])
        #expect(access(path, F_OK) != 0)
        try spool?.append([UInt8](repeating: 7, count: 2 << 20))
        #expect(access(path, F_OK) == 0)
        #expect(throws: APIError.self) { try spool?.append([UInt8](repeating: 7, count: 2 << 20)) }
        spool = nil
        #expect(access(path, F_OK) != 0)

        spool = Spool(path: path, bytesMax: 3 << 20)
        try spool?.append([UInt8](repeating: 7, count: 2 << 20))
        let body = try spool?.body()
        spool = nil
        guard case .file(path, count: 2 << 20, deleteAfter: true)? = body else {
            Issue.record("\(String(describing: body)) is not the file")
            return
        }
        #expect(access(path, F_OK) == 0)
        unlink(path)
    }

    @Test func `A disk that cannot be written is an error of the request`() {
        let spool = Spool(path: "/nowhere/at/all", bytesMax: 3 << 20)
        #expect(throws: APIError.storage("A temporary file cannot be written: error \(ENOENT)")) {
            try spool.append([UInt8](repeating: 7, count: 2 << 20))
        }
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
}
