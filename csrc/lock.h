/* lock: the engine's mutex, with a fast path of one atomic exchange.
 *
 *   held      0 free, 1 held
 *   waiting   threads that sleep in lock_wait
 *
 * A thread that holds the interpreter's lock must never wait here with it: it tries
 * first (lock_try), and only if that fails lets the interpreter go and calls
 * lock_wait. A thread which takes the lock again and again (the network loop) calls
 * lock_yield between, so that the others get their turn.
 */
#ifndef CYDIS_LOCK_H
#define CYDIS_LOCK_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef struct Lock {
    atomic_uint held, waiting;
    pthread_mutex_t mutex;
    pthread_cond_t freed;
} Lock;

static inline void lock_init(Lock *l) {
    atomic_init(&l->held, 0);
    atomic_init(&l->waiting, 0);
    pthread_mutex_init(&l->mutex, NULL);
    pthread_cond_init(&l->freed, NULL);
}

static inline void lock_destroy(Lock *l) {
    pthread_cond_destroy(&l->freed);
    pthread_mutex_destroy(&l->mutex);
}

static inline bool lock_try(Lock *l) {
    return atomic_exchange_explicit(&l->held, 1, memory_order_acquire) == 0;
}

static inline void lock_wait(Lock *l) {
    if (lock_try(l))
        return;
    pthread_mutex_lock(&l->mutex);
    atomic_fetch_add(&l->waiting, 1);
    while (atomic_exchange(&l->held, 1) != 0)
        pthread_cond_wait(&l->freed, &l->mutex);
    atomic_fetch_sub(&l->waiting, 1);
    pthread_mutex_unlock(&l->mutex);
}

static inline void lock_release(Lock *l) {
    atomic_exchange(&l->held, 0); /* sequentially consistent: `waiting` is read after it */
    if (atomic_load(&l->waiting)) {
        pthread_mutex_lock(&l->mutex);
        pthread_cond_signal(&l->freed);
        pthread_mutex_unlock(&l->mutex);
    }
}

/* Lets those who wait go first; bounded, so that a waiter which was killed cannot hold us. */
static inline void lock_yield(Lock *l) {
    unsigned before = atomic_load_explicit(&l->waiting, memory_order_relaxed);
    for (int i = 0; before && i < 64 && atomic_load_explicit(&l->waiting, memory_order_relaxed) >= before;
         i++)
        sched_yield();
}

#endif
