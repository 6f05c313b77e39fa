#define _GNU_SOURCE
#include "CProcess.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

void augur_release_freed_memory(void) { malloc_trim(0); }

void augur_return_large_blocks(void) {
    // glibc raises this threshold up to 32 MiB as blocks are freed; what lies below it stays in the heap, so
    // that a redeployed network's arenas would pile up between other blocks. Setting it stops the raising.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

// What sched_setattr(2) takes; glibc 2.36 has no wrapper and no declaration for it.
struct scheduling {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

void augur_lower_thread_priority(int nice) {
    // SCHED_IDLE would starve a deployment on a busy machine for ever; SCHED_BATCH with nice 19 still gets
    // about 1.5 % of a contended core, with nice 10 about a tenth. Since Linux 6.12 `runtime` is the slice in
    // ns: with the usual 3 ms of it, a request that meets a deployment on its core waits that long.
    struct scheduling wanted = {
        .size = sizeof wanted, .policy = SCHED_BATCH, .nice = nice, .runtime = 100 * 1000};
    if (syscall(SYS_sched_setattr, 0, &wanted, 0) == 0) return;
    struct sched_param none = {0};
    sched_setscheduler(0, SCHED_BATCH, &none);
    // On Linux, PRIO_PROCESS with a thread's own id changes that thread alone.
    setpriority(PRIO_PROCESS, (id_t)gettid(), nice);
}

void augur_set_thread_slice(int microseconds) {
    // The nice value is the thread's own: a lower one than that may not be asked for.
    struct scheduling wanted = {.size = sizeof wanted,
                                .policy = SCHED_OTHER,
                                .nice = getpriority(PRIO_PROCESS, (id_t)gettid()),
                                .runtime = (uint64_t)microseconds * 1000};
    syscall(SYS_sched_setattr, 0, &wanted, 0);
}

void augur_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int augur_processor_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}
