"""Whether a pattern can run long: ambiguity of its loops, read from the parsed pattern.

A backtracking matcher runs exponentially when a loop can read the same words in two ways ((a+)+), and
worse than quadratically when two loops that follow each other can share words (.*x?.*). Both are asked of
the positions of the pattern (Glushkov) in pairs. A loop is a repeat without an end, or one of `LOOP_FROM`
rounds or more around something that varies; what only long bounded repeats cost is measured (probing.py).
No kept library was found that reads Python's patterns (regexploit ended in 2021).
"""

from __future__ import annotations

import importlib
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

# Private since Python 3.11, and the only reading of a pattern that agrees with what will run.
_parser: Any = importlib.import_module("re._parser")
_words: Any = importlib.import_module("re._constants")

LOOP_FROM = 10
# A loop of more positions than this is taken for a long one; the package's largest has a few hundred.
_MOST_PAIRS = 200_000
_TOP = 0x10FFFF
Ranges = tuple[tuple[int, int], ...]
_EVERY: Ranges = ((0, _TOP),)
_CLASSES: dict[Any, Ranges] = {
    _words.CATEGORY_DIGIT: ((48, 57), (0xFF10, 0xFF19)),
    _words.CATEGORY_SPACE: ((9, 13), (32, 32), (0x3000, 0x3000)),
    _words.CATEGORY_WORD: ((48, 57), (65, 90), (95, 95), (97, 122), (0x80, _TOP)),
}
_OPPOSITES = {
    _words.CATEGORY_NOT_DIGIT: _words.CATEGORY_DIGIT,
    _words.CATEGORY_NOT_SPACE: _words.CATEGORY_SPACE,
    _words.CATEGORY_NOT_WORD: _words.CATEGORY_WORD,
}
REPEATS = frozenset({_words.MAX_REPEAT, _words.MIN_REPEAT, _words.POSSESSIVE_REPEAT})


@dataclass(slots=True)
class _Part:
    """Ways to be empty, and how often each position may begin or end the part."""

    empty: int = 1
    first: Counter[int] = field(default_factory=Counter)
    last: Counter[int] = field(default_factory=Counter)


class _Positions:
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
        if kind is _words.BRANCH:
            return self._either([self.of(branch) for branch in value[1]])
        if kind is _words.SUBPATTERN:
            return self.of(value[3])
        if kind is _words.ATOMIC_GROUP:
            return self.of(value)
        if kind in (_words.ASSERT, _words.ASSERT_NOT):
            self.asides.append(value[1])
            return _Part()
        if kind is _words.GROUPREF_EXISTS:
            return self._either([self.of(value[1]), self.of(value[2] or ())])
        if kind is _words.GROUPREF:
            return self._repeat(0, _words.MAXREPEAT, [(_words.ANY, None)])
        return _Part() if kind is _words.AT else self._position(ranges_of(kind, value))

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
        if most >= LOOP_FROM and (most == _words.MAXREPEAT or _varies(body) or most > 200):
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


def _varies(body: Iterable[Any]) -> bool:
    """Whether the body of a repeat can take different lengths."""
    low, high = _parser.SubPattern(_parser.State(), list(body)).getwidth()
    return bool(low != high)


def ranges_of(kind: Any, value: Any) -> Ranges:
    """The characters that one node of a parsed pattern reads, as ranges; classes as wide as they may be."""
    if kind is _words.LITERAL:
        return ((value, value),)
    if kind is _words.NOT_LITERAL:
        return _but(((value, value),))
    if kind is _words.RANGE:
        return ((value[0], value[1]),)
    if kind is _words.CATEGORY:
        opposite = _OPPOSITES.get(value)
        return _but(_CLASSES[opposite]) if opposite else _CLASSES.get(value, _EVERY)
    if kind is _words.IN:
        negated = bool(value) and value[0][0] is _words.NEGATE
        found = tuple(pair for one in value[negated:] for pair in ranges_of(*one))
        return _but(found) if negated else found
    return _but(((10, 10),)) if kind is _words.ANY else _EVERY


def _but(ranges: Ranges) -> Ranges:
    left, at = [], 0
    for low, high in sorted(ranges):
        if low > at:
            left.append((at, low - 1))
        at = max(at, high + 1)
    return (*left, (at, _TOP)) if at <= _TOP else tuple(left)


