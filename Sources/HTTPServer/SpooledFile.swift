import EventLoop
import Synchronization

/// Why a spooled file did not take bytes, or did not give them back.
package enum SpoolError: Error, Sendable, Hashable {
    /// All such files together hold as many bytes as allowed.
    case full
    /// The disk refused, in words.
    case disk(String)
}

/// A temporary file of a request or of its answer: made with the first bytes, and removed with the last who
/// keeps it, unless it was moved.
///
/// Its bytes count towards a bound over all of them. One thread at a time works with it, and none of them is
/// an event loop; it may be freed on one, as the sideline does the removing.
package final class SpooledFile: Sendable {
    private struct State {
        var file: TemporaryFile?
        var count = 0
    }

    private let directory: String
    private let lease: BodyLease
    private let sideline: Sideline?
    private let state = Mutex(State())

    /// A file in `directory`, removed on `sideline` or else where it is freed.
    init(directory: String, lease: BodyLease, sideline: Sideline?) {
        self.directory = directory
        self.lease = lease
        self.sideline = sideline
    }

    deinit {
        guard let file = state.withLock({ $0.file }) else { return }
        let isTaken = sideline?.submit { [lease] in
            file.remove()
            lease.release()
        }
        if isTaken != true { file.remove() }
    }

    /// Where the file is; empty before something was appended.
    package var path: String { state.withLock { $0.file?.path ?? "" } }

    /// Bytes appended.
    package var count: Int { state.withLock { $0.count } }

    /// Appends all of `bytes`; none at all still make the file.
    package func append(_ bytes: [UInt8]) throws(SpoolError) {
        guard lease.grow(by: bytes.count) else { throw .full }
        let refusal: SpoolError? = state.withLock { state in
            do throws(SocketError) {
                if state.file == nil { state.file = try TemporaryFile(directory: directory) }
                try state.file?.append(bytes)
                state.count += bytes.count
                return nil
            } catch {
                return .disk("A temporary file cannot be written: \(error.reason)")
            }
        }
        if let refusal { throw refusal }
    }

    /// Up to `count` bytes from `offset`; fewer only at the end.
    package func read(from offset: Int, count: Int) throws(SpoolError) -> [UInt8] {
        guard let file = state.withLock({ $0.file }) else { return [] }
        do throws(SocketError) {
            return try file.read(from: offset, count: count)
        } catch {
            throw .disk("A temporary file cannot be read: \(error.reason)")
        }
    }

    /// What was appended, to be sent while this is kept; nil before something was.
    var content: ReadableFile? {
        state.withLock { state in state.file.map { ReadableFile($0, count: state.count) } }
    }
}
