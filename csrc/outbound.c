/* outbound: see the header for what is promised. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE             /* getaddrinfo, MSG_NOSIGNAL under -std=c11 */
#endif
#include "outbound.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0          /* macOS: SO_NOSIGPIPE says it */
#endif

enum { MS = 1000000 };          /* nanoseconds */

/* ---- waiting ------------------------------------------------------------------------------- */

static int64_t deadline_of(const Outbound *o) {
    int64_t now = clock_monotonic_ns();
    return o->timeout_ms > (INT64_MAX - now) / MS ? INT64_MAX : now + o->timeout_ms * MS;
}

/* Whether the socket has become ready for `events`, or has failed, before the deadline. */
static bool ready(int fd, short events, int64_t deadline) {
    struct pollfd waited = {.fd = fd, .events = events};
    for (;;) {
        int64_t left = deadline - clock_monotonic_ns();
        if (left <= 0)
            return false;
        left = left / MS + (left % MS > 0);
        int found = poll(&waited, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (found > 0)
            return true;
        if (found < 0 && errno != EINTR)
            return false;
    }
}

/* ---- opening ------------------------------------------------------------------------------- */

static int new_socket(const struct addrinfo *a) {
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol), one = 1;
    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
#ifdef SO_NOSIGPIPE
    setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one);
#endif
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0)
        return fd;
    close(fd);
    return -1;
}

/* 0, or the error with which connecting ended. */
static int connect_to(int fd, const struct addrinfo *a, int64_t deadline) {
    int error = 0;
    socklen_t size = sizeof error;
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS && errno != EINTR)
        return errno;
    if (!ready(fd, POLLOUT, deadline))
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

OutboundState outbound_open(Outbound *o, const void *host, size_t host_size, unsigned port,
                            int64_t timeout_ms) {
    char name[OUTBOUND_HOST + 1], service[16];
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
    OutboundState state = OUTBOUND_NO_WAY;
    o->fd = -1;
    o->timeout_ms = timeout_ms;
    o->begin = o->end = 0;
    if (host_size == 0 || host_size > OUTBOUND_HOST || port > UINT16_MAX || memchr(host, 0, host_size))
        return OUTBOUND_NO_WAY;
    memcpy(name, host, host_size);
    name[host_size] = 0;
    snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(name, service, &hints, &found) != 0)
        return OUTBOUND_NO_WAY;
    int64_t deadline = deadline_of(o);
    for (const struct addrinfo *a = found; a && state != OUTBOUND_OPEN; a = a->ai_next) {
        int fd = new_socket(a);
        if (fd < 0)
            continue;
        int error = connect_to(fd, a, deadline);
        if (error == 0) {
            o->fd = fd;
            state = OUTBOUND_OPEN;
            break;
        }
        close(fd);
        if (error == ECONNREFUSED)
            state = OUTBOUND_REFUSED;
    }
    freeaddrinfo(found);
    return state;
}

void outbound_close(Outbound *o) {
    if (o->fd >= 0)
        close(o->fd);
    o->fd = -1;
}

/* ---- talking ------------------------------------------------------------------------------- */

static bool again(void) { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

static bool send_piece(Outbound *o, const uint8_t *p, size_t size) {
    int64_t deadline = deadline_of(o);
    while (size > 0) {
        ssize_t sent = send(o->fd, p, size, MSG_NOSIGNAL);
        if (sent > 0) {
            p += sent;
            size -= (size_t)sent;
        } else if ((sent < 0 && !again()) || !ready(o->fd, POLLOUT, deadline)) {
            return false;
        }
    }
    return true;
}

bool outbound_send(Outbound *o, const void *data, size_t size) {
    const uint8_t *p = data;
    while (size > 0) {
        size_t piece = size < OUTBOUND_PIECE ? size : OUTBOUND_PIECE;
        if (!send_piece(o, p, piece))
            return false;
        p += piece;
        size -= piece;
    }
    return true;
}

bool outbound_line(Outbound *o, const uint8_t **line, size_t *size) {
    int64_t deadline = deadline_of(o);
    size_t looked = o->begin;
    for (;;) {
        const uint8_t *end = memchr(o->bytes + looked, '\n', o->end - looked);
        if (end) {
            *line = o->bytes + o->begin;
            *size = (size_t)(end - *line);
            o->begin += *size + 1;
            if (*size == 0 || end[-1] != '\r')
                return false;
            --*size;
            return true;
        }
        if (o->begin > 0) {
            memmove(o->bytes, o->bytes + o->begin, o->end - o->begin);
            o->end -= o->begin;
            o->begin = 0;
        }
        looked = o->end;
        if (o->end == OUTBOUND_LINE)
            return false;
        ssize_t got = recv(o->fd, o->bytes + o->end, OUTBOUND_LINE - o->end, 0);
        if (got > 0)
            o->end += (size_t)got;
        else if (got == 0 || !again() || !ready(o->fd, POLLIN, deadline))
            return false;
    }
}
