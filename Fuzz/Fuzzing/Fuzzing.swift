import CLibFuzzer
import Glibc

/// What one input runs; set once, before the first.
nonisolated(unsafe) private var target: @Sendable ([UInt8]) -> Void = { _ in }

/// Runs libFuzzer with the program's own arguments, the first of which names the corpus folder, and ends the
/// process. `body` traps when something is wrong.
///
/// `seeds` are written to the corpus folder, so that no corpus needs to be kept: they are made by code. So is
/// the dictionary of `words` that mutations paste.
package func fuzz(
    seeds: [[UInt8]], words: [String] = [], _ body: @escaping @Sendable ([UInt8]) -> Void
) {
    target = body
    var given = CommandLine.arguments
    if let corpus = given.dropFirst().first {
        write(seeds, to: corpus)
        // A folder that is read only holds crashes to be run again.
        let lines = words.map { "\"\($0)\"\n" }.joined()
        if write(Array(lines.utf8), toFile: "\(corpus)/../words"), !words.isEmpty {
            given.append("-dict=\(corpus)/../words")
        }
    }
    // SAFETY: the copies are never freed: libFuzzer keeps pointers into them until the process ends.
    let copies = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: given.count + 1)
    for (index, argument) in given.enumerated() { copies[index] = strdup(argument) }
    copies[given.count] = nil
    var count = CInt(given.count)
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = copies
    exit(LLVMFuzzerRunDriver(&count, &arguments, testOneInput))
}

private func write(_ seeds: [[UInt8]], to folder: String) {
    for (number, seed) in seeds.enumerated() { _ = write(seed, toFile: "\(folder)/seed-\(number)") }
}

private func write(_ bytes: [UInt8], toFile path: String) -> Bool {
    guard let file = fopen(path, "wb") else { return false }
    fwrite(bytes, 1, bytes.count, file)
    return fclose(file) == 0
}

/// libFuzzer's call for each input; its library wants one of this name even where it is not used.
@_cdecl("LLVMFuzzerTestOneInput") public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ size: Int)
    -> CInt
{
    // SAFETY: libFuzzer calls on one thread, and gives `size` readable bytes for the length of the call.
    target([UInt8](UnsafeBufferPointer(start: bytes, count: size)))
    return 0
}
