"""The listener on its own: what it does when NOTIFY reaches it no more (a pooler between, a failover)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from dispute_hub.outbox import services as outbox
from dispute_hub.streams import listening
from dispute_hub.streams.fanout import Said
from dispute_hub.streams.listening import Listener
from tests.cast import Cast


class Notes:
    """What a listener said, in order."""

    def __init__(self) -> None:
        self.begun = 0
        self.told: list[Said] = []
        self.looks = 0
        self.cuts = 0

    def begin(self, number: str) -> None:
        self.begun += 1

    def tell(self, many: list[Said]) -> None:
        self.told += many

    def look_at_all(self) -> None:
        self.looks += 1

    def cut(self) -> None:
        self.cuts += 1


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds as tenths."""
    for name in ("PROVES_EVERY", "HEARS_WITHIN", "WATCHES_EVERY"):
        monkeypatch.setattr(listening, name, 0.3)


@pytest.fixture
def listener(shared_db: Any, notes: Notes, quick: None) -> Iterator[Listener]:
    made = Listener(begin=notes.begin, tell=notes.tell, look_at_all=notes.look_at_all, cut=notes.cut)
    yield made
    made.stop()
    made.join(5)


def until(what: Any, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(what())


def tell(cast: Cast, clock: Any) -> None:
    message = outbox.Message(kind="push.issued", title="一推送", post_id=cast.officer.post.pk)
    outbox.notify(message, at=clock.at, case_id=None)


def test_it_hears_and_needs_no_watching(listener: Listener, notes: Notes, cast: Cast, clock: Any) -> None:
    listener.start()
    assert until(lambda: notes.begun)
    tell(cast, clock)
    assert until(lambda: notes.told)
    assert notes.told[0].keys == {f"p{cast.officer.post.pk}"}
    time.sleep(1.5)
    assert (notes.looks, notes.cuts) == (0, 0)


def test_a_deaf_listener_watches_the_sequences(
    listener: Listener, notes: Notes, cast: Cast, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a pooler LISTEN is answered and nothing ever comes."""
    monkeypatch.setattr(listening, "CHANNEL", "elsewhere")
    monkeypatch.setattr(listener, "_pass_on", lambda raw: raw.notifies.clear())
    listener.start()
    assert until(lambda: notes.looks)
    seen = notes.looks
    time.sleep(1)
    assert notes.looks == seen, "nothing moved, nobody looks"
    tell(cast, clock)
    assert until(lambda: notes.looks > seen, seconds=5)
    assert notes.told == []
