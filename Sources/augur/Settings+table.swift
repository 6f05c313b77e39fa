extension Setting {
    /// Every setting, in the order in which they are printed.
    static let all: [Setting] = server + bodies + threads + models + access

    private static let server: [Setting] = [
        .text("server.host", "address to listen on; 0.0.0.0 for all", \.server.host),
        .count("server.port", "0 takes a free one", \.server.port, least: 0),
        Setting(
            key: "server.loops", help: "event loops, one thread each; 0 is one for each processor",
            text: { "\($0.server.loops ?? 0)" },
            take: { settings, text in
                guard let count = Int(text), (0...1024).contains(count) else {
                    return "a number from 0 to 1024 is needed"
                }
                settings.server.loops = count == 0 ? nil : count
                return nil
            }),
        .count(
            "server.connectionsMax", "open connections; past it new ones wait", \.server.limits.connectionsMax
        ),
        .count("server.backlogMax", "connections waiting in the kernel", \.server.limits.backlogMax),
        .count(
            "server.requestLineBytesMax", "bytes; more is 414", \.server.limits.requestLineBytesMax, least: 64
        ),
        .count(
            "server.headerBytesMax", "bytes of all header fields; more is 431",
            \.server.limits.headerBytesMax, least: 64),
        .count("server.headerCountMax", "header fields; more is 431", \.server.limits.headerCountMax),
        .count(
            "server.decodedRatioMax", "growth of a compressed body past 1 MiB; more is 413",
            \.server.limits.decodedRatioMax),
        .count(
            "server.discardBytesMax", "bytes of an unwanted body that are read past",
            \.server.limits.discardBytesMax,
            least: 0),
        .seconds(
            "server.headerTimeoutSeconds", "from a head's first byte to its last",
            \.server.limits.headerTimeout),
        .count(
            "server.bodyRateMin", "bytes a second of a body or a reader; slower is the end",
            \.server.limits.bodyRateMin),
        .seconds("server.bodyGraceSeconds", "before bodyRateMin is asked for", \.server.limits.bodyGrace),
        .seconds(
            "server.transferTimeoutSeconds", "for a whole body to come, an answer to be read",
            \.server.limits.transferTimeout),
        .seconds(
            "server.idleTimeoutSeconds", "a connection with nothing asked", \.server.limits.idleTimeout),
        .seconds(
            "server.lingerTimeoutSeconds", "a closing connection is read", \.server.limits.lingerTimeout
        ),
        .count("server.pipelinedMax", "requests of one connection in flight", \.server.limits.pipelinedMax),
        .count(
            "server.queuedBytesMax", "answer bytes held for a slow reader", \.server.limits.queuedBytesMax
        ),
        .seconds(
            "server.shutdownTimeoutSeconds", "for requests in flight", \.server.limits.shutdownTimeout),
    ]

    private static let bodies: [Setting] = [
        .count("requests.bodyBytesMax", "bytes of a body that is scored; more is 413", \.api.bodyBytesMax),
        .count(
            "requests.bodyBytesTotalMax", "bytes of all bodies in memory; past it 503",
            \.server.limits.bodyBytesTotalMax),
        .count(
            "requests.tableBytesMax", "bytes of a table, and of its answer, on disk; more is 413",
            \.api.tableBytesMax),
        .count("requests.modelBytesMax", "bytes of an uploaded model; more is 413", \.api.modelBytesMax),
        .count(
            "requests.spoolBytesMax",
            "bytes of all uploads and answers on disk, a quarter only for models; past it 503",
            \.server.limits.spoolBytesMax),
        .count("requests.batchRowsMax", "requests of one batch; more is 413", \.api.batchRowsMax),
        .count("requests.chunkRows", "rows of a large request scored at a time", \.api.chunkRows),
        .count(
            "requests.answerBytesMax", "bytes of one JSON answer, in memory; more is 413",
            \.api.answerBytesMax),
        .count(
            "requests.loopBodyBytesMax", "bytes of JSON that an event loop parses itself",
            \.api.loopBodyBytesMax, least: 0),
    ]

    private static let threads: [Setting] = [
        .count(
            "threads.inference", "for dear models; 0 is one for each processor", \.serving.threads, least: 0),
        .count("threads.codec", "for large bodies and answers", \.api.codecThreads),
        .count("threads.codecDepthMax", "large bodies that wait; more is 503", \.api.codecDepthMax),
        .count("threads.control", "for deployments", \.api.controlThreads),
        .count("threads.controlDepthMax", "deployments that wait; more is 503", \.api.controlDepthMax),
    ]

    private static let models: [Setting] = [
        .optional("models.bundled", "folder of models that are only read", \.serving.bundledDirectory),
        .text("models.data", "folder that deployments are kept in", \.serving.dataDirectory),
        .count(
            "models.retainedMax", "newest versions kept; the served one is too, past 1 the one it replaced",
            \.serving.retainedMax),
        .count("models.modelsMax", "names in use", \.serving.modelsMax),
        .nanoseconds(
            "models.loopCostMaxMicroseconds", "a dearer model leaves the event loop", unit: 1000,
            \.serving.loopCostMax),
        .count("batching.sizeMax", "rows of one batch", \.serving.batching.sizeMax),
        .count("batching.depthMax", "requests that wait; more is 503", \.serving.batching.depthMax),
        .nanoseconds(
            "batching.delayMaxMilliseconds", "a batch on the threads may wait to fill; 0 never waits",
            unit: 1_000_000,
            \.serving.batching.delayMax),
    ]

    private static let access: [Setting] = [
        .optional(
            "access.adminToken", "who has it is admin; without, this machine is; random makes one",
            \.api.roles.adminToken),
        .optional("access.userToken", "who has it may score; without, everybody may", \.api.roles.userToken),
        .choice("log.level", "least severe entry that is logged", \.logLevel),
        .choice("log.format", "of a line", \.logFormat),
    ]
}

extension Settings {
    /// Every setting as YAML, each with what it means: a complete configuration file.
    var yaml: String {
        var text = "# Every setting of `augur serve` with its value.\n"
        var section = ""
        for setting in Setting.all {
            let parts = setting.key.split(separator: ".", maxSplits: 1)
            guard parts.count == 2 else { continue }
            if parts[0] != section {
                section = String(parts[0])
                text += "\(section):\n"
            }
            let line = "  \(parts[1]): \(setting.text(self))"
            text += line + String(repeating: " ", count: max(1, 44 - line.count)) + "# \(setting.help)\n"
        }
        return text
    }
}
