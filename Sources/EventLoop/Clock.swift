import CPlatform

/// The monotonic clock, nanoseconds from an arbitrary start.
package func monotonicNanoseconds() -> UInt64 { platform_monotonic_nanoseconds() }

/// The wall clock, seconds since 1970, at the resolution of a timer tick; only for `Date`.
package func wallSeconds() -> Int { Int(platform_wall_seconds()) }

/// Makes a write to a closed socket or pipe an error instead of the end of the process.
package func ignoreBrokenPipeSignal() { platform_ignore_sigpipe() }

/// Raises the process's soft limit on open descriptors to the hard one and returns it.
package func raiseDescriptorLimit() -> Int { Int(platform_raise_descriptor_limit()) }

/// The processors that this process may run on.
package func processorCount() -> Int { Int(platform_processor_count()) }
