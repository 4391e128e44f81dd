"""The wire protocol for Python: requests out of bytes, replies into objects; see docs/resp.md.

Plain doors to the kernel, for tests, tools and curious users. The server's loop uses the kernel itself.
"""
from libc.string cimport memcpy

from cydis.core.buffer cimport buffer_close, buffer_init


class ProtocolError(ValueError):
    """What was fed is not the protocol. `requests` holds the requests that were complete before it."""

    def __init__(self, text, requests=()):
        super().__init__(text)
        self.requests = list(requests)


class ReplyError(Exception):
    """An error reply, as decode_reply gives it back (it does not raise it)."""

    def __eq__(self, other):
        return type(self) is type(other) and self.args == other.args

    def __hash__(self):
        return hash(self.args)


cdef inline bytes bytes_of(RespArg text):
    return (<const char*> text.data)[:text.size] if text.size else b""


cdef class RequestParser:
    """RequestParser(max_bulk=..., max_inline=65536, authenticated=True): the server's parser over a buffer.

    Limits as in csrc/resp.h; before authentication a request may have 10 arguments of 16384 bytes.
    Raises ValueError for limits below 0 and lines below 16 bytes.
    """

    def __cinit__(self, int64_t max_bulk=RESP_MAX_BULK, Py_ssize_t max_inline=RESP_MAX_INLINE,
                  bint authenticated=True):
        buffer_init(&self.input, NULL, 0)
        if max_bulk < 0 or max_inline < 16:
            raise ValueError("a limit is too small")
        self.limits.max_bulk = max_bulk
        self.limits.max_inline = max_inline
        self.limits.authenticated = authenticated

    def __dealloc__(self):
        resp_args_close(&self.args)
        buffer_close(&self.input)

    def feed(self, bytes data not None):
        """The requests that `data` completes, each a list of bytes. O(len(data)).

        Raises ProtocolError with the server's text, and again at every later call; and MemoryError.
        """
        cdef list requests = []
        cdef RespStatus status
        cdef RespArg* items
        cdef size_t i
        cdef char[RESP_ERROR_MAX] text
        if not resp_reserve(&self.args, &self.input, len(data)):
            raise MemoryError
        if data:
            memcpy(self.input.data + self.input.used, <const char*> data, len(data))
            self.input.used += len(data)
        while True:
            status = resp_parse(&self.parser, &self.limits, self.input.data, self.input.used, &self.args)
            if status != RESP_REQUEST:
                break
            items = self.args.items + self.parser.first
            requests.append([bytes_of(items[i]) for i in range(self.parser.argc)])
        if status == RESP_CLOSE:
            raise MemoryError
        if status == RESP_ERROR:
            raise ProtocolError(text[:resp_error_text(&self.parser, text)].decode("latin-1"), requests)
        resp_compact(&self.parser, &self.args, &self.input)
        return requests

    @property
    def need(self):
        """Bytes still missing of the string being read, its CRLF included; 0 between strings."""
        return self.parser.need


cdef object frozen(value):
    """`value` as something that can be a key of a dict or a member of a set."""
    if isinstance(value, list):
        return tuple([frozen(each) for each in value])
    if isinstance(value, dict):
        return frozenset([(key, frozen(each)) for key, each in value.items()])
    if isinstance(value, set):
        return frozenset(value)
    return value


cdef object read_object(const uint8_t* p, size_t n, size_t* used):
    """The object at p, which resp_walk has found whole; *used moves behind it."""
    cdef RespToken token
    cdef uint64_t _i
    while True:
        resp_token(p + used[0], n - used[0], &token)
        used[0] += token.used
        if token.type != c"|":
            break
        for _i in range(token.children):
            read_object(p, n, used)
    if token.null:
        return None
    kind = token.type
    if kind == c"*" or kind == c">":
        return [read_object(p, n, used) for _i in range(token.count)]
    if kind == c"~":
        return {frozen(read_object(p, n, used)) for _i in range(token.count)}
    if kind == c"%":
        pairs = {}
        for _i in range(token.count):
            key = frozen(read_object(p, n, used))
            pairs[key] = read_object(p, n, used)
        return pairs
    if kind == c":":
        return token.integer
    if kind == c"#":
        return token.integer != 0
    if kind == c",":
        return token.number
    if kind == c"(":
        return int(bytes_of(token.text))
    if kind == c"-" or kind == c"!":
        return ReplyError(bytes_of(token.text).decode("utf-8", "surrogateescape"))
    return bytes_of(token.text)


def decode_reply(bytes data not None):
    """The one reply that `data` is, RESP2 or RESP3, as an object. O(len(data)).

    Strings are bytes, null is None, errors are ReplyError, maps dict, sets set, arrays and pushes list;
    attributes are dropped. What is a key or a member is frozen: list to tuple, dict and set to frozenset.
    Raises ValueError if `data` is not exactly one reply.
    """
    cdef const uint8_t* p = <const uint8_t*> <const char*> data
    cdef size_t n = len(data), used = 0
    cdef RespStatus status = resp_walk(p, n, &used)
    if status == RESP_INCOMPLETE:
        raise ValueError("the reply is not complete")
    if status != RESP_REQUEST:
        raise ValueError("not a reply")
    if used != n:
        raise ValueError(f"{n - used} bytes behind the reply")
    used = 0
    return read_object(p, n, &used)


cdef object argument(value):
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, int) and not isinstance(value, bool):
        return b"%d" % value
    if isinstance(value, float):
        return repr(value).encode()
    raise TypeError(f"an argument is str, bytes, int or float, not {type(value).__name__}")


def encode_command(*args):
    """A request of `args` (str, bytes, int or float) as clients send it. O(total length).

    Raises TypeError for arguments of other types, MemoryError.
    """
    cdef Buffer out
    cdef bytes each
    cdef list words = [argument(value) for value in args]
    buffer_init(&out, NULL, 0)
    try:
        resp_request(&out, len(words))
        for each in words:
            resp_bulk(&out, <const char*> each, len(each))
        if out.failed:
            raise MemoryError
        return (<const char*> out.data)[:out.used]
    finally:
        buffer_close(&out)