def _shared(one: Ranges, other: Ranges) -> Ranges:
    return tuple((max(a, c), min(b, d)) for a, b in one for c, d in other if a <= d and c <= b)


def runs_long(pattern: str) -> bool:
    """Whether some text makes the matcher try exponentially or cubically many ways. The pattern compiles."""
    waiting: deque[Any] = deque([_parser.parse(pattern)])
    while waiting:
        positions = _Positions()
        positions.of(waiting.popleft())
        waiting.extend(positions.asides)
        if positions.looping and (_two_ways(positions) or _two_loops(positions)):
            return True
    return False


def _two_ways(positions: _Positions) -> bool:
    """Whether a loop comes back to where it was by two ways that read the same."""
    loops = positions.looping
    follow = {place: [to for to in positions.follow[place] if to in loops] for place in loops}
    home = _rings(follow)
    for place in loops:
        if any(positions.follow[place][to] > 1 and home[to] == home[place] for to in follow[place]):
            return True
    pairs: dict[Any, list[Any]] = {}
    queue = [(place, place) for place in sorted(loops)]
    while queue:
        pair = queue.pop()
        if pair in pairs:
            continue
        if len(pairs) > _MOST_PAIRS:
            return True
        pairs[pair] = list(_steps(positions.reads, follow, pair))
        queue += pairs[pair]
    ring = _rings(pairs)
    straight = {ring[place, place] for place in loops}
    return any(one != other and ring[one, other] in straight for one, other in pairs)


def _steps(
    reads: list[Ranges], follow: dict[int, list[int]], pair: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    for one in follow[pair[0]]:
        for other in follow[pair[1]]:
            if one == other or _shared(reads[one], reads[other]):
                yield one, other


def _two_loops(positions: _Positions) -> bool:
    """Whether words of one loop can also be shared out between it and a later loop."""
    loops = positions.looping
    home = _rings({place: list(follow) for place, follow in enumerate(positions.follow)})
    turning = [place for place in sorted(loops) if _turns(positions, home, place)]
    return any(
        home[one] != home[other] and _meets(positions, home, one, other)
        for one in turning
        for other in turning
    )


def _turns(positions: _Positions, home: dict[Any, int], place: int) -> bool:
    return any(home[to] == home[place] for to in positions.follow[place])


def _meets(positions: _Positions, home: dict[Any, int], one: int, other: int) -> bool:
    """Whether some words lead from `one` to itself, from `one` to `other` and from `other` to itself."""
    reads, follow = positions.reads, positions.follow
    queue, seen = [(one, one, other)], {(one, one, other)}
    while queue:
        a, b, c = queue.pop()
        for step in (
            (x, y, z)
            for x in follow[a] if home[x] == home[one]
            for z in follow[c] if home[z] == home[other]
            for both in [_shared(reads[x], reads[z])] if both
            for y in follow[b] if _shared(both, reads[y])
        ):  # fmt: skip
            if step == (one, other, other):
                return True
            if step not in seen:
                if len(seen) > _MOST_PAIRS:
                    return True
                seen.add(step)
                queue.append(step)
    return False


def _rings(graph: dict[Any, list[Any]]) -> dict[Any, int]:
    """The strongly connected component of each node, by number (Tarjan, without recursion)."""
    number: dict[Any, int] = {}
    low: dict[Any, int] = {}
    ring: dict[Any, int] = {}
    open_nodes: list[Any] = []
    for root in graph:
        work = [] if root in number else [(root, iter(graph[root]))]
        while work:
            node, rest = work[-1]
            if node not in number:
                number[node] = low[node] = len(number)
                open_nodes.append(node)
            below = next((to for to in rest if to not in ring), None)
            if below is None:
                work.pop()
                _close(node, number, low, ring, open_nodes)
                if work and node not in ring:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
            elif below in number:
                low[node] = min(low[node], number[below])
            else:
                work.append((below, iter(graph[below])))
    return ring


def _close(
    node: Any, number: dict[Any, int], low: dict[Any, int], ring: dict[Any, int], open_nodes: list[Any]
) -> None:
    if low[node] != number[node]:
        return
    member = None
    while member != node:
        member = open_nodes.pop()
        ring[member] = number[node]
