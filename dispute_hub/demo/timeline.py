"""Stories told on one moved clock: each is a generator that says when it goes on, and acts then."""

from __future__ import annotations

import heapq
import itertools
import logging
from collections import Counter
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from inspect import GEN_CREATED, getgeneratorstate

from dispute_hub.common.errors import Refused

log = logging.getLogger(__name__)

# A story yields when it goes on: after a span, or at an instant. It is told the instant it is resumed at.
Story = Generator[timedelta | datetime, datetime, None]
# What happens anyway (sheets, sweeps): called with the instant.
Beat = Callable[[datetime], object]


class Overtaken(Exception):
    """Life went on without the story (the case was settled at a second visit): it has no more to do."""


class Timeline:
    """Runs stories in the order of their instants up to `until_at`; what lies beyond stays undone.

    A story that a service refuses ends there: its case stays where it stood, `refused` counts the reasons.
    """

    def __init__(self, until_at: datetime) -> None:
        self.until_at = until_at
        self.refused: Counter[str] = Counter()
        self._order = itertools.count()
        self._waiting: list[tuple[datetime, int, Story | Beat]] = []

    def tell(self, story: Story, *, at: datetime) -> None:
        """Begin a story at an instant."""
        heapq.heappush(self._waiting, (at, next(self._order), story))

    def each(self, beat: Beat, *, first_at: datetime, every: timedelta) -> None:
        """Let something happen regularly."""
        while first_at <= self.until_at:
            heapq.heappush(self._waiting, (first_at, next(self._order), beat))
            first_at += every

    def run(self, until_at: datetime) -> int:
        """Everything due up to an instant; returns how many steps were taken."""
        taken = 0
        while self._waiting and self._waiting[0][0] <= min(until_at, self.until_at):
            at, _, step = heapq.heappop(self._waiting)
            taken += 1
            if isinstance(step, Generator):
                self._resume(step, at)
            else:
                step(at)
        return taken

    def _resume(self, story: Story, at: datetime) -> None:
        try:
            wanted = next(story) if getgeneratorstate(story) == GEN_CREATED else story.send(at)
        except (StopIteration, Overtaken):
            return
        except Refused as refusal:
            name = getattr(story, "__name__", "story")
            self.refused[f"{name}: {refusal.message} {refusal.fields or ''}"] += 1
            return
        self.tell(story, at=at + wanted if isinstance(wanted, timedelta) else max(wanted, at))
