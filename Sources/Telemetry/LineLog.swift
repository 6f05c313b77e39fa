import Glibc
import Logging

/// Writes each log entry as one line to standard error, for machines (`json`) or for people (`logfmt`).
///
/// A line is one `write`, so the lines of several threads and of a process being killed stay whole.
package struct LineLog: LogHandler {
    /// The shape of a line.
    package enum Format: String, Sendable, CaseIterable {
        case logfmt, json
    }

    /// Fields of every line.
    package var metadata: Logger.Metadata = [:]
    /// Entries below are not written.
    package var logLevel: Logger.Level
    private let format: Format
    private let descriptor: Int32

    /// Logs entries of `level` and above to the open file `descriptor`.
    package init(format: Format = .logfmt, level: Logger.Level = .info, descriptor: Int32 = STDERR_FILENO) {
        self.format = format
        self.descriptor = descriptor
        logLevel = level
    }

    /// One field of every line.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    package func log(event: LogEvent) {
        var fields = [
            ("time", timestamp()), ("level", event.level.rawValue), ("message", "\(event.message)"),
        ]
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        fields += all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let line = Array((format == .json ? jsonLine(fields) : logfmtLine(fields)).utf8)
        // A full disk or a closed pipe must not stop the server: what cannot be logged is lost.
        // SAFETY: the buffer is the line's own, and `write` only reads it.
        _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }
}
