/* loop_epoll: the poller on Linux: one epoll descriptor, and one eventfd for waking. */
#ifdef __linux__
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "loop.h"

enum { MAX_EVENTS = 256 };

struct Poller {
    int epoll, wake;
    struct epoll_event events[MAX_EVENTS];
};

const char *poller_name(void) { return "epoll"; }

static uint32_t mask_of(unsigned what) {
    return (what & POLL_READ ? EPOLLIN : 0u) | (what & POLL_WRITE ? EPOLLOUT : 0u)
           | (what & POLL_EDGE ? EPOLLET | EPOLLRDHUP : 0u);
}

Poller *poller_open(void) {
    Poller *p = malloc(sizeof *p);
    if (!p)
        return NULL;
    p->epoll = epoll_create1(EPOLL_CLOEXEC);
    p->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    if (p->epoll < 0 || p->wake < 0 || epoll_ctl(p->epoll, EPOLL_CTL_ADD, p->wake, &e) < 0) {
        int saved = errno;
        poller_close(p);
        errno = saved;
        return NULL;
    }
    return p;
}

void poller_close(Poller *p) {
    if (p->epoll >= 0)
        close(p->epoll);
    if (p->wake >= 0)
        close(p->wake);
    free(p);
}

int poller_add(Poller *p, int fd, unsigned what, void *owner) {
    struct epoll_event e = {.events = mask_of(what), .data.ptr = owner};
    return epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &e);
}

int poller_change(Poller *p, int fd, unsigned before, unsigned what, void *owner) {
    struct epoll_event e = {.events = mask_of(what), .data.ptr = owner};
    (void)before;
    return epoll_ctl(p->epoll, EPOLL_CTL_MOD, fd, &e);
}

void poller_remove(Poller *p, int fd, unsigned before) {
    (void)before;
    epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, NULL);
}

int poller_wait(Poller *p, PollEvent *out, int max, int timeout_ms) {
    int n = epoll_wait(p->epoll, p->events, max < MAX_EVENTS ? max : MAX_EVENTS, timeout_ms);
    for (int i = 0; i < n; i++) {
        uint32_t e = p->events[i].events;
        out[i].owner = p->events[i].data.ptr;
        out[i].what = (e & EPOLLIN ? POLL_READ : 0u) | (e & EPOLLOUT ? POLL_WRITE : 0u)
                      | (e & (EPOLLERR | EPOLLHUP | EPOLLRDHUP) ? POLL_GONE : 0u);
        if (!out[i].owner) {
            uint64_t count;
            ssize_t got = read(p->wake, &count, sizeof count);
            (void)got;
        }
    }
    return n < 0 ? 0 : n;
}

void poller_wake(Poller *p) {
    uint64_t one = 1;
    ssize_t put = write(p->wake, &one, sizeof one);
    (void)put;
}
#endif
