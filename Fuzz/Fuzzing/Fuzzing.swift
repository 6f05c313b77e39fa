import CLibFuzzer
import Glibc

/// What one input runs; set once, before the first.
nonisolated(unsafe) private var target: @Sendable ([UInt8]) -> Void = { _ in }

/// Runs libFuzzer with the program's own arguments, the first of which names the corpus folder, and ends the
/// process. `body` traps when something is wrong.
///
/// `seeds` are written to the corpus folder, so that no corpus needs to be kept: they are made by code.
package func fuzz(seeds: [[UInt8]], _ body: @escaping @Sendable ([UInt8]) -> Void) {
    target = body
    if let corpus = CommandLine.arguments.dropFirst().first { write(seeds, to: corpus) }
    var count = CommandLine.argc
    // SAFETY: the program's own argument array, which lives as long as the process.
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(LLVMFuzzerRunDriver(&count, &arguments, testOneInput))
}

private func write(_ seeds: [[UInt8]], to folder: String) {
    for (number, seed) in seeds.enumerated() {
        guard let file = fopen("\(folder)/seed-\(number)", "wb") else { continue }
        fwrite(seed, 1, seed.count, file)
        fclose(file)
    }
}

/// libFuzzer's call for each input; its library wants one of this name even where it is not used.
@_cdecl("LLVMFuzzerTestOneInput") public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ size: Int)
    -> CInt
{
    // SAFETY: libFuzzer calls on one thread, and gives `size` readable bytes for the length of the call.
    target([UInt8](UnsafeBufferPointer(start: bytes, count: size)))
    return 0
}
