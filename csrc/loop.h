/* loop: which descriptors are ready, behind one small interface.
 *
 * loop_epoll.c (Linux) and loop_kqueue.c (macOS, BSD) implement it; a third one can
 * stand beside them without a change above. One thread waits; any thread may call
 * poller_wake.
 *
 * POLL_EDGE asks to be told of bytes once, when they arrive, and spares the kernel
 * looking at each descriptor again at the next wait. Its owner must read until a read
 * gives less than was asked for and POLL_GONE was not told, or call poller_change, with
 * whatever mask: it tells anew of what is there. (The end of a stream that comes together
 * with its last bytes is told of once, too.) A poller may ignore it and tell every time.
 */
#ifndef CYDIS_LOOP_H
#define CYDIS_LOOP_H

#include <stdbool.h>

enum { POLL_READ = 1, POLL_WRITE = 2, POLL_GONE = 4, POLL_EDGE = 8 };

typedef struct Poller Poller;

typedef struct PollEvent {
    void *owner;   /* as given to poller_add; NULL: poller_wake was called */
    unsigned what; /* POLL_READ | POLL_WRITE | POLL_GONE (error, or the other end sends no more) */
} PollEvent;

const char *poller_name(void);

/* A poller, or NULL with errno set. */
Poller *poller_open(void);
void poller_close(Poller *);

/* Watch fd for `what` on behalf of owner (not NULL); 0, or -1 with errno. */
int poller_add(Poller *, int fd, unsigned what, void *owner);
int poller_change(Poller *, int fd, unsigned before, unsigned what, void *owner);
void poller_remove(Poller *, int fd, unsigned before);

/* Up to max events into out, waiting at most timeout_ms (-1: for ever). The number, 0 on time-out or signal. */
int poller_wait(Poller *, PollEvent *out, int max, int timeout_ms);

/* Ends the current or the next wait. Any thread, any number of times, also a signal handler. */
void poller_wake(Poller *);

#endif
