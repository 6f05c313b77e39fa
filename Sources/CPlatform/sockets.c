#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CPlatform.h"

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} address_t;

static int parse_address(const char *host, int port, address_t *address, socklen_t *size) {
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons((uint16_t)port);
        *size = sizeof address->v4;
        return 0;
    }
    if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons((uint16_t)port);
        *size = sizeof address->v6;
        return 0;
    }
    return -EAFNOSUPPORT;
}

// TCP_NODELAY and the rest are inherited by accepted sockets: no call for each connection.
static int prepare(int listener, const address_t *address, socklen_t size, int backlog) {
    int on = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return -errno;
    if (setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) return -errno;
    if (bind(listener, &address->any, size) != 0) return -errno;
    if (listen(listener, backlog) != 0) return -errno;
    return 0;
}

int platform_listen(const char *host, int port, int backlog, int *bound_port) {
    address_t address;
    socklen_t size;
    int failure = parse_address(host, port, &address, &size);
    if (failure != 0) return failure;
    int listener = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) return -errno;
    failure = prepare(listener, &address, size, backlog);
    if (failure == 0 && getsockname(listener, &address.any, &size) != 0) failure = -errno;
    if (failure != 0) {
        close(listener);
        return failure;
    }
    *bound_port = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return listener;
}

int platform_accept(int listener, char *text, size_t text_size) {
    address_t address;
    socklen_t size = sizeof address;
    int accepted = accept4(listener, &address.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) return -errno;
    const void *raw = &address.v4.sin_addr;
    if (address.any.sa_family == AF_INET6) raw = &address.v6.sin6_addr;
    int family = address.any.sa_family;
    // An IPv4 client of an IPv6 listener is named by its IPv4 address.
    if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&address.v6.sin6_addr)) {
        raw = &address.v6.sin6_addr.s6_addr[12];
        family = AF_INET;
    }
    if (text_size > 0 && inet_ntop(family, raw, text, (socklen_t)text_size) == NULL) text[0] = 0;
    return accepted;
}

int64_t platform_receive(int socket, void *bytes, size_t count) {
    ssize_t got = recv(socket, bytes, count, MSG_DONTWAIT);
    return got < 0 ? -errno : got;
}

int64_t platform_discard(int socket, size_t count) {
    ssize_t got = recv(socket, NULL, count, MSG_DONTWAIT | MSG_TRUNC);
    return got < 0 ? -errno : got;
}

int64_t platform_send(int socket, const void *bytes, size_t count, int more) {
    ssize_t put = send(socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));
    return put < 0 ? -errno : put;
}

int64_t platform_send_file(int socket, int file, int64_t offset, size_t count) {
    off_t from = offset;
    ssize_t put = sendfile(socket, file, &from, count);
    return put < 0 ? -errno : put;
}

int platform_shutdown_writing(int socket) { return shutdown(socket, SHUT_WR) == 0 ? 0 : -errno; }
