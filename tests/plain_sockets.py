"""Plain sockets, for tests that send what no client library would."""
import socket


def connect(service, timeout=20):
    """A socket to a service; what waits longer than `timeout` seconds fails."""
    sock = socket.create_connection(("127.0.0.1", service.port), timeout=timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def read_until(sock, size):
    """`size` bytes or more; fewer where the other side has ended."""
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(1 << 16)
        if not piece:
            break
        data += piece
    return bytes(data)
