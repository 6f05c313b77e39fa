import Glibc

/// Whether this thread has asked a tensor for an element that it does not have.
///
/// An operator whose indices go wrong on a model from outside must end that model's request and no other, so
/// `Elements` answers such a read with zero, drops such a write, and notes it here; whoever runs operators
/// asks after each one. A trap would end every client's request, and an error thrown by each access would
/// cost the loops their speed.
@usableFromInline package enum ElementFault {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Notes a wrong index on this thread.
    @usableFromInline @inline(never) static func note() {
        // SAFETY: the pointer is only compared with nil.
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
    }

    /// Whether one was noted on this thread since the last call.
    package static func take() -> Bool {
        guard pthread_getspecific(key) != nil else { return false }
        pthread_setspecific(key, nil)
        return true
    }
}
