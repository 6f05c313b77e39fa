import CKernels
import Foundation
import Glibc
import ONNX
import Tensors

/// `augur-bench cnn WHAT MODEL [BATCH [THREADS [ROUNDS [SECONDS]]]]`: WHAT is `peak` (without a model),
/// `time` (one line: milliseconds of a run, images a second, memory), `rounds` (the same, and again the
/// milliseconds for every line that is read), `plan` (the plan's text), or
/// `check` (the plan against the reference).
func benchmarkNetwork(_ arguments: [String]) {
    if arguments.first == "peak" {
        return print(
            "\(decimals(ck_measure_peak(ck_isa_best(), 0.3) * 1e-9, 1)) GFLOP/s on one core, "
                + "\(decimals(streamRate(megabytes: 16), 1)) GB/s of 16 MB read over and over, "
                + "\(decimals(streamRate(megabytes: 64), 1)) of 64 MB")
    }
    guard arguments.count >= 2 else {
        return print("usage: augur-bench cnn time|rounds|plan|check MODEL [BATCH [THREADS]]")
    }
    func number(_ index: Int, _ fallback: Int) -> Int {
        arguments.count > index ? Int(arguments[index]) ?? fallback : fallback
    }
    let (batch, threads) = (number(2, 1), number(3, Int(ck_crew_threads())))
    do {
        let before = residentBytes("RssAnon")
        let started = ContinuousClock().now
        let network = try Network.load(path: arguments[1])
        let inputs = try noise(network, batch: batch)
        switch arguments[0] {
        case "plan": print(network.describePlan(batch: batch, threads: threads))
        case "check": try check(network, path: arguments[1], inputs)
        default:
            _ = try network.run(inputs, threads: threads)
            let first = ContinuousClock().now - started
            // As a deployment does before it publishes.
            network.measure()
            _ = try network.run(inputs, threads: threads)
            forgetPeak()
            try time(
                network, inputs,
                Setting(
                    batch: batch, threads: threads, rounds: number(4, 0),
                    seconds: arguments.count > 5 ? Double(arguments[5]) ?? 1 : 1, first: first,
                    path: arguments[1], residentBefore: before))
            if arguments[0] == "rounds" { try again(network, inputs, threads: threads) }
        }
    } catch {
        print("failed: \(error)")
        exit(1)
    }
}

/// Gigabytes a second of one core reading as many megabytes over and over.
private func streamRate(megabytes: Int) -> Double {
    let floats = [Float](repeating: 1, count: megabytes << 18)
    return floats.withUnsafeBufferPointer { floats in
        floats.baseAddress.map { ck_measure_stream($0, floats.count) * 1e-9 } ?? 0
    }
}

/// What `time` was asked for.
private struct Setting {
    var batch: Int
    var threads: Int
    /// 0: as many as fill `seconds`.
    var rounds: Int
    var seconds: Double
    /// From the start of loading to the first answer.
    var first: Duration
    /// The model's file.
    var path: String
    /// Bytes of the process's own, not of files, that were resident before the network was loaded.
    var residentBefore: Int
}

/// Repeatable noise for every input, 3 x 224 x 224 where an image's axes are open.
private func noise(_ network: Network, batch: Int) throws -> [String: Tensor] {
    var inputs: [String: Tensor] = [:]
    var state: UInt64 = 88_172_645_463_325_252
    for port in network.inputs {
        let dims = port.dims.enumerated().map { axis, dimension in
            switch dimension {
            case .fixed(let size): size
            case .symbolic: axis == 0 ? batch : axis == 1 ? 3 : 224
            }
        }
        let floats = (0..<dims.reduce(1, *)).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
        }
        inputs[port.name] = try Tensor(shape: Shape(dims), floats: floats)
    }
    return inputs
}

/// Milliseconds of runs, ascending: `rounds` of them, or as many as fill `seconds` and three at least.
private func times(
    _ network: Network, _ inputs: [String: Tensor], threads: Int, rounds: Int, seconds: Double
) throws -> [Double] {
    let clock = ContinuousClock()
    var times: [Double] = []
    var spent = 0.0
    while rounds > 0 ? times.count < rounds : spent < seconds || times.count < 3 {
        // One thread is timed by its own clock, so that a busy machine does not count.
        let (from, own) = (clock.now, ownMilliseconds())
        _ = try network.run(inputs, threads: threads)
        let wall = milliseconds(clock.now - from)
        times.append(threads == 1 ? ownMilliseconds() - own : wall)
        spent += wall / 1000
    }
    return times.sorted()
}

