"""The positions of a pattern (Glushkov): what each reads, and in how many ways each may follow another.

A loop is a repeat without an end, or one of `LOOP_FROM` rounds or more around something that varies.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# Private since Python 3.11, and the only reading of a pattern that agrees with what will run.
parser: Any = importlib.import_module("re._parser")
words: Any = importlib.import_module("re._constants")

LOOP_FROM = 10
_TOP = 0x10FFFF
Ranges = tuple[tuple[int, int], ...]
_EVERY: Ranges = ((0, _TOP),)
_CLASSES: dict[Any, Ranges] = {
    words.CATEGORY_DIGIT: ((48, 57), (0xFF10, 0xFF19)),
    words.CATEGORY_SPACE: ((9, 13), (32, 32), (0x3000, 0x3000)),
    words.CATEGORY_WORD: ((48, 57), (65, 90), (95, 95), (97, 122), (0x80, _TOP)),
}
_OPPOSITES = {
    words.CATEGORY_NOT_DIGIT: words.CATEGORY_DIGIT,
    words.CATEGORY_NOT_SPACE: words.CATEGORY_SPACE,
    words.CATEGORY_NOT_WORD: words.CATEGORY_WORD,
}
REPEATS = frozenset({words.MAX_REPEAT, words.MIN_REPEAT, words.POSSESSIVE_REPEAT})


@dataclass(slots=True)
class _Part:
    """Ways to be empty, and how often each position may begin or end the part."""

    empty: int = 1
    first: Counter[int] = field(default_factory=Counter)
    last: Counter[int] = field(default_factory=Counter)


class Positions:
    """The positions of one pattern: what each reads, and which may follow it in how many ways."""

    def __init__(self) -> None:
        self.reads: list[Ranges] = []
        self.follow: list[Counter[int]] = []
        self.looping: set[int] = set()
        self.asides: list[Any] = []

    def of(self, sequence: Iterable[Any]) -> _Part:
        made = _Part()
        for node in sequence:
            made = self._after(made, self._one(node))
        return made

    def _one(self, node: Any) -> _Part:
        kind, value = node
        if kind in REPEATS:
            return self._repeat(*value)
        if kind is words.BRANCH:
            return self._either([self.of(branch) for branch in value[1]])
        if kind is words.SUBPATTERN:
            return self.of(value[3])
        if kind is words.ATOMIC_GROUP:
            return self.of(value)
        if kind in (words.ASSERT, words.ASSERT_NOT):
            self.asides.append(value[1])
            return _Part()
        if kind is words.GROUPREF_EXISTS:
            return self._either([self.of(value[1]), self.of(value[2] or ())])
        if kind is words.GROUPREF:
            return self._repeat(0, words.MAXREPEAT, [(words.ANY, None)])
        return _Part() if kind is words.AT else self._position(ranges_of(kind, value))

    def _position(self, reads: Ranges) -> _Part:
        self.reads.append(reads)
        self.follow.append(Counter())
        place = len(self.reads) - 1
        return _Part(0, Counter({place: 1}), Counter({place: 1}))

    def _either(self, parts: list[_Part]) -> _Part:
        made = _Part(0)
        for part in parts:
            made = _Part(min(2, made.empty + part.empty), made.first + part.first, made.last + part.last)
        return made

    def _after(self, one: _Part, other: _Part) -> _Part:
        for end, ways in one.last.items():
            self._join(end, other.first, ways)
        first = one.first + _times(other.first, one.empty)
        return _Part(min(2, one.empty * other.empty), first, other.last + _times(one.last, other.empty))

    def _join(self, end: int, starts: Counter[int], ways: int) -> None:
        follow = self.follow[end]
        for start, more in starts.items():
            follow[start] = min(2, follow[start] + ways * more)

    def _repeat(self, least: int, most: int, body: Any) -> _Part:
        if _is_loop(most, body):
            return self._loop(least, body)
        made = _Part()
        for _ in range(least):
            made = self._after(made, self.of(body))
        rest = _Part()
        for _ in range(most - least):
            once = self._after(self.of(body), rest)
            rest = _Part(1, once.first, once.last)
        return self._after(made, rest)

    def _loop(self, least: int, body: Any) -> _Part:
        before = len(self.reads)
        once = self.of(body)
        self.looping.update(range(before, len(self.reads)))
        for end, ways in once.last.items():
            self._join(end, once.first, ways)
        return _Part(1 if least == 0 or once.empty else 0, once.first, once.last)


def _times(ends: Counter[int], ways: int) -> Counter[int]:
    return Counter({place: count * ways for place, count in ends.items()}) if ways else Counter()


def _is_loop(most: int, body: Any) -> bool:
    return most >= LOOP_FROM and (most == words.MAXREPEAT or most > 200 or _varies(body))


def has_loop(sequence: Iterable[Any]) -> bool:
    """Whether anything in it, lookarounds with it, repeats without an end or like one."""
    for kind, value in sequence:
        if kind in REPEATS:
            if _is_loop(value[1], value[2]) or has_loop(value[2]):
                return True
        elif kind is words.GROUPREF or any(has_loop(inner) for inner in _inside(kind, value)):
            return True
    return False


def _inside(kind: Any, value: Any) -> list[Any]:
    if kind is words.BRANCH:
        return list(value[1])
    if kind is words.SUBPATTERN:
        return [value[3]]
    if kind in (words.ASSERT, words.ASSERT_NOT):
        return [value[1]]
    if kind is words.GROUPREF_EXISTS:
        return [one for one in value[1:] if one]
    return [value] if kind is words.ATOMIC_GROUP else []


def _varies(body: Iterable[Any]) -> bool:
    """Whether the body of a repeat can take different lengths."""
    low, high = parser.SubPattern(parser.State(), list(body)).getwidth()
    return bool(low != high)


def ranges_of(kind: Any, value: Any) -> Ranges:
    """The characters that one node of a parsed pattern reads, as ranges; classes as wide as they may be."""
    if kind is words.LITERAL:
        return ((value, value),)
    if kind is words.NOT_LITERAL:
        return _but(((value, value),))
    if kind is words.RANGE:
        return ((value[0], value[1]),)
    if kind is words.CATEGORY:
        opposite = _OPPOSITES.get(value)
        return _but(_CLASSES[opposite]) if opposite else _CLASSES.get(value, _EVERY)
    if kind is words.IN:
        negated = bool(value) and value[0][0] is words.NEGATE
        found = tuple(pair for one in value[negated:] for pair in ranges_of(*one))
        return _but(found) if negated else found
    return _but(((10, 10),)) if kind is words.ANY else _EVERY


def _but(ranges: Ranges) -> Ranges:
    left, at = [], 0
    for low, high in sorted(ranges):
        if low > at:
            left.append((at, low - 1))
        at = max(at, high + 1)
    return (*left, (at, _TOP)) if at <= _TOP else tuple(left)
