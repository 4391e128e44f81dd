/* outbound against listeners of its own, which behave and which do not. No test asserts how long something took. */
#include "outbound.h"
#include "packed.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENT = 20000, HASTY = 50 }; /* ms */

typedef struct {
    int listener;
    unsigned port;
    const char *says; /* to whoever comes, at once */
    size_t size;
    bool slowly; /* byte by byte, until the other has gone */
    size_t reads; /* bytes that it waits for before it closes */
    size_t got;
} Host;

static unsigned listen_on(int *fd, int family) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = family == AF_INET6 ? sizeof six : sizeof four;
    struct sockaddr *address = family == AF_INET6 ? (struct sockaddr *)&six : (struct sockaddr *)&four;
    *fd = socket(family, SOCK_STREAM, 0);
    if (*fd < 0 || bind(*fd, address, size) != 0 || listen(*fd, 1) != 0)
        return 0;
    getsockname(*fd, address, &size);
    return ntohs(family == AF_INET6 ? six.sin6_port : four.sin_port);
}

static void *serve(void *of) {
    Host *host = of;
    int fd = accept(host->listener, NULL, NULL);
    char bytes[4096];
    for (size_t i = 0; host->slowly && send(fd, host->says + i % host->size, 1, MSG_NOSIGNAL) == 1; i++)
        usleep(HASTY * 1000 / 5);
    if (!host->slowly)
        CHECK(send(fd, host->says, host->size, MSG_NOSIGNAL) == (ssize_t)host->size);
    while (host->got < host->reads) {
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n <= 0)
            break;
        host->got += (size_t)n;
    }
    close(fd);
    return NULL;
}

static pthread_t start(Host *host) {
    pthread_t thread;
    host->port = listen_on(&host->listener, AF_INET);
    CHECK(host->port != 0);
    CHECK(pthread_create(&thread, NULL, serve, host) == 0);
    return thread;
}

static void stop(Host *host, pthread_t thread) {
    pthread_join(thread, NULL);
    close(host->listener);
}

static OutboundState open_to(Outbound *o, const char *name, unsigned port, int64_t timeout) {
    return outbound_open(o, name, strlen(name), port, timeout);
}

static void check_line(Outbound *o, const char *expected) {
    const uint8_t *line;
    size_t size;
    CHECK(outbound_line(o, &line, &size));
    CHECK(size == strlen(expected) && memcmp(line, expected, size) == 0);
}

static bool no_line(Outbound *o) {
    const uint8_t *line;
    size_t size;
    return !outbound_line(o, &line, &size);
}

static void test_lines_come_whole_however_they_are_cut(void) {
    static const char text[] = "+OK\r\n-ERR no\r\n\r\n+half";
    Host host = {.says = text, .size = sizeof text - 1};
    pthread_t thread = start(&host);
    Outbound o;
    CHECK(open_to(&o, "127.0.0.1", host.port, PATIENT) == OUTBOUND_OPEN);
    check_line(&o, "+OK");
    check_line(&o, "-ERR no");
    check_line(&o, "");
    CHECK(no_line(&o)); /* closed in the middle of it */
    outbound_close(&o);
    outbound_close(&o);
    stop(&host, thread);
}

static void test_a_line_of_any_size_up_to_the_limit(void) {
    for (size_t size = OUTBOUND_LINE - 2; size <= OUTBOUND_LINE + 2; size++) {
        char *text = malloc(2 * size + 5);
        memset(text, 'x', 2 * size);
        memcpy(text, "+1\r\n", 4);
        memcpy(text + 4 + size - 2, "\r\n", 2);
        Host host = {.says = text, .size = 4 + size};
        pthread_t thread = start(&host);
        Outbound o;
        CHECK(open_to(&o, "127.0.0.1", host.port, PATIENT) == OUTBOUND_OPEN);
        check_line(&o, "+1");
        CHECK(no_line(&o) == (size > OUTBOUND_LINE));
        outbound_close(&o);
        stop(&host, thread);
        free(text);
    }
}

