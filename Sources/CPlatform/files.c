#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CPlatform.h"

int platform_open_reading(const char *path, int64_t *size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    struct stat status;
    int failure = fstat(file, &status) != 0 ? errno : S_ISREG(status.st_mode) ? 0 : EINVAL;
    if (failure != 0) {
        close(file);
        return -failure;
    }
    *size = status.st_size;
    return file;
}

int platform_open_temporary(char *path) {
    int file = mkostemp(path, O_CLOEXEC);
    return file < 0 ? -errno : file;
}

int64_t platform_read_at(int file, void *bytes, size_t count, int64_t offset) {
    for (;;) {
        ssize_t got = pread(file, bytes, count, offset);
        if (got >= 0) return got;
        if (errno != EINTR) return -errno;
    }
}

int64_t platform_write(int file, const void *bytes, size_t count) {
    for (;;) {
        ssize_t put = write(file, bytes, count);
        if (put >= 0) return put;
        if (errno != EINTR) return -errno;
    }
}

int platform_unlink(const char *path) { return unlink(path) == 0 ? 0 : -errno; }

int platform_close(int descriptor) { return close(descriptor) == 0 ? 0 : -errno; }
