"""A server that takes connections and says nothing: what a broken machine behind a load balancer looks like."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class HangingServer:
    """`begin` is what it says to everybody first, before it falls silent."""

    def __init__(self, begin: bytes = b"") -> None:
        self.begin = begin
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._taken: list[socket.socket] = []
        self._has_come = threading.Condition()
        threading.Thread(target=self._take, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many came so far."""
        return len(self._taken)

    def wait_for(self, connections: int) -> None:
        """Wait until so many came."""
        with self._has_come:
            assert self._has_come.wait_for(lambda: self.connections >= connections, timeout=60)

    def _take(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            if self.begin:
                connection.sendall(self.begin)
            with self._has_come:
                self._taken.append(connection)
                self._has_come.notify_all()

    def close(self) -> None:
        with suppress(OSError):  # closed before
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._taken:
            connection.close()


@contextmanager
def hanging_server(begin: bytes = b"") -> Iterator[HangingServer]:
    server = HangingServer(begin)
    try:
        yield server
    finally:
        server.close()
