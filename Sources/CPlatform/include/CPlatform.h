// Linux calls that Swift's Glibc module lacks or cannot import (variadic, packed, behind _GNU_SOURCE).
//
// Every function returns -errno when the system refuses, so that no caller reads a thread's errno too late.
#ifndef AUGUR_CPLATFORM_H
#define AUGUR_CPLATFORM_H

#include <stddef.h>
#include <stdint.h>

// What epoll reported for one descriptor; the bits are those of <sys/epoll.h>.
typedef struct {
    uint64_t token;
    uint32_t events;
} platform_event;

enum {
    PLATFORM_READABLE = 0x001,
    PLATFORM_WRITABLE = 0x004,
    PLATFORM_ERROR = 0x008,
    PLATFORM_HANGUP = 0x010,
};

int platform_epoll_create(void);
int platform_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token);
int platform_epoll_change(int epoll, int descriptor, uint32_t events, uint64_t token);
int platform_epoll_remove(int epoll, int descriptor);
// Waits at most `milliseconds` (-1: without end); an interrupted wait counts as one without events.
int platform_epoll_wait(int epoll, platform_event *events, int count, int milliseconds);

// A counter that epoll can wait for; `semaphore` makes each read take one.
int platform_eventfd_create(int semaphore, int nonblocking);
int platform_eventfd_signal(int descriptor);
int platform_eventfd_wait(int descriptor);

// Listens on a numeric address; `port` 0 takes a free one. Returns the descriptor and stores the port taken.
// -EAFNOSUPPORT: `host` is no IPv4 or IPv6 address.
int platform_listen(const char *host, int port, int backlog, int *bound_port);
// Accepts without blocking; writes the peer's numeric address, ended by NUL.
int platform_accept(int listener, char *address, size_t address_size);
int64_t platform_receive(int socket, void *bytes, size_t count);
// Reads and forgets up to `count` bytes.
int64_t platform_discard(int socket, size_t count);
// Never raises SIGPIPE; `more` announces that further bytes follow at once.
int64_t platform_send(int socket, const void *bytes, size_t count, int more);
int64_t platform_send_file(int socket, int file, int64_t offset, size_t count);
int platform_shutdown_writing(int socket);

int platform_open_reading(const char *path, int64_t *size);
// Replaces the six trailing X of `path` and opens the new file, mode 0600.
int platform_open_temporary(char *path);
int64_t platform_read_at(int file, void *bytes, size_t count, int64_t offset);
int64_t platform_write(int file, const void *bytes, size_t count);
int platform_unlink(const char *path);
int platform_close(int descriptor);

uint64_t platform_monotonic_nanoseconds(void);
int64_t platform_wall_seconds(void);
void platform_ignore_sigpipe(void);
// Raises the soft limit on descriptors to the hard one; returns what holds now.
int64_t platform_raise_descriptor_limit(void);
int platform_processor_count(void);
// A number that differs between running threads.
uint64_t platform_thread_identity(void);
int platform_thread_start(void *(*body)(void *), void *context, const char *name, uint64_t *handle);
int platform_thread_join(uint64_t handle);

#endif
