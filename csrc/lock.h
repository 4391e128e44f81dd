/* lock: the engine's mutex, with a fast path of one atomic exchange.
 *
 *   held      0 free, 1 held
 *   waiting   threads that sleep until it is free, or are about to
 *   shared    there may be takers that do not hold the guard
 *
 * A thread that holds the interpreter's lock must never wait here with it: it tries
 * first, and only if that fails lets the interpreter go and waits. A thread which
 * takes the lock again and again (the network loop) calls lock_yield between, so that
 * the others get their turn.
 *
 * The guard. As long as a lock is not shared, whoever takes it holds another lock, the
 * same for all, while it does so: the interpreter's. Then taking needs no atomic exchange, nor does
 * giving back under the guard: some 12 ns of an embedded call. lock_share ends that for
 * good, before the first thread that takes the lock without the guard begins; it is called under the guard.
 * Under the guard:
 *
 *      while (!lock_try_guarded(l)) {
 *          lock_announce(l);
 *          ... let the guard go ...  taken = lock_await(l);  ... take the guard ...
 *          if (taken) break;
 *      }
 *      ... lock_release_guarded(l), or lock_release(l) where the guard was let go
 */
#ifndef CYDIS_LOCK_H
#define CYDIS_LOCK_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef struct Lock {
    atomic_uint held, waiting;
    atomic_bool shared;
    pthread_mutex_t mutex;
    pthread_cond_t freed;
} Lock;

static inline void lock_init(Lock *l) {
    atomic_init(&l->held, 0);
    atomic_init(&l->waiting, 0);
    atomic_init(&l->shared, false);
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

static inline void lock_share(Lock *l) { atomic_store(&l->shared, true); }

static inline bool lock_try_guarded(Lock *l) {
    if (atomic_load_explicit(&l->shared, memory_order_relaxed))
        return lock_try(l);
    if (atomic_load_explicit(&l->held, memory_order_acquire))
        return false;
    atomic_store_explicit(&l->held, 1, memory_order_relaxed);
    return true;
}

/* A waiter announced itself under the guard, so that no exchange is needed to see it. */
static inline void lock_release_guarded(Lock *l) {
    if (atomic_load_explicit(&l->shared, memory_order_relaxed)) {
        lock_release(l);
        return;
    }
    atomic_store_explicit(&l->held, 0, memory_order_release);
    if (__builtin_expect(atomic_load_explicit(&l->waiting, memory_order_relaxed) != 0, 0)) {
        pthread_mutex_lock(&l->mutex);
        pthread_cond_signal(&l->freed);
        pthread_mutex_unlock(&l->mutex);
    }
}

static inline void lock_announce(Lock *l) { atomic_fetch_add(&l->waiting, 1); }

/* Waits, without the guard, until the lock is free; takes it if it is shared and says whether it did. */
static inline bool lock_await(Lock *l) {
    bool take = atomic_load(&l->shared);
    pthread_mutex_lock(&l->mutex);
    while (take ? atomic_exchange(&l->held, 1) : atomic_load(&l->held))
        pthread_cond_wait(&l->freed, &l->mutex);
    atomic_fetch_sub(&l->waiting, 1);
    pthread_mutex_unlock(&l->mutex);
    return take;
}

/* Lets those who wait go first; bounded, so that a waiter which was killed cannot hold us. */
static inline void lock_yield(Lock *l) {
    unsigned before = atomic_load_explicit(&l->waiting, memory_order_relaxed);
    for (int i = 0; before && i < 64 && atomic_load_explicit(&l->waiting, memory_order_relaxed) >= before;
         i++)
        sched_yield();
}

#endif
