/* outbound: a connection to another server, made, used and closed by one caller who waits for it.
 *
 *      outbound_open    a name or an address, IPv4 or IPv6, and a port: each address of the name in turn
 *      outbound_send    all bytes
 *      outbound_line    the next line that came, without its CR LF
 *      outbound_close
 *
 * Waiting has an end. The socket never blocks, every wait is a poll() with a deadline: the whole of opening, each
 * OUTBOUND_PIECE bytes that are sent, and each line must be done `timeout_ms` after they were begun. Who sends a byte
 * now and then gains nothing by it. Only looking up a name is the system's, which has its own patience; an address
 * written in digits asks nobody.
 *
 * What comes in is not trusted. A line ends with CR LF and has at most OUTBOUND_LINE bytes, else reading fails; after
 * any failure the connection is only good to be closed. No memory is allocated but by the system's name lookup.
 */
#ifndef CYDIS_OUTBOUND_H
#define CYDIS_OUTBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    OUTBOUND_HOST = 1024,       /* bytes of a name at most */
    OUTBOUND_LINE = 4096,       /* bytes of a line at most, its end included */
    OUTBOUND_PIECE = 65536,
};

typedef enum {
    OUTBOUND_OPEN,
    OUTBOUND_NO_WAY,            /* no such name, no way there, or the time was over */
    OUTBOUND_REFUSED,           /* the machine answers, but nobody listens there */
} OutboundState;

typedef struct Outbound {
    int fd;                     /* -1: closed */
    int64_t timeout_ms;
    size_t begin, end;          /* of what was read and not yet asked for, in `bytes` */
    uint8_t bytes[OUTBOUND_LINE];
} Outbound;

/* Connects; `host` need not end with a NUL. Whatever comes of it, outbound_close may be called. */
OutboundState outbound_open(Outbound *o, const void *host, size_t host_size, unsigned port,
                            int64_t timeout_ms);

/* False: not all of it went out. */
bool outbound_send(Outbound *o, const void *data, size_t size);

/* The next line, good until the next call. False: none came in time, or what came is not one. */
bool outbound_line(Outbound *o, const uint8_t **line, size_t *size);

void outbound_close(Outbound *o);

#endif
