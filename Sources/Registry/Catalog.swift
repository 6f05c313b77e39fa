import Synchronization

/// Which versions of which models can be scored, read by every request.
///
/// A reader looks a name up under a lock that nobody holds longer than one dictionary access, and leaves with
/// a strong reference: the version lives until its last reader lets go, whatever happens to the catalog.
package final class Catalog<Servable: AnyObject & Sendable>: Sendable {
    /// The warm versions of one model; replaced as a whole, never changed.
    package struct Slot: Sendable {
        /// Its number is in `versions`.
        package let current: Servable
        /// By number, the current one included.
        package let versions: [Int: Servable]

        /// `nil` when `versions` lacks the number `serving`.
        package init?(serving: Int, versions: [Int: Servable]) {
            guard let current = versions[serving] else { return nil }
            self.current = current
            self.versions = versions
        }
    }

    private let slots = Mutex<[String: Slot]>([:])

    /// A catalog without models.
    package init() {}

    /// The version of that number, or the one being served; `nil` when there is none.
    package func pin(_ name: String, version: Int? = nil) -> Servable? {
        slots.withLock { slots in
            guard let slot = slots[name] else { return nil }
            guard let version else { return slot.current }
            return slot.versions[version]
        }
    }

    /// Every version of a model.
    package func slot(_ name: String) -> Slot? {
        slots.withLock { $0[name] }
    }

    /// Makes all of a model's versions others, in one step that no reader sees half done; `nil` removes the
    /// model.
    ///
    /// - Returns: what was there, for the caller to drop: freeing a version must not happen under the lock.
    @discardableResult
    package func swap(_ name: String, to slot: Slot?) -> Slot? {
        slots.withLock { slots in
            let old = slots[name]
            slots[name] = slot
            return old
        }
    }

    /// The versions being served, in no order.
    package var served: [Servable] {
        slots.withLock { $0.values.map(\.current) }
    }
}
