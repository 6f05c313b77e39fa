import Glibc
import HTTPServer
import Synchronization

/// Bytes that are written piece by piece and may become many: the first in memory, all of them in a file once
/// there are more.
///
/// The file is removed with the spool, unless it was handed over.
final class Spool: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var written = 0
        var descriptor: Int32 = -1
        var isHandedOver = false
    }

    /// Bytes that are kept in memory before they are written.
    static let memoryBytesMax = 1 << 20

    private let state = Mutex(State())
    private let path: String
    private let bytesMax: Int

    /// - Parameter path: Where the file will be; nothing is made before it is needed.
    init(path: String, bytesMax: Int) {
        self.path = path
        self.bytesMax = bytesMax
    }

    deinit {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            close(state.descriptor)
            if !state.isHandedOver { unlink(path) }
        }
    }

    /// Appends a piece.
    ///
    /// - Throws: `tooLarge` past the bound, `storage` when the disk refuses.
    func append(_ bytes: [UInt8]) throws(APIError) {
        let fault: APIError? = state.withLock { state in
            guard state.written + state.pending.count + bytes.count <= bytesMax else {
                return .tooLarge("The table exceeds \(bytesMax) bytes")
            }
            state.pending.append(contentsOf: bytes)
            return state.pending.count > Self.memoryBytesMax ? flush(&state) : nil
        }
        if let fault { throw fault }
    }

    /// Everything, as the body of a reply that removes the file when it is sent.
    func body() throws(APIError) -> ResponseBody {
        let result: Result<ResponseBody, APIError> = state.withLock { state in
            guard state.written > 0 else { return .success(.bytes(state.pending)) }
            if let fault = flush(&state) { return .failure(fault) }
            state.isHandedOver = true
            return .success(.file(path: path, count: state.written, deleteAfter: true))
        }
        return try result.get()
    }

    /// Everything, to be read while the spool lives.
    func content() throws(APIError) -> RequestBody {
        let result: Result<RequestBody, APIError> = state.withLock { state in
            guard state.written > 0 else { return .success(.bytes(state.pending)) }
            if let fault = flush(&state) { return .failure(fault) }
            return .success(.file(path: path, count: state.written))
        }
        return try result.get()
    }

    private func flush(_ state: inout State) -> APIError? {
        if state.descriptor < 0 {
            state.descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard state.descriptor >= 0 else {
                return .storage("A temporary file cannot be written: error \(errno)")
            }
        }
        guard FileBytes.write(state.descriptor, state.pending[...]) else {
            return .storage("A temporary file cannot be written: error \(errno)")
        }
        state.written += state.pending.count
        state.pending.removeAll(keepingCapacity: true)
        return nil
    }
}