static void test_a_line_ends_with_both(void) {
    Host host = {.says = "+OK\n+OK\r\n", .size = 9};
    pthread_t thread = start(&host);
    Outbound o;
    CHECK(open_to(&o, "127.0.0.1", host.port, PATIENT) == OUTBOUND_OPEN);
    CHECK(no_line(&o));
    outbound_close(&o);
    stop(&host, thread);
}

static void test_who_says_nothing_or_little_is_not_waited_for(void) {
    for (int slowly = 0; slowly < 2; slowly++) {
        Host host = {.says = "x", .size = slowly, .slowly = slowly, .reads = 1};
        pthread_t thread = start(&host);
        Outbound o;
        CHECK(open_to(&o, "127.0.0.1", host.port, HASTY) == OUTBOUND_OPEN);
        CHECK(no_line(&o));
        outbound_close(&o);
        stop(&host, thread);
    }
}

static void test_everything_is_sent(void) {
    size_t size = 5 * OUTBOUND_PIECE + 123;
    char *bytes = calloc(1, size);
    Host host = {.says = "", .reads = size};
    pthread_t thread = start(&host);
    Outbound o;
    CHECK(open_to(&o, "127.0.0.1", host.port, PATIENT) == OUTBOUND_OPEN);
    CHECK(outbound_send(&o, bytes, size));
    CHECK(outbound_send(&o, bytes, 0));
    stop(&host, thread);
    CHECK(host.got == size);
    while (outbound_send(&o, bytes, size)) /* nobody is there any more, and no signal ends this program */
        ;
    outbound_close(&o);
    free(bytes);
}

static void test_who_does_not_read_is_not_waited_for(void) {
    size_t size = 64 << 20; /* more than any socket's buffers */
    char *bytes = calloc(1, size);
    int listener;
    unsigned port = listen_on(&listener, AF_INET);
    Outbound o;
    CHECK(open_to(&o, "127.0.0.1", port, HASTY) == OUTBOUND_OPEN);
    CHECK(!outbound_send(&o, bytes, size));
    outbound_close(&o);
    close(listener);
    free(bytes);
}

static void test_nobody_listens(void) {
    int listener;
    unsigned port = listen_on(&listener, AF_INET);
    Outbound o;
    close(listener);
    CHECK(open_to(&o, "127.0.0.1", port, PATIENT) == OUTBOUND_REFUSED);
    outbound_close(&o);
}

static void test_names(void) {
    char name[OUTBOUND_HOST + 1];
    Host host = {.says = "+OK\r\n", .size = 5};
    pthread_t thread = start(&host);
    Outbound o;
    memset(name, '1', sizeof name);
    CHECK(open_to(&o, "", host.port, PATIENT) == OUTBOUND_NO_WAY);
    CHECK(open_to(&o, "127.0.0.1", 65536 + host.port, PATIENT) == OUTBOUND_NO_WAY);
    CHECK(outbound_open(&o, "127.0.0.1\0.example", 18, host.port, PATIENT) == OUTBOUND_NO_WAY);
    CHECK(outbound_open(&o, name, sizeof name, host.port, PATIENT) == OUTBOUND_NO_WAY);
    CHECK(open_to(&o, "no such name", host.port, PATIENT) == OUTBOUND_NO_WAY);
    CHECK(open_to(&o, "localhost", host.port, INT64_MAX) == OUTBOUND_OPEN); /* perhaps ::1 is asked first */
    check_line(&o, "+OK");
    outbound_close(&o);
    stop(&host, thread);
}

static void test_ipv6(void) {
    int listener;
    unsigned port = listen_on(&listener, AF_INET6);
    Outbound o;
    if (port) { /* the machine may have none */
        CHECK(open_to(&o, "::1", port, PATIENT) == OUTBOUND_OPEN);
        outbound_close(&o);
    }
    close(listener);
}

int main(void) {
    RUN(test_lines_come_whole_however_they_are_cut);
    RUN(test_a_line_of_any_size_up_to_the_limit);
    RUN(test_a_line_ends_with_both);
    RUN(test_who_says_nothing_or_little_is_not_waited_for);
    RUN(test_everything_is_sent);
    RUN(test_who_does_not_read_is_not_waited_for);
    RUN(test_nobody_listens);
    RUN(test_names);
    RUN(test_ipv6);
    return finish("outbound");
}
