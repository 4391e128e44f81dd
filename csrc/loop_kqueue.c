/* loop_kqueue: the poller on macOS and the BSDs: one kqueue, and one pipe for waking. */
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__)
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/event.h>
#include <sys/time.h>
#include <unistd.h>

#include "loop.h"

enum { MAX_EVENTS = 256 };

struct Poller {
    int queue, wake[2];
    struct kevent events[MAX_EVENTS];
};

const char *poller_name(void) { return "kqueue"; }

static int set(Poller *p, int fd, short filter, unsigned short flags, void *owner) {
    struct kevent e;
    EV_SET(&e, fd, filter, flags, 0, 0, owner);
    return kevent(p->queue, &e, 1, NULL, 0, NULL);
}

Poller *poller_open(void) {
    Poller *p = malloc(sizeof *p);
    if (!p)
        return NULL;
    p->wake[0] = p->wake[1] = -1;
    p->queue = kqueue();
    if (p->queue < 0 || pipe(p->wake) < 0 || set(p, p->wake[0], EVFILT_READ, EV_ADD, NULL) < 0) {
        int saved = errno;
        poller_close(p);
        errno = saved;
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(p->wake[i], F_SETFL, O_NONBLOCK);
        fcntl(p->wake[i], F_SETFD, FD_CLOEXEC);
    }
    fcntl(p->queue, F_SETFD, FD_CLOEXEC);
    return p;
}

void poller_close(Poller *p) {
    if (p->queue >= 0)
        close(p->queue);
    for (int i = 0; i < 2; i++)
        if (p->wake[i] >= 0)
            close(p->wake[i]);
    free(p);
}

int poller_change(Poller *p, int fd, unsigned before, unsigned what, void *owner) {
    int r = 0;
    if ((before ^ what) & POLL_READ)
        r |= set(p, fd, EVFILT_READ, what & POLL_READ ? EV_ADD : EV_DELETE, owner);
    if ((before ^ what) & POLL_WRITE)
        r |= set(p, fd, EVFILT_WRITE, what & POLL_WRITE ? EV_ADD : EV_DELETE, owner);
    return r;
}

int poller_add(Poller *p, int fd, unsigned what, void *owner) { return poller_change(p, fd, 0, what, owner); }

void poller_remove(Poller *p, int fd, unsigned before) { poller_change(p, fd, before, 0, NULL); }

int poller_wait(Poller *p, PollEvent *out, int max, int timeout_ms) {
    struct timespec t = {timeout_ms / 1000, (timeout_ms % 1000) * 1000000L};
    int n =
        kevent(p->queue, NULL, 0, p->events, max < MAX_EVENTS ? max : MAX_EVENTS, timeout_ms < 0 ? NULL : &t);
    for (int i = 0; i < n; i++) {
        struct kevent *e = &p->events[i];
        out[i].owner = e->udata;
        out[i].what = (e->filter == EVFILT_READ ? POLL_READ : 0u)
                      | (e->filter == EVFILT_WRITE ? POLL_WRITE : 0u)
                      | (e->flags & EV_ERROR ? POLL_GONE : 0u);
        if (!out[i].owner) {
            char drain[64];
            while (read(p->wake[0], drain, sizeof drain) > 0)
                continue;
        }
    }
    return n < 0 ? 0 : n;
}

void poller_wake(Poller *p) {
    ssize_t put = write(p->wake[1], "", 1);
    (void)put;
}
#endif
