import Synchronization

/// Frames kept for reuse, so that an evaluation allocates nothing for its working memory.
final class FramePool: Sendable {
    /// A frame on loan to nobody.
    private struct Idle: @unchecked Sendable {
        // A frame in the pool is referenced from nowhere else.
        let frame: Frame
    }

    private let program: Program
    /// The fast forms of single elements.
    let forms: ElementForms
    private let idle = Mutex<[Idle]>([])
    /// More than this many threads at once allocate anew.
    private static let idleMax = 64

    init(program: Program, forms: ElementForms) {
        self.program = program
        self.forms = forms
    }

    /// An idle frame, or a new one.
    func take() -> Frame {
        idle.withLock { $0.popLast() }?.frame ?? Frame(program: program, forms: forms)
    }

    /// Returns a frame that the caller no longer uses.
    func giveBack(_ frame: Frame) {
        let idle = Idle(frame: frame)
        self.idle.withLock { if $0.count < FramePool.idleMax { $0.append(idle) } }
    }
}
