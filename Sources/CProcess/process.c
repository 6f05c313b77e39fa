#define _GNU_SOURCE
#include "CProcess.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

void augur_release_freed_memory(void) { malloc_trim(0); }

void augur_lower_thread_priority(void) {
    struct sched_param none = {0};
    // SCHED_IDLE would starve a deployment on a busy machine for ever; SCHED_BATCH with nice 19 still
    // gets about 1.5 % of a contended core.
    sched_setscheduler(0, SCHED_BATCH, &none);
    // On Linux, PRIO_PROCESS with a thread's own id changes that thread alone.
    setpriority(PRIO_PROCESS, (id_t)gettid(), 19);
}

void augur_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int augur_processor_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}
