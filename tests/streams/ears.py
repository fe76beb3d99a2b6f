"""A browser's ear: reads one stream in a thread and keeps what it heard, with when."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpx
from django.conf import settings

PATH = "/streams/live/"


@dataclass(frozen=True)
class Heard:
    name: str
    number: str
    data: str
    at: float

    @property
    def kinds(self) -> set[str]:
        return {part.rpartition("=")[0] for part in self.data.split()}


class Ear:
    """`with Ear(url, client) as ear:`; `ear.status` when it was refused, `ear.is_over` when it ended."""

    def __init__(self, url: str, client: Any, *, last_id: str = "", query: str = "") -> None:
        name = settings.SESSION_COOKIE_NAME
        cookie = client.cookies.get(name) if client is not None else None
        self.headers = {"cookie": f"{name}={cookie.value}"} if cookie else {}
        self.headers |= {"last-event-id": last_id} if last_id else {}
        self.url = url + PATH + query
        self.heard: queue.Queue[Heard | None] = queue.Queue()
        self.status = 0
        self.is_over = False
        self.http = httpx.Client(trust_env=False, timeout=httpx.Timeout(30))
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Ear:
        self.thread.start()
        until = time.monotonic() + 15
        while not self.status:
            assert time.monotonic() < until, "no answer to a stream"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        # The thread sits in a read: only the end of the connection itself wakes it.
        with contextlib.suppress(OSError):
            self.response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.http.close()

    def _listen(self) -> None:
        try:
            with self.http.stream("GET", self.url, headers=self.headers) as self.response:
                self.status = self.response.status_code
                said: dict[str, str] = {}
                for line in self.response.iter_lines():
                    key, _, value = line.partition(": ")
                    if line:
                        said[key] = value
                    elif "event" in said:
                        self._keep(said)
        except (httpx.HTTPError, httpx.StreamError, OSError, AttributeError):
            pass
        self.is_over = True
        self.heard.put(None)

    def _keep(self, said: dict[str, str]) -> None:
        heard = Heard(said["event"], said.get("id", ""), said.get("data", ""), time.monotonic())
        said.clear()
        if heard.name != "beat":
            self.heard.put(heard)

    def settle(self) -> None:
        """Open, and whatever a new stream is told first is heard."""
        self.next("open")
        self.hears_nothing(seconds=0.3)
        while not self.heard.empty():
            self.heard.get()

    def next(self, name: str, *, seconds: float = 5) -> Heard:
        """The next message with this name, the others let by."""
        until = time.monotonic() + seconds
        while True:
            try:
                heard = self.heard.get(timeout=max(until - time.monotonic(), 0.01))
            except queue.Empty:
                raise AssertionError(f"nothing named {name} heard in {seconds} s, {self.status}") from None
            assert heard is not None, f"the stream ended, {self.status}"
            if heard.name == name:
                return heard

    def hears_nothing(self, *, seconds: float = 1.5) -> bool:
        """No "look" and no "again" for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                heard = self.heard.get(timeout=max(until - time.monotonic(), 0.01))
            except queue.Empty:
                return True
            if heard is not None and heard.name in ("look", "again"):
                return False
        return True

    def ends(self, *, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not self.is_over and time.monotonic() < until:
            time.sleep(0.05)
        return self.is_over