/// The median milliseconds of a run for every line of standard input, which holds the seconds to measure.
private func again(_ network: Network, _ inputs: [String: Tensor], threads: Int) throws {
    fflush(nil)
    while let line = readLine() {
        let times = try times(network, inputs, threads: threads, rounds: 0, seconds: Double(line) ?? 0)
        print(decimals(times[times.count / 2], 3))
        fflush(nil)
    }
}

private func time(_ network: Network, _ inputs: [String: Tensor], _ setting: Setting) throws {
    let times = try times(
        network, inputs, threads: setting.threads, rounds: setting.rounds, seconds: setting.seconds)
    let median = times[times.count / 2]
    // The most since the first run, without the program's code, but with what is resident of the model's
    // file. The caller's inputs are not the network's memory.
    let given = inputs.values.reduce(0) { $0 + $1.count * 4 }
    let peak = residentBytes("VmHWM") - residentBytes("RssFile") + mappedBytes(setting.path)
    let resident = peak - setting.residentBefore - given
    let own = network.packedBytes + network.arenaBytes
    print(
        "\(decimals(median, 3)) ms median, \(decimals(times[0], 3)) ms least, "
            + "\(decimals(Double(setting.batch) / median * 1000, 1)) images/s, "
            + "first answer \(decimals(milliseconds(setting.first), 1)) ms, "
            + "packed \(megabytes(network.packedBytes)) MB, arena \(megabytes(network.arenaBytes)) MB, "
            + "resident \(megabytes(resident)) MB, "
            + "memory ratio \(decimals(Double(resident) / Double(max(own, 1)), 2))")
}

private func megabytes(_ bytes: Int) -> String { decimals(Double(bytes) * 1e-6, 1) }

/// A figure of this process's memory from `/proc`, in bytes: `RssAnon` and `RssFile` what is resident of its
/// own and of files, `VmHWM` the most of both since the last `forgetPeak`.
private func residentBytes(_ name: String) -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") })
    else { return 0 }
    return (line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) * 1024
}

/// Resident bytes of the file at `path`, which is mapped.
private func mappedBytes(_ path: String) -> Int {
    guard let resolved = realpath(path, nil) else { return 0 }
    defer { free(resolved) }
    let file = String(cString: resolved)
    guard let text = try? String(contentsOfFile: "/proc/self/smaps", encoding: .utf8) else { return 0 }
    var bytes = 0
    var isOfFile = false
    for line in text.split(separator: "\n") {
        if line.first?.isHexDigit == true, line.contains("-") { isOfFile = line.hasSuffix(file) }
        guard isOfFile, line.hasPrefix("Rss:") else { continue }
        bytes += (line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) * 1024
    }
    return bytes
}

/// Starts the count of the most resident memory anew.
private func forgetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
}

private func check(_ network: Network, path: String, _ inputs: [String: Tensor]) throws {
    var options = NetworkOptions()
    options.arithmetic = .reference
    let reference = try Network.load(path: path, options: options)
    let (fast, plain) = (try network.run(inputs), try reference.run(inputs))
    let single = try network.run(inputs, threads: 1)
    for ((a, b), c) in zip(zip(fast, plain), single) {
        guard let x = a.value.tensor, let y = b.value.tensor, let z = c.value.tensor else { continue }
        let pairs = zip(x.doubles(), y.doubles())
        let difference = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let size = y.doubles().reduce(1e-30) { $0 + $1 * $1 }
        print(
            "\(a.name) \(x.shape): relative error \((difference / size).squareRoot()), threads agree: "
                + "\(x.floats() == z.floats())")
    }
}

/// Processor time of this thread.
private func ownMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
}

private func milliseconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) * 1e3 + Double(attoseconds) * 1e-15
}

private func decimals(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return "\((value * scale).rounded() / scale)"
}
