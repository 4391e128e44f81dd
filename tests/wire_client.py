"""A raw RESP2 and RESP3 client for tests: it shows what was on the wire, not what it means.

Replies keep their RESP type, so that two servers can be compared exactly:

    +text   Status           $n      bytes            *n   Array
    -text   Error            =n      Verbatim         ~n   Set
    :n      int              ,text   Double           %n   Map (a list of pairs)
    #t #f   Boolean          (text   BigNumber        >n   Push
    $-1     NULL_BULK        *-1     NULL_ARRAY       _    NULL

Equality knows the type: Status(b"1") differs from b"1" and from 1, Array from Set, and the three
nulls from one another. A Double is compared by its text: `3` and `3.0` are different replies.

Costs: reading is linear in the bytes of the reply; `raw_replies` only looks for the ends of replies
and makes no objects for their contents.
"""
import select
import socket


class Text(bytes):
    """A reply made of bytes whose RESP type counts when it is compared."""

    __slots__ = ()

    def __eq__(self, other):
        return type(self) is type(other) and bytes.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((type(self).__name__, bytes(self)))

    def __repr__(self):
        return f"{type(self).__name__}({bytes(self)!r})"

    __str__ = __repr__


class Status(Text):
    """A simple string."""


class Error(Text):
    """An error. `code` is its first word."""

    @property
    def code(self):
        return bytes(self).split(b" ", 1)[0]


class Double(Text):
    """A RESP3 double; `value` is the number."""

    @property
    def value(self):
        return float(self)


class Boolean(Text):
    """A RESP3 boolean: b"t" or b"f"."""


class BigNumber(Text):
    """A RESP3 big number."""


class Verbatim(Text):
    """A RESP3 verbatim string, with its three-letter format and colon."""


class Aggregate(list):
    """A reply that holds replies; its RESP type counts when it is compared."""

    __slots__ = ()

    def __eq__(self, other):
        return type(self) is type(other) and list.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    __hash__ = None

    def __repr__(self):
        return f"{type(self).__name__}({list.__repr__(self)})"


class Array(Aggregate):
    """An array."""


class Set(Aggregate):
    """A RESP3 set, in the order of the wire."""


class Map(Aggregate):
    """A RESP3 map as a list of (key, value) pairs, in the order of the wire."""


class Push(Aggregate):
    """A RESP3 push message."""


class Attribute(Aggregate):
    """A RESP3 attribute, as pairs."""


class Null:
    """One of the three nulls; each exists once."""

    __slots__ = ("name",)

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name


OK = Status(b"OK")
NULL_BULK = Null("NULL_BULK")
NULL_ARRAY = Null("NULL_ARRAY")
NULL = Null("NULL")

LINES = {b"+": Status, b"-": Error, b",": Double, b"#": Boolean, b"(": BigNumber}
LISTS = {b"*": Array, b"~": Set, b">": Push}
PAIRS = {b"%": Map, b"|": Attribute}
NESTED = b"*~>%|"


class Incomplete(Exception):
    """The buffer ends inside a reply."""


class ProtocolViolation(Exception):
    """The server sent something that is not RESP."""


def encode(arguments):
    """Return the request bytes of one command given as bytes, str, int or float arguments."""
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        if not isinstance(argument, bytes):
            argument = str(argument).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(argument), argument))
    return b"".join(parts)


def parse(buffer, position=0):
    """Return (reply, position after it). Raises Incomplete or ProtocolViolation."""
    end = buffer.find(b"\r\n", position)
    if end < 0:
        raise Incomplete
    kind, body, after = bytes(buffer[position:position + 1]), bytes(buffer[position + 1:end]), end + 2
    if kind in LINES:
        return LINES[kind](body), after
    if kind == b"_":
        return NULL, after
    try:
        number = int(body)
    except ValueError:
        raise ProtocolViolation(bytes(buffer[position:end + 2])) from None
    if kind == b":":
        return number, after
    if kind in b"$=":
        if number < 0:
            return NULL_BULK, after
        if len(buffer) < after + number + 2:
            raise Incomplete
        if buffer[after + number:after + number + 2] != b"\r\n":
            raise ProtocolViolation(bytes(buffer[position:after + number + 2]))
        text = bytes(buffer[after:after + number])
        return (text if kind == b"$" else Verbatim(text)), after + number + 2
    if kind in LISTS:
        if number < 0:
            return NULL_ARRAY, after
        items = LISTS[kind]()
        for _ in range(number):
            item, after = parse(buffer, after)
            items.append(item)
        return items, after
    if kind in PAIRS:
        pairs = PAIRS[kind]()
        for _ in range(number):
            key, after = parse(buffer, after)
            value, after = parse(buffer, after)
            pairs.append((key, value))
        return pairs, after
    raise ProtocolViolation(bytes(buffer[position:end + 2]))


