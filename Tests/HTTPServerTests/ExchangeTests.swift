import Glibc
import Testing

@testable import HTTP1
@testable import HTTPServer

@Suite struct ExchangeTests {
    @Test("A request is answered with date, length and what every reply carries")
    func plain() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send(get("/x"))
        let reply = try client.receiveReply()
        #expect(reply.status == 200 && reply.text == "hello /x")
        #expect(reply["X-Application"] == "Test/1.0" && reply["Content-Length"] == "8")
        #expect(reply["Date"]?.hasSuffix(" GMT") == true)
        #expect(reply["Connection"] == nil)
    }

    @Test("Fifty pipelined requests are answered in order on one connection")
    func pipelined() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send((0..<50).map { get("/\($0)") }.joined())
        for index in 0..<50 { #expect(try client.receiveReply().text == "hello /\(index)") }
        client.send(get("/again"))
        #expect(try client.receiveReply().text == "hello /again")
    }

    @Test("More pipelined requests than a turn takes are all answered")
    func longPipeline() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send((0..<2_000).map { get("/\($0)") }.joined())
        for index in 0..<2_000 { #expect(try client.receiveReply().text == "hello /\(index)") }
    }

    @Test("A request that comes byte by byte is answered")
    func bytewise() throws {
        let server = try TestServer()
        let client = try server.client()
        for byte in post("/echo", "", "abc").utf8 { client.send([byte]) }
        #expect(try client.receiveReply().text == "abc")
    }

    @Test("Answers given in any order from any thread are written in the order of the requests")
    func outOfOrder() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send((0..<8).map { get("/held?\($0)") }.joined())
        for exchange in server.application.mailbox.take(8).reversed() {
            exchange.respond(.text(.ok, exchange.head.query ?? ""))
        }
        for index in 0..<8 { #expect(try client.receiveReply().text == "\(index)") }
    }

    @Test("No more than the bound is in flight; the others follow as answers leave")
    func pipelineBound() throws {
        let server = try TestServer { $0.limits.pipelinedMax = 3 }
        let client = try server.client()
        client.send((0..<7).map { get("/held?\($0)") }.joined())
        var answered = 0
        while answered < 7 {
            let exchanges = server.application.mailbox.take(min(3, 7 - answered))
            #expect(exchanges.count <= 3)
            for exchange in exchanges {
                exchange.respond(.text(.ok, exchange.head.query ?? ""))
                #expect(try client.receiveReply().text == "\(answered)")
                answered += 1
            }
        }
    }

    @Test("A request that must not overlap waits for the answers before it, and those behind wait for it")
    func barrier() throws {
        var application = TestApplication()
        application.overlaps = false
        let server = try TestServer(application)
        let client = try server.client()
        client.send(get("/held?1") + post("/held?2", "", "x") + get("/held?3"))
        for index in 1...3 {
            let exchanges = server.application.mailbox.take(1)
            #expect(exchanges.map(\.head.query) == ["\(index)"])
            usleep(20_000)
            #expect(server.application.mailbox.count == 0)
            exchanges.first?.respond(.text(.ok, "\(index)"))
            #expect(try client.receiveReply().text == "\(index)")
        }
    }

    @Test("Work for the end of the round sees the requests of the round answered together")
    func endOfRound() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send(get("/round") + get("/between") + get("/round"))
        #expect(try client.receiveReply().text == "end of round")
        #expect(try client.receiveReply().text == "hello /between")
        #expect(try client.receiveReply().text == "end of round")
    }

    @Test("An exchange that is freed unanswered answers 500")
    func dropped() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send(get("/dropped") + get("/x"))
        #expect(try client.receiveReply().status == 500)
        #expect(try client.receiveReply().status == 200)
    }

    @Test("HEAD is answered with the length and no body; 204 with neither")
    func head() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/none") + get("/y"))
        let head = try client.receiveReply(isHead: true)
        #expect(head.status == 200 && head["Content-Length"] == "8")
        let none = try client.receiveReply()
        #expect(none.status == 204 && none["Content-Length"] == nil)
        #expect(try client.receiveReply().text == "hello /y")
    }

    @Test("HTTP/1.0 closes unless asked to keep alive")
    func oldClient() throws {
        let server = try TestServer()
        let closed = try server.exchange("GET /x HTTP/1.0\r\n\r\n")
        #expect(closed.hasPrefix("HTTP/1.1 200 OK\r\n") && closed.contains("Connection: close\r\n"))
        let client = try server.client()
        client.send(get("/x", "Connection: keep-alive\r\n", version: "1.0"))
        #expect(try client.receiveReply()["Connection"] == "keep-alive")
        client.send(get("/y", version: "1.0"))
        #expect(String(decoding: client.receiveAll(), as: UTF8.self).hasSuffix("hello /y"))
    }

    @Test("Connection: close ends the connection, and what comes behind is not answered")
    func close() throws {
        let server = try TestServer()
        let all = try server.exchange(get("/x", "Connection: close\r\n") + get("/y"))
        #expect(all.contains("Connection: close") && all.hasSuffix("hello /x"))
    }

    @Test("A client that waits for 100 Continue gets it, after the answers before")
    func expectContinue() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send(
            get("/held")
                + "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        server.application.mailbox.take(1).first?.respond(.text(.ok, "first"))
        #expect(try client.receiveReply().text == "first")
        #expect(try client.receiveReply().status == 100)
        client.send("abc")
        #expect(try client.receiveReply().text == "abc")
    }

    @Test("A refused upload is told so before it is sent, or read past when it is short")
    func refused() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send(post("/refused", "", "short") + get("/x"))
        #expect(try client.receiveReply().status == 403)
        #expect(try client.receiveReply().text == "hello /x")
        client.send(
            "POST /refused HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n")
        let reply = try client.receiveReply()
        #expect(reply.status == 403 && reply["Connection"] == "close")
    }

    @Test("What was counted adds up")
    func statistics() throws {
        let server = try TestServer()
        let client = try server.client()
        let request = get("/x")
        client.send(request + request + "BAD\r\n\r\n")
        let received = client.receiveAll().count
        let isCounted = eventually { server.server.statistics.connectionsOpen == 0 }
        let statistics = server.server.statistics
        #expect(isCounted && statistics.connectionsAccepted == 1)
        #expect(statistics.requests == 2 && statistics.faults == 1)
        #expect(statistics.responses == [200: 2, 400: 1])
        #expect(statistics.bytesSent == received && statistics.bytesReceived == 2 * request.utf8.count + 7)
    }
}
