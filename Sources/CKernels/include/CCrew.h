// The compute threads of the process: one crew, one worker less than the cores it may use.
//
// A run enters the crew. Alone, it gets the workers for as long as it stays alone; beside other runs, or so
// soon after them that the next is to be expected, each computes on its own thread, so a busy machine runs
// one whole batch per core and nobody waits at a barrier for a thread that has no core. After a job the
// workers look for the next one for at most SPIN_MICROSECONDS, then sleep; once the lease is over they yield
// their core meanwhile to any other thread that can run. A worker that has not woken in time is not waited
// for.

#ifndef CCREW_H
#define CCREW_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Work on items [begin, end); `thread` is 0 for the caller, up to ck_crew_threads() - 1.
typedef void (*ck_body)(void *context, size_t begin, size_t end, int thread);

/// Threads that a lone run can use, the caller among them; starts the workers at the first call.
int ck_crew_threads(void);
/// Counts a run in; non-zero when it got the workers. Pass the result to ck_crew_run and ck_crew_leave.
int ck_crew_enter(int threads);
void ck_crew_leave(int lease);
/// Calls body on all items, at most `grain` a call when shared with workers, and returns when all are done.
void ck_crew_run(int lease, size_t items, size_t grain, ck_body body, void *context);

#ifdef __cplusplus
}
#endif

#endif
