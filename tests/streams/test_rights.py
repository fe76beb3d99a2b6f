"""The watch over rights: whoever may no longer listen is cut off, also when nobody can say who may."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dispute_hub.streams import endpoint, rights
from dispute_hub.streams.fanout import Holder

HOLDER = Holder("s1", 1, 11, 5, "officer")


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[bool]]:
    """`watched(answers)`: whether the stream was over after each question; an answer may be an exception."""
    monkeypatch.setattr(endpoint, "ASKS_RIGHTS_EVERY", 0)

    def watch(*answers: Any) -> list[bool]:
        left, over = list(answers), []

        async def run() -> None:
            streams = endpoint.Streams()
            stream = streams.fanout.open(HOLDER, last_id="", age=0.0)

            async def ask(question: Any) -> Any:
                over.append(stream.is_over)
                if not left:
                    raise asyncio.CancelledError
                answer = left.pop(0)
                if isinstance(answer, Exception):
                    raise answer
                return answer

            monkeypatch.setattr(rights, "ask", ask)
            with contextlib.suppress(asyncio.CancelledError):
                await streams._watch_rights()

        # In a thread of its own: a browser's test before us may have left its event loop in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, run()).result()
        return over[1:]

    return watch


def test_who_still_may_listens_on(watched: Callable[..., list[bool]]) -> None:
    assert watched({"s1": HOLDER}, {"s1": HOLDER}) == [False, False]


def test_a_fault_in_asking_does_not_end_the_watch(watched: Callable[..., list[bool]]) -> None:
    assert watched(ValueError("a session nobody can read"), {}) == [False, True]


def test_when_nobody_can_say_who_may_everybody_is_cut_off(watched: Callable[..., list[bool]]) -> None:
    assert watched(ValueError(), ValueError()) == [False, True]
