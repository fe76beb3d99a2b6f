"""The one listener of a web process: LISTEN on a connection of its own, in a thread of its own.

NOTIFY survives neither a failover nor a pooler between (reliability 5.7), so the listener says something
itself every few seconds and expects to hear it. While it hears nothing it watches the sequences instead:
they moved, so every page looks at all it shows.
"""

from __future__ import annotations

import logging
import select
import socket
import threading
import time as _node
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection

from dispute_hub.streams.fanout import Said

log = logging.getLogger(__name__)

CHANNEL: Final = "hub_live"
PROVES_EVERY: Final = 10.0
HEARS_WITHIN: Final = 5.0
WATCHES_EVERY: Final = 2.0
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0
# A cable pulled is noticed within seconds, not within the quarter of an hour that TCP takes by itself.
KEEPALIVES: Final = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "hub-live",
}
SEQUENCES: Final = (
    "SELECT (SELECT last_value FROM outbox_outboxrow_id_seq), (SELECT last_value FROM cases_caseevent_id_seq)"
)


class Listener(threading.Thread):
    """Hears until `stop`. The callbacks are called in this thread.

    `begin(number)` when it hears from now on, `tell(messages)` in commit order, `look_at_all()` when
    something was missed, `cut()` when it hears nothing for now.
    """

    def __init__(
        self,
        *,
        begin: Callable[[str], None],
        tell: Callable[[list[Said]], None],
        look_at_all: Callable[[], None],
        cut: Callable[[], None],
    ) -> None:
        super().__init__(name="stream-listener", daemon=True)
        self.begin, self.tell, self.look_at_all, self.cut = begin, tell, look_at_all, cut
        self.bell, self._rope = socket.socketpair()
        self.stopping = False
        self.proof = ""
        self.proves_at = 0.0
        self.moved: tuple[Any, ...] | None = None

    def stop(self) -> None:
        self.stopping = True
        self._rope.send(b"x")

    def run(self) -> None:
        pause = FIRST_PAUSE
        while not self.stopping:
            try:
                with _own_connection() as raw:
                    self._begin(raw)
                    pause = FIRST_PAUSE
                    while not self.stopping:
                        self._hear(raw)
            except Exception as error:  # whatever it was: pages ask by themselves until it is over
                log.warning("live listener: %s", type(error).__name__)
                self.cut()
                self._rest(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _begin(self, raw: Any) -> None:
        with raw.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
            cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
            self.proof, self.moved = "", None
            self.proves_at = _node.monotonic()
            self.begin(f"from-{cursor.fetchone()[0]}")

    def _hear(self, raw: Any) -> None:
        """Wait for messages, at most until something has to be proven or watched."""
        wait = WATCHES_EVERY if self.moved is not None else max(self.proves_at - _node.monotonic(), 0.05)
        ready, _, _ = select.select([raw, self.bell], [], [], wait)
        if self.bell in ready:
            return
        raw.poll()
        self._pass_on(raw)
        if _node.monotonic() >= self.proves_at:
            self._prove(raw)
        if self.moved is not None:
            self._watch(raw)

    def _pass_on(self, raw: Any) -> None:
        heard = [message.payload for message in raw.notifies]
        raw.notifies.clear()
        many = []
        for payload in heard:
            number, kind, keys = payload.split(" ", 2)
            if kind != "proof":
                many.append(Said(number, kind, frozenset(keys.split(","))))
            elif keys == self.proof:
                self.proof = ""
        if many:
            self.tell(many)

    def _prove(self, raw: Any) -> None:
        """What was said last time should have been heard; say something again."""
        self.moved = (self.moved or ()) if self.proof else None
        self.proof = f"{id(self)}-{_node.monotonic()}"
        self.proves_at = _node.monotonic() + (PROVES_EVERY if self.moved is None else HEARS_WITHIN)
        with raw.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"0 proof {self.proof}"])
        self._pass_on(raw)

    def _watch(self, raw: Any) -> None:
        """Deaf: whatever moved the sequences was told to nobody."""
        with raw.cursor() as cursor:
            cursor.execute(SEQUENCES)
            now = cursor.fetchone()
        if now != self.moved:
            self.moved = now
            self.look_at_all()

    def _rest(self, seconds: float) -> None:
        if not self.stopping:
            select.select([self.bell], [], [], seconds)


@contextmanager
def _own_connection() -> Iterator[Any]:
    """A connection that no request shares, closed at the end."""
    wrapper = connection.copy()
    raw = wrapper.get_new_connection({**wrapper.get_connection_params(), **KEEPALIVES})
    raw.autocommit = True
    try:
        yield raw
    finally:
        raw.close()
