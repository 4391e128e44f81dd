/* load: prebuilt pipelines over several sockets, as fast as one server answers them, for a given time.
 *
 *   cc -O2 benchmarks/load.c -o build/load
 *   build/load PORT SOCKETS MILLISECONDS < FILE 3< PIPE
 *
 * FILE holds blocks, each of two u32 (bytes, requests) and the bytes of so many requests: the first block is sent
 * once by every socket before the time begins, the others go round, each socket beginning elsewhere and having one
 * block under way at a time. "ready" is written when all sockets stand; the load begins with the next byte of the
 * pipe on descriptor 3, and the sockets are closed when that pipe ends.
 *
 * Writes one line: requests, errors, seconds, and of the time a block takes the median and the 99th percentile in
 * microseconds; then the first error. Replies of RESP2 and RESP3 are only counted.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_SOCKETS = 256, BUFFER = 1 << 18, CONTROL = 3 };

typedef struct {
    char *bytes;
    uint32_t size, requests;
} Block;

typedef struct {
    int fd;
    size_t next;       /* block to be sent */
    uint64_t values;   /* replies outstanding, elements of nested ones included */
    uint64_t skip;     /* bytes of a bulk that are still to come */
    size_t left;       /* bytes of an incomplete line at the start of the buffer */
    double since;      /* when the block under way was sent */
    const Block *sent;
    char *buffer;
} Socket;

static Block *blocks;
static size_t block_count, time_count, time_room;
static float *times;
static uint64_t requests, errors;
static char first_error[200];

static void fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void read_blocks(void) {
    uint32_t head[2];
    size_t room = 0;
    while (fread(head, sizeof head, 1, stdin) == 1) {
        if (block_count == room
            && !(blocks = realloc(blocks, (room = room ? 2 * room : 64) * sizeof *blocks)))
            fail("memory");
        Block *b = &blocks[block_count++];
        *b = (Block){malloc(head[0] + 1), head[0], head[1]};
        if (!b->bytes || fread(b->bytes, 1, b->size, stdin) != b->size)
            fail("a block cut short");
    }
    if (block_count < 2)
        fail("no blocks");
}

static void send_block(Socket *s, const Block *b) {
    s->since = now();
    s->sent = b;
    s->values = b->requests;
    for (size_t at = 0; at < b->size;) {
        ssize_t n = send(s->fd, b->bytes + at, b->size - at, MSG_NOSIGNAL);
        if (n <= 0)
            fail("send");
        at += (size_t)n;
    }
}

/* One line of a reply, without its end. */
static void take_line(Socket *s, const char *line, size_t size) {
    long long n = size > 1 ? strtoll(line + 1, NULL, 10) : 0;
    s->values--;
    switch (*line) {
    case '-':
        if (errors++ == 0)
            snprintf(first_error, sizeof first_error, "%.*s", (int)size, line);
        break;
    case '$':
    case '=':
        if (n >= 0)
            s->skip = (uint64_t)n + 2;
        break;
    case '*':
    case '~':
    case '>':
        s->values += n > 0 ? (uint64_t)n : 0;
        break;
    case '%':
        s->values += 2 * (uint64_t)n;
        break;
    }
}

static void take_bytes(Socket *s, size_t have) {
    char *p = s->buffer, *end = p + have;
    while (p < end) {
        if (s->skip) {
            size_t n = s->skip < (size_t)(end - p) ? s->skip : (size_t)(end - p);
            s->skip -= n;
            p += n;
            continue;
        }
        char *stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop)
            break;
        take_line(s, p, (size_t)(stop - p) - 1);
        p = stop + 1;
    }
    s->left = (size_t)(end - p);
    memmove(s->buffer, p, s->left);
}

/* Takes what has come; true: the block under way is answered. */
static bool take(Socket *s) {
    ssize_t n = recv(s->fd, s->buffer + s->left, BUFFER - s->left - 1, 0);
    if (n <= 0)
        fail("recv");
    size_t have = s->left + (size_t)n;
    s->buffer[have] = 0;
    take_bytes(s, have);
    return s->values == 0 && s->skip == 0;
}

static void keep_time(double seconds) {
    if (time_count == time_room
        && !(times = realloc(times, (time_room = time_room ? 2 * time_room : 4096) * 4)))
        fail("memory");
    times[time_count++] = (float)(seconds * 1e6);
}

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void open_socket(Socket *s, int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1;
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (s->fd < 0 || connect(s->fd, (struct sockaddr *)&to, sizeof to) != 0)
        fail("connect");
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    s->buffer = malloc(BUFFER);
    send_block(s, &blocks[0]);
    while (s->values && !take(s)) {}
}

static void run(Socket *sockets, struct pollfd *polled, int n, double until) {
    int busy = n;
    for (int i = 0; i < n; i++) {
        sockets[i].next = 1 + (block_count - 1) / (size_t)n * (size_t)i;
        send_block(&sockets[i], &blocks[sockets[i].next]);
        polled[i] = (struct pollfd){.fd = sockets[i].fd, .events = POLLIN};
    }
    while (busy) {
        if (poll(polled, (nfds_t)n, -1) < 0)
            fail("poll");
        for (int i = 0; i < n; i++) {
            Socket *s = &sockets[i];
            if (!(polled[i].revents & POLLIN) || !take(s))
                continue;
            double at = now();
            keep_time(at - s->since);
            requests += s->sent->requests;
            if (at < until) {
                s->next = s->next + 1 < block_count ? s->next + 1 : 1;
                send_block(s, &blocks[s->next]);
            } else {
                polled[i].fd = -1;
                busy--;
            }
        }
    }
}

int main(int argc, char **argv) {
    static Socket sockets[MOST_SOCKETS];
    static struct pollfd polled[MOST_SOCKETS];
    char go;
    if (argc != 4)
        fail("PORT SOCKETS MILLISECONDS");
    int n = atoi(argv[2]);
    if (n < 1 || n > MOST_SOCKETS)
        fail("sockets");
    read_blocks();
    for (int i = 0; i < n; i++)
        open_socket(&sockets[i], atoi(argv[1]));
    errors = 0;
    printf("ready\n");
    fflush(stdout);
    if (read(CONTROL, &go, 1) != 1)
        fail("control");
    double begun = now();
    run(sockets, polled, n, begun + atoi(argv[3]) / 1e3);
    double took = now() - begun;
    qsort(times, time_count, sizeof *times, by_size);
    printf("%llu %llu %.6f %.1f %.1f %s\n", (unsigned long long)requests, (unsigned long long)errors, took,
           (double)times[time_count / 2], (double)times[time_count * 99 / 100], first_error);
    fflush(stdout);
    while (read(CONTROL, &go, 1) == 1) {}
    return 0;
}
