import Glibc
import HTTPAPI

/// Prints to standard error and ends with status 1.
func fail(_ message: String) -> Never {
    complain("augur: \(message)\n")
    exit(1)
}

/// Ends the process (a command's own `exit` hides Glibc's).
func end(_ status: Int32) -> Never { exit(status) }

/// Prints to standard error.
func complain(_ text: String) {
    _ = FileBytes.write(STDERR_FILENO, Array(text.utf8)[...])
}

/// Processors that this process may run on.
func processorCount() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

/// Whether the path is a folder.
func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// A whole file of at most `bytesMax` bytes; `nil` when it cannot be read.
func readFile(_ path: String, bytesMax: Int = 2 << 30) -> [UInt8]? {
    FileBytes.contents(of: path, bytesMax: bytesMax)
}

/// The first 4 KiB of a file; `nil` when it cannot be read.
func readHead(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    return FileBytes.read(descriptor, into: &bytes).map { Array(bytes.prefix($0)) }
}

/// A whole file as text; `nil` when it cannot be read or is not UTF-8.
func readText(_ path: String) -> String? {
    readFile(path, bytesMax: 1 << 24).flatMap { String(validating: $0, as: UTF8.self) }
}

/// 32 random bytes in base64url.
func randomToken() -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var generator = SystemRandomNumberGenerator()
    // 43 characters of 6 bits hold 258 bits, no fewer than 32 bytes do.
    let characters = (0..<43).map { _ in alphabet[Int.random(in: 0..<64, using: &generator)] }
    return String(decoding: characters, as: UTF8.self)
}

/// Blocks SIGTERM and SIGINT, to be waited for, and ignores SIGPIPE.
func blockTerminationSignals() {
    signal(SIGPIPE, SIG_IGN)
    var signals = terminationSignals()
    pthread_sigmask(SIG_BLOCK, &signals, nil)
}

/// Returns the name of the signal that came.
func waitForTerminationSignal() -> String {
    var signals = terminationSignals()
    var number: Int32 = 0
    while sigwait(&signals, &number) != 0 {}
    return number == SIGTERM ? "SIGTERM" : "SIGINT"
}

private func terminationSignals() -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    return signals
}
