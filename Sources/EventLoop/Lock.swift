import Glibc

/// A value and the POSIX mutex that guards it, for what several threads really want at once.
///
/// `Synchronization.Mutex` is somewhat cheaper, but waits in the kernel where the thread sanitizer cannot see
/// that one critical section follows another, and reports every contended one as a race.
@usableFromInline package final class Lock<Value>: @unchecked Sendable {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let value: UnsafeMutablePointer<Value>

    /// Guards `value` from now on.
    package init(_ value: sending Value) {
        // SAFETY: both live exactly as long as this object, at one address, as POSIX demands of the mutex;
        // whoever holds it is alone with the value, so the run-time check of exclusive access would find
        // nothing.
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: value)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        // SAFETY: nobody holds this object, so nobody holds its mutex.
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    /// Runs `body` with the value, alone; the value must not be kept beyond it.
    @inlinable package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value.pointee)
    }
}
