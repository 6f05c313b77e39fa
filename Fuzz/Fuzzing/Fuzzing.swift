import CLibFuzzer
import Glibc

/// What one input runs; set once, before the fuzzer starts.
nonisolated(unsafe) private var target: @Sendable ([UInt8]) -> Void = { _ in }

/// Runs libFuzzer over `body` with the program's own arguments, the first of which names the corpus folder; ends
/// the process.
///
/// `seeds` are written there first, so that no corpus needs to be kept: they are made by code.
package func fuzz(seeds: [[UInt8]], _ body: @escaping @Sendable ([UInt8]) -> Void) -> Never {
    // SAFETY: libFuzzer calls back on this thread only.
    target = body
    if let folder = CommandLine.arguments.dropFirst().first { write(seeds, to: folder) }
    var count = CommandLine.argc
    // SAFETY: the program's own argument array, which lives as long as the process.
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    let status = LLVMFuzzerRunDriver(&count, &arguments) { bytes, size in
        // SAFETY: libFuzzer gives `size` readable bytes for the length of the call.
        target([UInt8](UnsafeBufferPointer(start: bytes, count: size)))
        return 0
    }
    exit(status)
}

private func write(_ seeds: [[UInt8]], to folder: String) {
    for (number, seed) in seeds.enumerated() {
        guard let file = fopen("\(folder)/seed-\(number)", "wb") else { continue }
        fwrite(seed, 1, seed.count, file)
        fclose(file)
    }
}
