import EventLoop
import Glibc
import Synchronization
import Testing

@testable import HTTP1
@testable import HTTPServer

/// Slow, silent, leaving and greedy clients, and the end of the server.
@Suite struct PatienceTests {
    @Test("A head that does not come is answered 408, an idle connection closed without a word")
    func slowHead() throws {
        let server = try TestServer {
            $0.limits.headerTimeout = .milliseconds(100)
            $0.limits.idleTimeout = .milliseconds(300)
        }
        let slow = try server.client()
        slow.send("GET / HT")
        #expect(String(decoding: slow.receiveAll(), as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
        let idle = try server.client()
        #expect(idle.receiveAll() == [])
        let used = try server.client()
        used.send(get("/x"))
        #expect(try used.receiveReply().status == 200)
        #expect(used.receiveAll() == [])
    }

    @Test("A body below the least rate is answered 408")
    func stuckBody() throws {
        let server = try TestServer { $0.limits.bodyGrace = .milliseconds(150) }
        let stuck = try server.client()
        stuck.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
        #expect(String(decoding: stuck.receiveAll(), as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
    }

    @Test("A body that takes longer than the grace, but comes fast enough, is taken")
    func slowBody() throws {
        let server = try TestServer {
            $0.limits.bodyGrace = .seconds(1)
            $0.limits.bodyRateMin = 100
        }
        let steady = try server.client()
        steady.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n")
        for _ in 0..<10 {
            steady.send(String(repeating: "a", count: 200))
            usleep(130_000)
        }
        #expect(try steady.receiveReply().body.count == 2_000)
    }

    @Test("A body has a time within which it must be there, however steadily it comes")
    func endlessBody() throws {
        let server = try TestServer { $0.limits.transferTimeout = .milliseconds(300) }
        let steady = try server.client()
        steady.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n")
        let isLetGo = eventually {
            usleep(5_000)
            return !steady.send(String(repeating: "a", count: 2_000))
                || server.server.statistics.responses[408] == 1
        }
        #expect(isLetGo)
        #expect(String(decoding: steady.receiveAll(), as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
    }

    @Test("A file has a time within which it must be read, however steadily", arguments: ["", "gzip"])
    func endlessReader(coding: String) throws {
        let server = try TestServer { $0.limits.transferTimeout = .milliseconds(300) }
        // Repeated farther apart than compression looks back: more than the sockets hold, either way.
        let part = (0..<1 << 20).map { _ in UInt8.random(in: 0...255) }
        let path = try makeFile([[UInt8]](repeating: part, count: 64).flatMap(\.self))
        defer { unlink(path) }
        let reader = try server.client(receiveBuffer: 16_384)
        reader.send(get("/file?\(path)", "Accept-Encoding: \(coding)\r\nX-Type: text/plain\r\n"))
        let isLetGo = eventually {
            _ = reader.receive(2_000)
            return server.server.statistics.connectionsOpen == 0
        }
        #expect(isLetGo)
    }

    @Test("A reader that stands still cannot hold a body open")
    func stuckReaderWithBody() throws {
        let server = try TestServer {
            $0.limits.bodyGrace = .milliseconds(200)
            $0.limits.bodyRateMin = 1 << 30
            $0.limits.queuedBytesMax = 64 << 20
        }
        let client = try server.client(receiveBuffer: 16_384)
        client.send(
            get("/big") + get("/big") + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{")
        #expect(eventually { server.server.statistics.connectionsAccepted == 1 })
        #expect(eventually { server.server.statistics.connectionsOpen == 0 })
    }

    @Test("The application may take its time")
    func slowApplication() throws {
        let server = try TestServer {
            $0.limits.headerTimeout = .milliseconds(50)
            $0.limits.idleTimeout = .milliseconds(50)
            $0.limits.bodyGrace = .milliseconds(50)
        }
        let client = try server.client()
        client.send(post("/held", "", "abc"))
        let exchanges = server.application.mailbox.take(1)
        usleep(400_000)
        exchanges.first?.respond(.text(.ok, "late"))
        #expect(try client.receiveReply().text == "late")
    }

    @Test("A client that has finished its side still gets its answers")
    func halfClose() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send(get("/held") + get("/x"))
        client.finishWriting()
        let exchanges = server.application.mailbox.take(1)
        usleep(150_000)
        #expect(exchanges.first?.isDisconnected == false)
        exchanges.first?.respond(.text(.ok, "held"))
        let all = String(decoding: client.receiveAll(), as: UTF8.self)
        #expect(all.contains("held") && all.hasSuffix("hello /x"))
    }

    @Test("One that waits long is asked whether it is still there, unless it changes something")
    func probed() throws {
        var application = TestApplication()
        application.overlaps = false
        let server = try TestServer(application)
        let reading = try server.client()
        reading.send(get("/held"))
        reading.finishWriting()
        let changing = try server.client()
        changing.send(post("/held", "", "x"))
        changing.finishWriting()
        let exchanges = server.application.mailbox.take(2)
        #expect(try reading.receiveReply().status == 100)
        for exchange in exchanges { exchange.respond(.text(.ok, "late")) }
        #expect(try changing.receiveReply().text == "late")
        #expect(String(decoding: reading.receiveAll(), as: UTF8.self).hasSuffix("late"))
    }

    @Test("Who is gone is noticed, whether it reset or closed in order")
    func disconnect() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send(get("/held"))
        let exchange = try #require(server.application.mailbox.take(1).first)
        let calls = Mutex(0)
        exchange.onDisconnect { calls.withLock { $0 += 1 } }
        client.close()
        #expect(eventually { exchange.isDisconnected })
        #expect(eventually { calls.withLock { $0 } == 1 })
        exchange.onDisconnect { calls.withLock { $0 += 1 } }
        #expect(calls.withLock { $0 } == 2)
        exchange.respond(.text(.ok, "into the void"))
        #expect(eventually { server.server.statistics.connectionsOpen == 0 })
        #expect(server.server.statistics.disconnects == 1)
    }

