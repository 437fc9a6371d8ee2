"""A machine that speaks as it likes: raw bytes, silence, or a connection that breaks."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

DRIP_SECONDS = 0.02


@contextmanager
def broken(reply: bytes, *, hangs: bool = False, drips: bool = False) -> Iterator[str]:
    """The address of a machine that takes a request and answers `reply`, then hangs up.

    Args:
        reply: what it sends.
        hangs: it sends and then stays silent, without hanging up.
        drips: it sends byte by byte.
    """
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    threads: list[threading.Thread] = []

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            connection.recv(65536)
            if drips:
                for byte in reply:
                    connection.sendall(bytes([byte]))
                    if over.wait(DRIP_SECONDS):
                        return
            else:
                connection.sendall(reply)
            if hangs:
                over.wait(30)

    def listen() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=answer, args=(connection,)))
                threads[-1].start()

    listening = threading.Thread(target=listen)
    listening.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listening.join()
        for thread in threads:
            thread.join()
        listener.close()


def http(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """An answer as bytes; `length` may say another length than the body has."""
    told = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {told}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
