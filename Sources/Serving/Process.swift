import CProcess

/// The processors this process may use.
package func processorCount() -> Int { Int(augur_processor_count()) }

/// Names the calling thread for `top -H`; 15 bytes are kept.
package func nameThread(_ name: String) { augur_name_thread(name) }

/// Makes the calling thread yield to every normal one, for good: for threads that deploy, restore or free
/// models, so that requests do not notice them.
package func lowerThreadPriority() { augur_lower_thread_priority(19) }

/// The same for a thread that gives memory back: at the lowest priority it would come too late on a busy
/// machine.
func lowerThreadPrioritySlightly() { augur_lower_thread_priority(10) }

/// Lets threads of usual slices, event loops above all, take the core from the calling one when they wake:
/// for threads that compute for milliseconds. Their share of the core stays the same.
func lengthenThreadSlice() { augur_set_thread_slice(10_000) }