    @Test("Once answered, nobody is told of a disconnect")
    func answeredThenGone() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send(get("/held"))
        let exchange = try #require(server.application.mailbox.take(1).first)
        let calls = Mutex(0)
        exchange.onDisconnect { calls.withLock { $0 += 1 } }
        exchange.respond(.text(.ok, "x"))
        #expect(try client.receiveReply().text == "x")
        client.close()
        #expect(eventually { server.server.statistics.connectionsOpen == 0 })
        #expect(calls.withLock { $0 } == 0)
    }

    @Test("A request cut off by its client is refused, not answered")
    func cutOff() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
        client.finishWriting()
        #expect(String(decoding: client.receiveAll(), as: UTF8.self).hasPrefix("HTTP/1.1 400 "))
    }

    @Test("A slow reader gets every byte, and is not read from meanwhile")
    func slowReader() throws {
        let server = try TestServer { $0.limits.queuedBytesMax = 1 << 20 }
        let client = try server.client(receiveBuffer: 16_384)
        // 4 MiB each: far more replies are asked for than the bound lets gather.
        let requests = Array(String(repeating: get("/big"), count: 30).utf8)
        client.send(requests)
        usleep(300_000)
        #expect(server.server.statistics.responses[200, default: 0] < 10)
        for _ in 0..<30 { #expect(try client.receiveReply().body.count == 1 << 22) }
    }

    @Test("A reader that stands still is let go of")
    func stuckReader() throws {
        let server = try TestServer {
            $0.limits.bodyGrace = .milliseconds(200)
            $0.limits.bodyRateMin = 1 << 30
        }
        let client = try server.client(receiveBuffer: 16_384)
        client.send(String(repeating: get("/big"), count: 20))
        #expect(eventually { server.server.statistics.connectionsAccepted == 1 })
        #expect(eventually { server.server.statistics.connectionsOpen == 0 })
    }

    @Test("Many slow clients do not keep others waiting")
    func slowClients() throws {
        let server = try TestServer()
        let slow = try (0..<100).map { _ in try server.client() }
        for client in slow { client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{") }
        let client = try server.client()
        for _ in 0..<20 {
            client.send(get("/x"))
            #expect(try client.receiveReply().status == 200)
        }
    }

    @Test("Past the bound a connection waits until another closes")
    func connectionBound() throws {
        let server = try TestServer { $0.limits.connectionsMax = 2 }
        let first = try server.client()
        let second = try server.client()
        for client in [first, second] {
            client.send(get("/x"))
            #expect(try client.receiveReply().status == 200)
        }
        let third = try server.client()
        third.send(get("/waited"))
        usleep(50_000)
        #expect(server.server.statistics.connectionsAccepted == 2)
        first.close()
        #expect(try third.receiveReply().text == "hello /waited")
        #expect(server.server.statistics.acceptPauses > 0)
    }

    @Test("Shutting down lets what is in flight finish and closes what is idle")
    func shutdown() throws {
        let server = try TestServer()
        let idle = try server.client()
        idle.send(get("/x"))
        #expect(try idle.receiveReply().status == 200)
        let busy = try server.client()
        busy.send(get("/held"))
        let exchanges = server.application.mailbox.take(1)
        let ended = Mutex<Bool?>(nil)
        let thread = try WorkerThread(name: "shutdown") { [server = server.server] in
            let isClean = server.shutdown(within: .seconds(5))
            ended.withLock { $0 = isClean }
        }
        #expect(idle.receiveAll() == [])
        #expect(ended.withLock { $0 } == nil)
        exchanges.first?.respond(.text(.ok, "last"))
        let last = try busy.receiveReply()
        #expect(last.text == "last" && last["Connection"] == "close")
        thread.join()
        #expect(ended.withLock { $0 } == true)
        #expect(throws: ClientError.self) { try server.client() }
    }

    @Test("Shutting down cuts off what does not finish in time")
    func cutOffShutdown() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send(get("/held"))
        let exchanges = server.application.mailbox.take(1)
        #expect(!server.server.shutdown(within: .milliseconds(50)))
        #expect(client.receiveAll() == [])
        exchanges.first?.respond(.text(.ok, "too late"))
    }

    @Test("A port that is taken is named in the error")
    func portTaken() throws {
        let server = try TestServer()
        let second = Server(
            configuration: ServerConfiguration(port: server.port), application: TestApplication())
        #expect(throws: SocketError.addressInUse(host: "127.0.0.1", port: server.port)) { try second.start() }
        let nowhere = Server(
            configuration: ServerConfiguration(host: "no.such"), application: TestApplication())
        #expect(throws: SocketError.addressInvalid("no.such")) { try nowhere.start() }
    }

    @Test("Clients that come and go at once leave nothing behind")
    func churn() throws {
        let server = try TestServer()
        for index in 0..<300 {
            let client = try server.client()
            if index % 3 > 0 { client.send(get("/x")) }
            if index % 3 > 1 { client.send("GET /half") }
        }
        #expect(eventually { server.server.statistics.connectionsOpen == 0 })
        #expect(try server.exchange(get("/x", "Connection: close\r\n")).hasSuffix("hello /x"))
    }
}
