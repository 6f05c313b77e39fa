#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "CPlatform.h"

_Static_assert(PLATFORM_READABLE == EPOLLIN && PLATFORM_WRITABLE == EPOLLOUT, "the bits are epoll's");
_Static_assert(PLATFORM_ERROR == EPOLLERR && PLATFORM_HANGUP == EPOLLHUP, "the bits are epoll's");

enum { EVENTS_MAX = 256 };

int platform_epoll_create(void) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    return epoll < 0 ? -errno : epoll;
}

static int control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(epoll, operation, descriptor, &event) == 0 ? 0 : -errno;
}

int platform_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, descriptor, events, token);
}

int platform_epoll_change(int epoll, int descriptor, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_MOD, descriptor, events, token);
}

int platform_epoll_remove(int epoll, int descriptor) {
    return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0);
}

int platform_epoll_wait(int epoll, platform_event *events, int count, int milliseconds) {
    struct epoll_event raw[EVENTS_MAX];
    int got = epoll_wait(epoll, raw, count < EVENTS_MAX ? count : EVENTS_MAX, milliseconds);
    if (got < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < got; i++) {
        events[i].token = raw[i].data.u64;
        events[i].events = raw[i].events;
    }
    return got;
}

int platform_eventfd_create(int semaphore, int nonblocking) {
    int flags = EFD_CLOEXEC | (semaphore ? EFD_SEMAPHORE : 0) | (nonblocking ? EFD_NONBLOCK : 0);
    int descriptor = eventfd(0, flags);
    return descriptor < 0 ? -errno : descriptor;
}

int platform_eventfd_signal(int descriptor) { return eventfd_write(descriptor, 1) == 0 ? 0 : -errno; }

int platform_eventfd_wait(int descriptor) {
    eventfd_t count;
    return eventfd_read(descriptor, &count) == 0 ? 0 : -errno;
}
