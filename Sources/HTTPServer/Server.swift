import EventLoop
import Glibc
import HTTP1
import Synchronization

/// The HTTP/1.1 server: an application behind sockets.
package final class Server: Sendable {
    package let configuration: ServerConfiguration
    private let application: any HTTPApplication
    private let running = Mutex<Running?>(nil)

    /// What exists between `start` and `shutdown`.
    private struct Running {
        let service: Service
        let lanes: [Lane]
        let threads: [WorkerThread]
        let acceptor: Acceptor
    }

    /// A loop and what its connections share.
    private struct Lane: Sendable {
        let loop: Loop
        let context: LoopContext
    }

    /// Nothing is opened before `start`.
    package init(configuration: ServerConfiguration, application: any HTTPApplication) {
        self.configuration = configuration
        self.application = application
    }

    /// Binds, listens, starts the loops and returns the address that clients can use; once.
    package func start() throws(SocketError) -> BoundAddress {
        ignoreBrokenPipeSignal()
        let limits = configuration.limits
        let listener = try Listener(
            host: configuration.host, port: configuration.port, backlogMax: limits.backlogMax)
        let service = try Service(configuration, application)
        let first = try Self.lane(0)
        var lanes = [first]
        for index in 1..<max(1, configuration.loops ?? processorCount()) {
            lanes.append(try Self.lane(index))
        }
        let acceptor = Acceptor(listener: listener, loop: first.loop, openMax: connectionsMax()) { [lanes] in
            Self.adopt($0, $1, from: $2, service, lanes)
        }
        let address = listener.address
        first.loop.submit { acceptor.start() }
        var threads: [WorkerThread] = []
        for lane in lanes {
            threads.append(try WorkerThread(name: "augur-loop-\(lane.context.index)") { lane.loop.run() })
        }
        let started = Running(service: service, lanes: lanes, threads: threads, acceptor: acceptor)
        running.withLock { $0 = started }
        return address
    }

    /// Stops accepting, closes idle connections, waits for requests in flight, at most `limit` (the
    /// configured bound when nil), closes everything and returns. True if nothing had to be cut off.
    @discardableResult
    package func shutdown(within limit: Duration? = nil) -> Bool {
        let ended = running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let ended else { return true }
        let limit = (limit ?? configuration.limits.shutdownTimeout).nanoseconds
        let deadline = monotonicNanoseconds() &+ limit
        ended.service.isDraining.store(true, ordering: .relaxed)
        ended.lanes.first?.loop.submit { ended.acceptor.stop() }
        Self.forEachConnection(ended.lanes) { $0.drain() }
        while ended.acceptor.gateState.open > 0, monotonicNanoseconds() < deadline { usleep(2_000) }
        let isClean = ended.acceptor.gateState.open == 0
        if !isClean {
            Self.forEachConnection(ended.lanes) { $0.close() }
            let cutOff = monotonicNanoseconds() &+ 1_000_000_000
            while ended.acceptor.gateState.open > 0, monotonicNanoseconds() < cutOff { usleep(2_000) }
        }
        for lane in ended.lanes { lane.loop.stop() }
        for thread in ended.threads { thread.join() }
        ended.service.sideline.stop()
        return isClean
    }

    /// What was counted since `start`; nothing after `shutdown`.
    package var statistics: ServerStatistics {
        running.withLock { running in
            var total = ServerStatistics()
            guard let running else { return total }
            let gate = running.acceptor.gateState
            total.connectionsAccepted = gate.accepted
            total.connectionsOpen = gate.open
            total.acceptPauses = gate.pauses
            for lane in running.lanes { lane.context.counters.add(to: &total) }
            return total
        }
    }

    /// The configured bound, or what the descriptors allow: a part of them is kept for models and uploads.
    private func connectionsMax() -> Int {
        let descriptors = raiseDescriptorLimit()
        guard descriptors > 0 else { return configuration.limits.connectionsMax }
        return min(
            configuration.limits.connectionsMax, max(descriptors / 2, descriptors - Self.keptDescriptors))
    }

    private static let keptDescriptors = 256

    private static func lane(_ index: Int) throws(SocketError) -> Lane {
        let loop = try Loop()
        let context = LoopContext(index: index, loop: loop)
        loop.afterDispatch = { [unowned context] in context.flush() }
        return Lane(loop: loop, context: context)
    }

    /// Gives a new connection to the loop that has fewest; on the accepting loop, which is the first.
    private static func adopt(
        _ acceptor: Acceptor, _ socket: Socket, from peer: String, _ service: Service, _ lanes: [Lane]
    ) {
        let loads = lanes.map { $0.context.load.load(ordering: .relaxed) }
        guard let lane = zip(lanes, loads).min(by: { $0.1 < $1.1 })?.0 else { return socket.close() }
        lane.context.load.add(1, ordering: .relaxed)
        let open: @Sendable () -> Void = {
            let connection = Connection(
                socket: socket, peer: peer, service: service, context: lane.context, loop: lane.loop,
                acceptor: acceptor)
            connection.open()
        }
        if lane.loop.isCurrent {
            open()
        } else if !lane.loop.submit(open) {
            socket.close()
        }
    }

    private static func forEachConnection(_ lanes: [Lane], _ action: @escaping @Sendable (Connection) -> Void)
    {
        for lane in lanes {
            lane.loop.submit {
                let all = lane.loop.sources(from: 0, count: .max).sources
                for source in all { (source as? Connection).map(action) }
            }
        }
    }
}
