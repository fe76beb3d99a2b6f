"""Who of the open streams of this process is told what. Lives in the event loop alone, so without locks."""

from __future__ import annotations

import asyncio
import time as _node
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

# reliability 5.9
MOST_PER_USER: Final = 5
# One process serves so many; more are refused and poll (reliability, input 70).
MOST_AT_ALL: Final = 2000
# What a page may have missed while it was away; who was away for longer looks at everything once.
REMEMBERED: Final = 5000
EVERYBODY: Final = "*"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose stream it is. `keys` are the addresses of the triggers that reach this post."""

    session_key: str
    user_id: int
    post_id: int
    unit_id: int
    role: str

    @property
    def keys(self) -> tuple[str, ...]:
        unit = f"u{self.unit_id}"
        return f"p{self.post_id}", unit, f"{unit}:{self.role}", EVERYBODY


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the triggers: the transaction's number, what kind of thing, for whom."""

    number: str
    kind: str
    keys: frozenset[str]


@dataclass(slots=True, eq=False)
class Stream:
    """What one page has yet to be told. Coalesced, so a page that reads slowly costs no memory."""

    holder: Holder
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    number: str = ""
    kinds: dict[tuple[str, str], bool] = field(default_factory=dict)
    looks_at_all: bool = False
    is_cut: bool = False
    is_over: bool = False

    def tell(self, said: Said) -> None:
        """Add one message; what this very post did itself is marked, unless it was told of it besides."""
        is_own = f"-p{self.holder.post_id}" in said.keys
        known = self.kinds.get((said.number, said.kind), True)
        self.kinds[said.number, said.kind] = is_own and known
        self.number = said.number
        self.wake.set()

    def take(self) -> str:
        """What to look at, each kind with how often: "push.issued=2 own:push.signed=1". Empties it."""
        told = Counter(f"own:{kind}" if is_own else kind for (_, kind), is_own in self.kinds.items())
        self.kinds.clear()
        return " ".join(f"{kind}={number}" for kind, number in told.items())

    def end(self) -> None:
        self.is_over = True
        self.wake.set()


class Fanout:
    """The open streams by address, and what was said lately in the order of the commits."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.by_key: defaultdict[str, set[Stream]] = defaultdict(set)
        self.said: deque[tuple[float, Said]] = deque(maxlen=REMEMBERED)
        self.number = self._origin = ""
        self.since = 0.0
        self.hears = asyncio.Event()

    @property
    def is_cut(self) -> bool:
        """Nothing is heard for now."""
        return not self.hears.is_set()

    def has_room_for(self, holder: Holder) -> bool:
        """False for the sixth stream of a person."""
        mine = sum(stream.holder.user_id == holder.user_id for stream in self.streams)
        return mine < MOST_PER_USER and len(self.streams) < MOST_AT_ALL

    def open(self, holder: Holder, *, last_id: str, age: float) -> Stream:
        """A stream that begins with what was said after `last_id`, or in the last `age` seconds.

        What cannot be told any more (garbage, the future, another life of this process) is "look at all".
        """
        stream = Stream(holder, number=self.number, is_cut=self.is_cut)
        missed = self._after(last_id) if last_id else self._within(age)
        if missed is None:
            stream.looks_at_all = True
            stream.wake.set()
        for said in missed or ():
            if said.keys & set(holder.keys):
                stream.tell(said)
        self.streams.add(stream)
        for key in holder.keys:
            self.by_key[key].add(stream)
        return stream

    def _after(self, last_id: str) -> list[Said] | None:
        found: list[Said] = []
        for _, said in reversed(self.said):
            if said.number == last_id:
                return found[::-1]
            found.append(said)
        return found[::-1] if last_id == self._origin and not self._is_full else None

    def _within(self, age: float) -> list[Said] | None:
        start = _node.monotonic() - age
        if self.is_cut or self.since > start:
            return None
        return [said for heard, said in self.said if heard >= start]

    @property
    def _is_full(self) -> bool:
        return len(self.said) == REMEMBERED

    def close(self, stream: Stream) -> None:
        self.streams.discard(stream)
        for key in stream.holder.keys:
            self.by_key[key].discard(stream)
            if not self.by_key[key]:
                del self.by_key[key]

    def tell(self, many: Iterable[Said]) -> None:
        """Messages in the order of their commits."""
        heard = _node.monotonic()
        for said in many:
            self.said.append((heard, said))
            self.number = said.number
            for stream in {one for key in said.keys for one in self.by_key.get(key, ())}:
                stream.tell(said)

    def begin(self, number: str) -> None:
        """The listener hears from transaction `number` on: what was said before is unknown to it."""
        self.said.clear()
        self.number = self._origin = number
        self.since = _node.monotonic()
        self.hears.set()
        self.look_at_all()

    def look_at_all(self) -> None:
        """Something happened that nobody was told of."""
        for stream in self.streams:
            stream.looks_at_all, stream.is_cut = True, self.is_cut
            stream.number = self.number
            stream.wake.set()

    def cut(self) -> None:
        """Nothing is heard for now: pages had better ask by themselves."""
        self.hears.clear()
        for stream in self.streams:
            stream.is_cut = True
            stream.wake.set()

    def end(self, session_keys: Iterable[str] | None = None) -> None:
        """End the streams of these sessions, of all when None."""
        ended = None if session_keys is None else set(session_keys)
        for stream in self.streams:
            if ended is None or stream.holder.session_key in ended:
                stream.end()