def skip(buffer, position):
    """Return the position after the reply that starts at `position`, or -1 when it is incomplete."""
    pending = 1
    find = buffer.find
    while pending:
        end = find(b"\r\n", position)
        if end < 0:
            return -1
        kind = buffer[position]
        pending -= 1
        if kind in b"$=":
            length = int(buffer[position + 1:end])
            position = end + 2 + (length + 2 if length >= 0 else 0)
            if position > len(buffer):
                return -1
        else:
            if kind in NESTED:
                count = int(buffer[position + 1:end])
                pending += max(count, 0) * (2 if kind in b"%|" else 1)
            position = end + 2
    return position


def plain(reply):
    """Return the reply without its RESP type: bytes, numbers, lists, dicts and None, for easy asserts."""
    if isinstance(reply, Null):
        return None
    if isinstance(reply, Double):
        return reply.value
    if isinstance(reply, Boolean):
        return bytes(reply) == b"t"
    if isinstance(reply, (Map, Attribute)):
        return {plain(key): plain(value) for key, value in reply}
    if isinstance(reply, Aggregate):
        return [plain(item) for item in reply]
    return bytes(reply) if isinstance(reply, Text) else reply


class WireClient:
    """One connection. Every wait ends after `timeout` seconds with TimeoutError."""

    def __init__(self, port=None, host="127.0.0.1", unixsocket=None, timeout=10.0, protocol=2):
        if unixsocket is None:
            self.socket = socket.create_connection((host, port), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(str(unixsocket))
        self.timeout = timeout
        self.buffer = bytearray()
        self.position = 0
        if protocol == 3:
            self.call("HELLO", 3)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the connection; closing twice is allowed."""
        self.socket.close()

    def send_raw(self, data):
        """Send bytes as they are."""
        self.socket.sendall(data)

    def send(self, *arguments):
        """Send one command without waiting for its reply."""
        self.socket.sendall(encode(arguments))

    def call(self, *arguments):
        """Send one command and return its reply; an error is returned, not raised."""
        self.send(*arguments)
        return self.read()

    def pipeline(self, commands):
        """Send all commands (sequences of arguments) and return the list of their replies."""
        commands = list(commands)
        self.send_while_reading(b"".join(map(encode, commands)))
        return [self.read() for _ in commands]

    def read(self):
        """Return the next reply. Raises EOFError when the server has closed the connection."""
        while True:
            try:
                reply, self.position = parse(self.buffer, self.position)
            except Incomplete:
                self.receive()
            else:
                self.forget_read()
                return reply

    def raw_replies(self, count):
        """Return the next `count` replies as bytes, each exactly as it was on the wire."""
        replies = []
        while len(replies) < count:
            after = skip(self.buffer, self.position)
            if after < 0:
                self.receive()
                continue
            replies.append(bytes(self.buffer[self.position:after]))
            self.position = after
            self.forget_read()
        return replies

    def closed_by_server(self):
        """Wait until the server closes the connection; return the bytes that came before."""
        try:
            while True:
                self.receive()
        except (EOFError, ConnectionResetError):
            return bytes(self.buffer[self.position:])

    def receive(self):
        """Append what the server sends next to the buffer."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise EOFError("the server closed the connection")
        self.buffer += data

    def send_while_reading(self, data):
        """Send much without a deadlock: a server need not read on while its replies are not read."""
        view = memoryview(data)
        self.socket.setblocking(False)
        try:
            while view:
                readable, writable, _ = select.select([self.socket], [self.socket], [], self.timeout)
                if not readable and not writable:
                    raise TimeoutError("the server neither reads nor writes")
                if readable:
                    self.receive()
                if writable:
                    view = view[self.socket.send(view):]
        finally:
            self.socket.settimeout(self.timeout)

    def forget_read(self):
        """Drop the part of the buffer that has been returned."""
        if self.position == len(self.buffer):
            self.buffer.clear()
            self.position = 0
        elif self.position > 1 << 16:
            del self.buffer[:self.position]
            self.position = 0
