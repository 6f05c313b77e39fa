import CZlib
import EventLoop
import Glibc
import Testing

@testable import HTTP1
@testable import HTTPServer

@Suite struct BodyTests {
    private func compressed(_ bytes: [UInt8], _ coding: ContentCoding) throws -> [UInt8] {
        try #require(Deflater(coding, size: .large)?.compress(bytes, finish: true))
    }

    private func inflated(_ bytes: [UInt8], _ coding: ContentCoding) throws -> [UInt8] {
        var result: [UInt8] = []
        let inflater = Inflater(coding, bytesMax: 1 << 30, ratioMax: 100_000)
        try inflater.inflate(bytes) { result += $0 }
        try inflater.finish()
        return result
    }

    private func reply(_ server: TestServer, _ fields: String, _ body: [UInt8]) throws -> Reply {
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\(fields)\r\n")
        client.send(body)
        return try client.receiveReply()
    }

    @Test("A chunked body is joined")
    func chunked() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<500 { client.send("a;x=1\r\n0123456789\r\n") }
        client.send("0\r\nX-Trailer: 1\r\n\r\n" + get("/x"))
        #expect(try client.receiveReply().text == String(repeating: "0123456789", count: 500))
        #expect(try client.receiveReply().text == "hello /x")
    }

    @Test("The body of a connection's last request may come long after its head")
    func lateBody() throws {
        let server = try TestServer()
        for line in ["POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", "POST /echo HTTP/1.0\r\n"] {
            let client = try server.client()
            client.send(line + "Content-Length: 6\r\n\r\n")
            usleep(20_000)
            client.send("abc")
            usleep(20_000)
            client.send("def")
            #expect(String(decoding: client.receiveAll(), as: UTF8.self).hasSuffix("\r\n\r\nabcdef"))
        }
    }

    @Test("A body under way when the server shuts down is read and answered")
    func bodyAtShutdown() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
        #expect(eventually { server.server.statistics.bytesReceived > 3 })
        let thread = try WorkerThread(name: "shutdown") { [server = server.server] in
            server.shutdown(within: .seconds(5))
        }
        usleep(50_000)
        client.send("def")
        let reply = try client.receiveReply()
        #expect(reply.text == "abcdef" && reply["Connection"] == "close")
        thread.join()
    }

    @Test("gzip, x-gzip, deflate and bare deflate are undone", arguments: ["gzip", "x-gzip", "deflate"])
    func decoded(_ name: String) throws {
        let server = try TestServer()
        let text = Array(String(repeating: "the quick brown fox ", count: 20_000).utf8)
        let coding: ContentCoding = name == "deflate" ? .deflate : .gzip
        let body = try compressed(text, coding)
        #expect(try reply(server, "Content-Encoding: \(name)\r\n", body).body == text)
        if coding == .deflate {
            // Without zlib's two bytes in front and checksum behind it is the bare form.
            let bare = Array(body.dropFirst(2).dropLast(4))
            #expect(try reply(server, "Content-Encoding: deflate\r\n", bare).body == text)
        } else {
            #expect(try reply(server, "Content-Encoding: gzip\r\n", body + body).body == text + text)
        }
    }

    @Test("A broken, truncated or endless compressed body is refused in JSON")
    func broken() throws {
        let server = try TestServer()
        let body = try compressed(Array(repeating: 7, count: 1_000), .gzip)
        var flipped = body
        flipped[body.count - 5] ^= 0xFF
        for wrong in [Array(body.dropLast(3)), Array("not gzip at all".utf8), flipped, body + [1, 2, 3]] {
            let reply = try reply(server, "Content-Encoding: gzip\r\n", wrong)
            #expect(reply.status == 400 && reply["Content-Type"] == "application/json")
            #expect(reply.text.contains("\"message\""))
            #expect(reply["X-Application"] == "Test/1.0")
        }
        let behind = try compressed([1, 2, 3], .deflate) + [0]
        #expect(try reply(server, "Content-Encoding: deflate\r\n", behind).status == 400)
        #expect(try reply(server, "Content-Encoding: br\r\n", [1]).status == 415)
    }

    @Test("A bomb is refused by its size and by its ratio")
    func bomb() throws {
        var application = TestApplication()
        application.bodyBytesMax = 100_000
        let bounded = try TestServer(application)
        let small = try compressed([UInt8](repeating: 32, count: 200_000), .gzip)
        #expect(try reply(bounded, "Content-Encoding: gzip\r\n", small).status == 413)
        let server = try TestServer()
        let large = try compressed([UInt8](repeating: 32, count: 8 << 20), .gzip)
        #expect(try reply(server, "Content-Encoding: gzip\r\n", large).status == 413)
    }

    @Test("All bodies together have a bound, and what was held is given back")
    func totalBound() throws {
        let server = try TestServer { $0.limits.bodyBytesTotalMax = 3_000 }
        let held = try server.client()
        held.send(post("/held", "", String(repeating: "a", count: 2_000)))
        var exchanges = server.application.mailbox.take(1)
        #expect(try reply(server, "", [UInt8](repeating: 97, count: 1_001)).status == 503)
        #expect(try reply(server, "", [UInt8](repeating: 97, count: 1_000)).status == 200)
        exchanges.first?.respond(.text(.ok, "done"))
        exchanges = []
        #expect(try held.receiveReply().text == "done")
        #expect(try reply(server, "", [UInt8](repeating: 97, count: 3_000)).status == 200)
    }

    @Test("A body past the bound is refused, announced or not")
    func tooLarge() throws {
        var application = TestApplication()
        application.bodyBytesMax = 1_000
        let server = try TestServer(application)
        #expect(try reply(server, "", [UInt8](repeating: 97, count: 1_000)).status == 200)
        #expect(try reply(server, "", [UInt8](repeating: 97, count: 1_001)).status == 413)
        let chunk = String(repeating: "b", count: 600)
        let chunks = "258\r\n\(chunk)\r\n258\r\n\(chunk)\r\n0\r\n\r\n"
        let all = try server.exchange(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)")
        #expect(all.hasPrefix("HTTP/1.1 413 "))
    }

    @Test("The reply to a refused megabyte is not lost in a reset")
    func lingering() throws {
        var application = TestApplication()
        application.bodyBytesMax = 1_000
        let server = try TestServer(application)
        for _ in 0..<10 {
            let reply = try reply(server, "", [UInt8](repeating: 97, count: 4_000_000))
            #expect(reply.status == 413)
        }
    }

    @Test("An upload goes to a file, plain or compressed, and the file goes with the exchange")
    func upload() throws {
        let server = try TestServer()
        let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        for coding in [nil, ContentCoding.gzip] {
            let body = try coding.map { try compressed(content, $0) } ?? content
            let client = try server.client()
            let field = coding.map { "Content-Encoding: \($0.name)\r\n" } ?? ""
            client.send("PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\(field)\r\n")
            client.send(body)
            let reply = try client.receiveReply()
            #expect(reply["X-Count"] == "\(content.count)")
            let path = try #require(reply["X-Path"])
            #expect(eventually { fileBytes(path) == nil })
        }
    }

    @Test("An upload whose last byte fills the sink is answered")
    func fullSink() throws {
        let server = try TestServer()
        let client = try server.client()
        // Five reads: one that the sideline works on, and four that fill the sink meanwhile.
        let body = [UInt8](repeating: 1, count: 65_536 + BodySink.pendingMax)
        for _ in 0..<100 {
            client.send("PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
            client.send(body)
            #expect(try client.receiveReply()["X-Count"] == "\(body.count)")
        }
    }

    @Test("An uploaded file holds what was sent while the exchange lives")
    func uploadContent() throws {
        struct Keeping: HTTPApplication {
            let mailbox = Mailbox()
            func disposition(of head: RequestHead, from address: String) -> BodyDisposition {
                .file(directory: "/tmp", bytesMax: 1 << 30)
            }
            func respond(to exchange: Exchange) { mailbox.put(exchange) }
        }
        let application = Keeping()
        let server = Server(configuration: ServerConfiguration(port: 0), application: application)
        let client = try Client(port: try server.start().port)
        client.send("PUT /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = String(repeating: "x", count: 0x1000)
        for _ in 0..<300 { client.send("1000\r\n\(chunk)\r\n") }
        client.send("0\r\n\r\n")
        var exchanges = application.mailbox.take(1)
        let upload: (path: String, count: Int)? =
            switch exchanges.first?.body {
            case .file(let file)?: (file.path, file.count)
            case .bytes, nil: nil
            }
        let (path, count) = try #require(upload)
        #expect(count == 300 * 0x1000)
        #expect(
            fileBytes(path)?.count == count && fileBytes(path)?.allSatisfy { $0 == UInt8(ascii: "x") } == true
        )
        exchanges.first?.respond(Response(.ok))
        exchanges = []
        #expect(try client.receiveReply().status == 200)
        #expect(eventually { fileBytes(path) == nil })
        client.close()
        #expect(server.shutdown(within: .seconds(5)))
    }

    @Test("An upload that finds no room is 503, and the server goes on")
    func noRoom() throws {
        let server = try TestServer()
        #expect(try server.exchange(post("/nowhere", "", "abc")).hasPrefix("HTTP/1.1 503 "))
        #expect(try server.exchange(get("/x", "Connection: close\r\n")).hasSuffix("hello /x"))
    }

    @Test("Replies are compressed as the client wants, and always vary")
    func replyCoding() throws {
        let server = try TestServer()
        let client = try server.client()
        for (wanted, applied) in [
            ("gzip, deflate, br", "gzip"), ("deflate", "deflate"), ("br", nil), ("gzip;q=0", nil),
        ] {
            client.send(
                get("/big", "Accept-Encoding: \(wanted)\r\n") + get("/x", "Accept-Encoding: \(wanted)\r\n"))
            for expected in [String(repeating: "0123456789abcdef", count: 1 << 18), "hello /x"] {
                let reply = try client.receiveReply()
                #expect(reply["Content-Encoding"] == applied)
                #expect(reply["Vary"] == "Accept-Encoding")
                let coding: ContentCoding = applied == "gzip" ? .gzip : .deflate
                let body = applied == nil ? reply.body : try inflated(reply.body, coding)
                #expect(String(decoding: body, as: UTF8.self) == expected)
            }
        }
    }

    @Test("A file is sent whole, in chunks when it is compressed on the way")
    func fileReply() throws {
        let server = try TestServer()
        let content = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 / 77) }
        let path = try makeFile(content)
        let client = try server.client()
        client.send(get("/file?\(path)", "Accept-Encoding: gzip\r\n"))
        let plain = try client.receiveReply()
        #expect(plain["Content-Length"] == "5000000" && plain.body == content)
        client.send(get("/file?\(path)", "Accept-Encoding: gzip\r\nX-Type: text/xml\r\n"))
        let streamed = try client.receiveReply()
        #expect(streamed["Transfer-Encoding"] == "chunked" && streamed["Content-Encoding"] == "gzip")
        #expect(try inflated(streamed.body, .gzip) == content)
        client.send(
            get(
                "/file?\(path)", "Accept-Encoding: gzip\r\nX-Type: text/xml\r\nConnection: keep-alive\r\n",
                version: "1.0"))
        #expect(try client.receiveReply().body == content)
        #expect(fileBytes(path) == content)
        unlink(path)
        client.send(get("/file?\(path)") + get("/x"))
        #expect(try client.receiveReply().status == 500)
        #expect(try client.receiveReply().text == "hello /x")
    }

    @Test("A temporary file is removed once it is sent, whole or compressed, asked for or given up")
    func spooledReply() throws {
        let server = try TestServer()
        for fields in ["", "Accept-Encoding: gzip\r\n"] {
            let client = try server.client()
            client.send(get("/spooled", fields))
            let reply = try client.receiveReply()
            let body = fields.isEmpty ? reply.body : try inflated(reply.body, .gzip)
            #expect(body == [UInt8](repeating: 120, count: 8 << 20))
            let path = try #require(reply["X-Path"])
            #expect(eventually { fileBytes(path) == nil })
        }
        let asking = try server.client()
        asking.send("HEAD /spooled HTTP/1.1\r\nHost: a\r\n\r\n")
        let path = try #require(try asking.receiveReply(isHead: true)["X-Path"])
        #expect(eventually { fileBytes(path) == nil })
        let leaving = try server.client(receiveBuffer: 16_384)
        leaving.send(get("/spooled"))
        let head = String(decoding: leaving.receive(1_000) ?? [], as: UTF8.self)
        let left = try #require(
            head.split(separator: "\r\n").first { $0.hasPrefix("X-Path: ") }?.dropFirst(8))
        #expect(fileBytes(String(left))?.count == 8 << 20)
        leaving.close()
        #expect(eventually { fileBytes(String(left)) == nil })
    }

    private func upload(to server: TestServer, _ path: String, _ count: Int) throws -> Client {
        let client = try server.client()
        client.send(post(path, "", String(repeating: "a", count: count)))
        return client
    }

    @Test("All files together have a bound, and what was held is given back")
    func spoolBound() throws {
        let server = try TestServer { $0.limits.spoolBytesMax = 4_000 }
        let held = try upload(to: server, "/kept", 2_000)
        var exchanges = server.application.mailbox.take(1)
        let refused = try upload(to: server, "/upload", 1_001).receiveReply()
        #expect(refused.status == 503 && refused["Retry-After"] == "5")
        // One that does not say how long it is finds out on the way.
        let chunk = String(repeating: "b", count: 600)
        let chunks = "258\r\n\(chunk)\r\n258\r\n\(chunk)\r\n0\r\n\r\n"
        let all = try server.exchange(
            "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)")
        #expect(all.hasPrefix("HTTP/1.1 503 "))
        #expect(eventually { (try? upload(to: server, "/upload", 1_000).receiveReply().status) == 200 })
        let file = try #require(exchanges.first).makeFile(in: "/tmp")
        #expect(throws: SpoolError.full) { try file.append([UInt8](repeating: 1, count: 1_001)) }
        exchanges.first?.respond(.text(.ok, "done"))
        exchanges = []
        #expect(try held.receiveReply().text == "done")
        #expect(eventually { (try? upload(to: server, "/upload", 3_000).receiveReply().status) == 200 })
    }

    @Test("A quarter of what files may hold is left to those that may claim the whole")
    func spoolShare() throws {
        let server = try TestServer { $0.limits.spoolBytesMax = 4_000 }
        let filling = try upload(to: server, "/kept", 3_000)
        var exchanges = server.application.mailbox.take(1)
        let held = try #require(exchanges.first)
        #expect(try upload(to: server, "/upload", 1).receiveReply().status == 503)
        #expect(throws: SpoolError.full) { try held.makeFile(in: "/tmp").append([1]) }
        #expect(throws: SpoolError.full) {
            try held.makeFile(in: "/tmp", of: .whole).append([UInt8](repeating: 1, count: 1_001))
        }
        try held.makeFile(in: "/tmp", of: .whole).append([UInt8](repeating: 1, count: 1_000))
        #expect(eventually { (try? upload(to: server, "/whole", 1_000).receiveReply().status) == 200 })
        #expect(try upload(to: server, "/whole", 1_001).receiveReply().status == 503)
        held.respond(.text(.ok, "done"))
        exchanges = []
        #expect(try filling.receiveReply().text == "done")
    }

    @Test("An empty file is sent compressed and plain")
    func emptyFile() throws {
        let server = try TestServer()
        let path = try makeFile([])
        defer { unlink(path) }
        let client = try server.client()
        client.send(
            get("/file?\(path)") + get("/file?\(path)", "Accept-Encoding: gzip\r\nX-Type: text/xml\r\n"))
        #expect(try client.receiveReply().body == [])
        #expect(try inflated(client.receiveReply().body, .gzip) == [])
    }
}
