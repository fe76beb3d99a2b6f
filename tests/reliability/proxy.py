"""A fault between two programs: refuses, swallows, delays, cuts in the middle of an answer, says it twice."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Final

FAULTS: Final = ("", "refuse", "black_hole", "slow", "cut", "duplicate")
DELAY: Final = 0.5


class Proxy:
    """TCP on the loopback to one target; `fault` may change at any moment, `cut_all` ends what is open."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.fault = ""
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = int(found.getsockname()[1])
        self._leaving = threading.Event()

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self.cut_all()

    def become(self, fault: str) -> None:
        """From now on; connections that stand are cut, for a fault of the line meets everybody."""
        assert fault in FAULTS, fault
        self.fault = fault
        self.cut_all()

    def cut_all(self) -> None:
        for one in list(self._open):
            _close(one)
        self._open.clear()

    def _serve(self) -> None:
        """Refusing is having no listener: only then does the kernel say so at once."""
        while not self._leaving.is_set():
            if self.fault == "refuse":
                self._stop_listening()
                time.sleep(0.05)
                continue
            if self._listener is None:
                self._listener = self._listen()
            try:
                client, _ = self._listener.accept()
            except OSError:
                continue
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()
        self._stop_listening()

    def _stop_listening(self) -> None:
        if self._listener is not None:
            _close(self._listener)
        self._listener = None

    def _listen(self) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        listener.settimeout(0.1)
        return listener

    def _carry(self, client: socket.socket) -> None:
        self._open.add(client)
        if self.fault == "black_hole":
            return  # accepted, read by nobody
        try:
            server = socket.create_connection(self.target, timeout=5)
        except OSError:
            _close(client)
            return
        server.settimeout(None)
        self._open.add(server)
        threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
        self._pump(server, client, True)

    def _pump(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        try:
            while part := source.recv(65_536):
                if self.fault == "slow":
                    time.sleep(DELAY)
                if is_answer and self.fault == "cut":
                    sink.sendall(part[: len(part) // 2])
                    break
                sink.sendall(part)
                if not is_answer and self.fault == "duplicate":
                    sink.sendall(part)
        except OSError:
            pass
        finally:
            for one in (source, sink):
                self._open.discard(one)
                _close(one)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
