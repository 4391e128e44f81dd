"""The loop over real sockets: pipelines, halves of commands, slow and hostile clients, limits, the end."""
import os
import socket
import stat
import threading
import time

import pytest
from plain_sockets import connect, read_until

import cydis


@pytest.fixture
def store():
    return cydis.Store()


@pytest.fixture
def service(store):
    with store.serve(port=0) as service:
        yield service


def read_to_end(sock):
    data = b""
    while piece := sock.recv(1 << 16):
        data += piece
    return data


def request(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def test_pipeline_is_answered_in_order(service):
    with connect(service) as sock:
        count = 5000
        sock.sendall(b"".join(request(b"SET", b"k%d" % i, b"v%d" % i) + request(b"GET", b"k%d" % i)
                              for i in range(count)))
        expected = b"".join(b"+OK\r\n$%d\r\nv%d\r\n" % (len(b"v%d" % i), i) for i in range(count))
        assert read_until(sock, len(expected)) == expected


def test_every_split_of_a_request(service, store):
    message = request(b"SET", b"key", b"va\r\nue") + b"GET key\r\n"
    with connect(service) as sock:
        for cut in range(1, len(message)):
            sock.sendall(message[:cut])
            with connect(service) as other:                  # served in between: the first half has surely arrived
                other.sendall(b"PING\r\n")
                assert read_until(other, 7) == b"+PONG\r\n"
            sock.sendall(message[cut:])
            expected = b"+OK\r\n$6\r\nva\r\nue\r\n"
            assert read_until(sock, len(expected)) == expected


def test_large_values_go_through_whole(service, store):
    value = os.urandom(20_000_000)
    with connect(service) as sock:
        sock.sendall(request(b"SET", b"large", value))
        assert read_until(sock, 5) == b"+OK\r\n"
        assert store.execute("GET", "large") == value
        sock.sendall(request(b"GET", b"large"))
        expected = b"$%d\r\n" % len(value) + value + b"\r\n"
        assert read_until(sock, len(expected)) == expected


def test_request_of_very_many_arguments_arriving_in_pieces(service, store):
    pairs = 100_000
    message = request(b"MSET", *(b"%s%d" % (kind, i) for i in range(pairs) for kind in (b"key:", b"value:")))
    with connect(service) as sock:
        sock.sendall(message)
        assert read_until(sock, 5) == b"+OK\r\n"
    assert store.execute("GET", "key:99999") == b"value:99999"
    assert store.execute("DBSIZE") == pairs


@pytest.mark.parametrize(("bad", "text"), [
    (b"*1\r\n$-5\r\n", b"invalid bulk length"),
    (b"*1\r\n$999999999999\r\n", b"invalid bulk length"),
    (b"*99999999999\r\n", b"invalid multibulk length"),
    (b"*1\r\n+4\r\n", b"expected '$', got '+'"),
    (b'GET "unbalanced\r\n', b"unbalanced quotes in request"),
    (b"*1\r\n$4\r\nPINGxx", b"invalid CRLF in request"),
    (b"x" * 70_000, b"too big inline request"),
])
def test_bad_input_ends_only_its_own_connection(service, bad, text):
    with connect(service) as bystander, connect(service) as sock:
        sock.sendall(b"PING\r\n" + bad)
        assert read_to_end(sock) == b"+PONG\r\n-ERR Protocol error: " + text + b"\r\n"
        bystander.sendall(b"PING\r\n")
        assert read_until(bystander, 7) == b"+PONG\r\n"


@pytest.mark.parametrize("word", [b"POST / HTTP/1.1\r\n", b"post / HTTP/1.1\r\n", b"Host: localhost\r\n"])
def test_browsers_are_hung_up_on(service, store, word):
    with connect(service) as sock:
        sock.sendall(word + b"SET stolen 1\r\n")
        assert read_to_end(sock) == b""
    assert store.execute("EXISTS", "stolen") == 0


def test_error_replies_are_one_line(service):
    with connect(service) as sock:
        sock.sendall(request(b"no\r\n+OK\r\nsuch", b"a\r\n-b\n") + b"PING\r\n")
        data = read_until(sock, 1)
        while not data.endswith(b"+PONG\r\n"):
            data += sock.recv(1000)
        assert data.count(b"\r\n") == 2 and data.startswith(b"-ERR unknown command")


def test_client_that_does_not_read_is_not_served_further(service, store):
    store.execute("SET", "page", b"x" * 1_000_000)
    with connect(service) as greedy, connect(service) as other:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        message = request(b"GET", b"page") * 2000             # two gigabytes of replies, were they all made
        greedy.setblocking(False)
        sent = 0
        try:
            while sent < len(message):
                sent += greedy.send(message[sent:])
        except BlockingIOError:
            pass
        other.sendall(b"PING\r\n")
        assert read_until(other, 7) == b"+PONG\r\n"
        held = [line for line in store.execute("CLIENT", "LIST").decode().splitlines() if " cmd=get " in line]
        assert held and all(int(line.split(" omem=")[1].split()[0]) < 16_000_000 for line in held)


def test_what_waited_behind_a_slow_reader_is_answered_later(service, store):
    store.execute("SET", "page", b"y" * 300_000)
    count = 200
    with connect(service) as sock:
        sender = threading.Thread(target=sock.sendall, args=(request(b"GET", b"page") * count + b"PING\r\n",))
        sender.start()
        one = b"$300000\r\n" + b"y" * 300_000 + b"\r\n"
        total = len(one) * count + 7
        data = read_until(sock, total)
        sender.join()
        assert len(data) == total and data.endswith(b"\r\n+PONG\r\n") and data.startswith(one)


def test_half_a_command_hurts_nobody(service):
    with connect(service) as half, connect(service) as other:
        half.sendall(b"*3\r\n$3\r\nSET\r\n$100000000\r\nabc")
        for _ in range(100):
            other.sendall(b"PING\r\n")
            assert read_until(other, 7) == b"+PONG\r\n"


@pytest.mark.parametrize(("last", "reply"), [
    (b"PING\r\n", b"+PONG\r\n"), (b"PIN", b""), (b"*1\r\n$4\r\nPI", b""), (b"", b""),
    (b"*2\r\n$4\r\nECHO\r\n$1000000\r\nabc", b""), (b"GET page\r\n", b"$3000000\r\n" + b"x" * 3_000_000 + b"\r\n"),
])
def test_who_sends_no_more_is_answered_and_hung_up_on(service, store, last, reply):
    """Also when the end comes together with the last bytes, whether or not the bytes before them were a request."""
    store.execute("SET", "page", b"x" * 3_000_000)
    for first in (b"", b"*1\r\n$4\r\nPI"):
        with connect(service) as sock:
            if first:
                sock.sendall(first)
                store.execute("PING")
            sock.sendall((b"NG\r\n" if first else b"") + last)
            sock.shutdown(socket.SHUT_WR)
            assert read_to_end(sock) == (b"+PONG\r\n" if first else b"") + reply


def test_gigabyte_of_garbage_is_refused_early(service):
    with connect(service) as sock:
        sent = 0
        try:
            while sent < 1 << 30:
                sent += sock.send(b"\x80" * 65536)
        except OSError:
            pass
        assert sent < 64 << 20


def test_max_clients(store, service):
    store.execute("CONFIG", "SET", "maxclients", 3)
    socks = [connect(service) for _ in range(3)]
    for sock in socks:
        sock.sendall(b"PING\r\n")
        assert read_until(sock, 7) == b"+PONG\r\n"
    with connect(service) as refused:
        assert read_to_end(refused) == b"-ERR max number of clients reached\r\n"
    for sock in socks:
        sock.close()


def test_unix_socket_has_its_permissions_and_goes_with_the_service(store, tmp_path):
    path = str(tmp_path / "s")
    with store.serve(port=-1, unixsocket=path, unixsocketperm=0o600) as service:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600 and service.port == 0
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(path)
            sock.sendall(b"PING\r\n")
            assert read_until(sock, 7) == b"+PONG\r\n"
    assert not os.path.exists(path)


def test_ipv6(store):
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        service = store.serve("::1", 0)
    except cydis.StartError as error:
        pytest.skip(f"this machine's loopback has no IPv6 address: {error}")
    with service, socket.create_connection(("::1", service.port)) as sock:
        sock.sendall(b"PING\r\n")
        assert read_until(sock, 7) == b"+PONG\r\n"


def test_port_in_use_and_unwritable_path_say_so(store, service, tmp_path):
    with pytest.raises(cydis.StartError, match="Address already in use"):
        store.serve(port=service.port)
    with pytest.raises(cydis.StartError, match="No such file or directory"):
        store.serve(port=-1, unixsocket=str(tmp_path / "missing" / "s"))


def test_password_is_asked_for(store):
    with store.serve(port=0, password="secret") as service, connect(service) as sock:
        sock.sendall(b"GET k\r\nPING\r\n")
        assert read_until(sock, 68) == b"-NOAUTH Authentication required.\r\n" * 2
        sock.sendall(b"AUTH wrong\r\n")
        assert sock.recv(1000).startswith(b"-WRONGPASS ")
        sock.sendall(b"AUTH secret\r\nPING\r\n")
        assert read_until(sock, 12) == b"+OK\r\n+PONG\r\n"


def test_strangers_have_small_limits(store):
    with store.serve(port=0, password="secret") as service:
        with connect(service) as sock:
            sock.sendall(b"*11\r\n")
            assert read_to_end(sock) == b"-ERR Protocol error: unauthenticated multibulk length\r\n"
        with connect(service) as sock:
            sock.sendall(b"*2\r\n$16385\r\n")
            assert read_to_end(sock) == b"-ERR Protocol error: unauthenticated bulk length\r\n"


def test_embedded_and_served_see_the_same_data(service, store):
    with connect(service) as sock:
        sock.sendall(request(b"SET", b"a", b"1"))
        assert read_until(sock, 5) == b"+OK\r\n"
        assert store.execute("INCR", "a") == 2
        sock.sendall(request(b"GET", b"a"))
        assert read_until(sock, 7) == b"$1\r\n2\r\n"


def test_many_threads_and_clients_at_once_lose_no_increment(service, store):
    def embedded():
        for _ in range(5000):
            store.execute("INCR", "n")

    def served():
        with connect(service) as sock:
            for _ in range(50):
                sock.sendall(request(b"INCR", b"n") * 100)
                for _ in range(100):
                    line = b""
                    while not line.endswith(b"\r\n"):
                        line += sock.recv(1)
    threads = [threading.Thread(target=f) for f in (embedded, embedded, served, served)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.execute("GET", "n") == b"20000"


def test_two_stores_are_independent():
    one, two = cydis.Store(), cydis.Store()
    with one.serve(port=0) as first, two.serve(port=0) as second:
        with connect(first) as a, connect(second) as b:
            a.sendall(b"SET k one\r\n")
            b.sendall(b"SET k two\r\n")
            assert read_until(a, 5) == read_until(b, 5) == b"+OK\r\n"
        assert (one.execute("GET", "k"), two.execute("GET", "k")) == (b"one", b"two")


def test_a_client_cannot_end_the_program(store, service):
    with connect(service) as sock:
        sock.sendall(b"SHUTDOWN NOSAVE\r\n")
        assert sock.recv(1000).startswith(b"-ERR this engine belongs to a program")
        sock.sendall(b"PING\r\n")
        assert read_until(sock, 7) == b"+PONG\r\n"


def test_a_busy_python_thread_does_not_stop_clients(service):
    """Clients are served while another thread never lets the interpreter go for long."""
    stop = threading.Event()

    def spin():
        n = 0
        while not stop.is_set():
            n += 1
    with connect(service) as sock:
        thread = threading.Thread(target=spin)
        thread.start()
        try:
            deadline = time.monotonic() + 30
            sock.sendall(request(b"SET", b"k", b"v") * 20_000)
            assert len(read_until(sock, 100_000)) == 100_000
            assert time.monotonic() < deadline
        finally:
            stop.set()
            thread.join()
