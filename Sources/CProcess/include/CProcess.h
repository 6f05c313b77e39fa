// What Glibc's Swift module lacks about this process and its threads.
#pragma once

/// Gives freed pages back to the operating system.
void augur_release_freed_memory(void);

/// From now on memory blocks of 1 MiB and more go back to the operating system when they are freed.
void augur_return_large_blocks(void);

/// Makes the calling thread yield to every normal one: batch scheduling, and that `nice` (1 to 19) for it
/// alone.
void augur_lower_thread_priority(int nice);

/// Asks for the calling thread to run that long at a time (100 to 100,000 microseconds; usual are 3,000). A
/// thread that wakes takes the core from one with a longer slice, at an equal share of it. Linux before 6.12
/// pays no heed.
void augur_set_thread_slice(int microseconds);

/// Names the calling thread (at most 15 bytes are kept) for `top -H` and debuggers.
void augur_name_thread(const char *name);

/// The processors this process may run on, at least 1.
int augur_processor_count(void);
