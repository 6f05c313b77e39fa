import Glibc

/// A value, its lock, and threads that wait for it to change.
///
/// `Synchronization.Mutex` has no condition variable; this is the one place that uses POSIX' own.
package final class Monitor<Value>: @unchecked Sendable {
    /// Whom to wake after a change.
    package enum Wake { case one, all }

    /// What a waiting thread does next.
    package enum Step<Result> {
        case done(Result)
        /// Sleeps until woken, or until that time of `monotonicNanoseconds` if given.
        case sleep(until: UInt64?)
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    /// Guards `value` from now on.
    package init(_ value: sending Value) {
        self.value = value
        // SAFETY: both live exactly as long as this object, at one address, as POSIX demands.
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        changed.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        // SAFETY: nobody holds this object, so nobody waits.
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Changes the value, then wakes whom `thenWake` says.
    package func withLock<Result>(
        _ change: (inout Value) -> Result, thenWake: (Result) -> Wake
    ) -> Result {
        pthread_mutex_lock(mutex)
        let result = change(&value)
        pthread_mutex_unlock(mutex)
        switch thenWake(result) {
        case .one: pthread_cond_signal(changed)
        case .all: pthread_cond_broadcast(changed)
        }
        return result
    }

    /// Changes the value and wakes nobody.
    package func withLock<Result>(_ change: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return change(&value)
    }

    /// Wakes every thread that waits.
    package func wakeAll() {
        pthread_cond_broadcast(changed)
    }

    /// Sleeps until `step` is done with the value.
    package func wait<Result>(_ step: (inout Value) -> Step<Result>) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            switch step(&value) {
            case .done(let result): return result
            case .sleep(nil): pthread_cond_wait(changed, mutex)
            case .sleep(let time?):
                var deadline = timespec(
                    tv_sec: Int(clamping: time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
                pthread_cond_timedwait(changed, mutex, &deadline)
            }
        }
    }
}

/// The monotonic clock in nanoseconds.
package func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

/// Starts a detached thread with 4 MiB of stack (a PMML document or a graph may nest deeply); false when the
/// system gives none.
@discardableResult
package func startThread(_ work: @escaping @Sendable () -> Void) -> Bool {
    final class Box {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 4 << 20)
    var thread = pthread_t()
    // SAFETY: the box is retained here and taken over by the thread, or released below if there is none.
    let box = Unmanaged.passRetained(Box(work))
    let status = pthread_create(
        &thread, &attributes,
        { argument in
            guard let argument else { return nil }
            // SAFETY: the argument is the box that was retained for this thread alone.
            Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().work()
            return nil
        }, box.toOpaque())
    if status != 0 { box.release() }
    pthread_attr_destroy(&attributes)
    return status == 0
}
