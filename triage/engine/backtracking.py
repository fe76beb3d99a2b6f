"""Whether a pattern can run long: ambiguity of its loops, read from the parsed pattern.

A backtracking matcher runs exponentially when a loop can read the same words in two ways ((a+)+), and
worse than quadratically when two loops that follow each other can share words (.*x?.*). Both are asked of
the positions of the pattern (Glushkov) in pairs. A loop is a repeat without an end, or one of `LOOP_FROM`
rounds or more around something that varies; what only long bounded repeats cost is measured (probing.py).
No kept library was found that reads Python's patterns (regexploit ended in 2021).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from triage.engine.positions import Positions, Ranges, has_loop, parser

# A loop of more positions than this is taken for a long one; the package's largest has a few hundred.
_MOST_PAIRS = 200_000


def _shared(one: Ranges, other: Ranges) -> Ranges:
    return tuple((max(a, c), min(b, d)) for a, b in one for c, d in other if a <= d and c <= b)


def runs_long(pattern: str) -> bool:
    """Whether some text makes the matcher try exponentially or cubically many ways. The pattern compiles."""
    waiting: deque[Any] = deque([parser.parse(pattern)])
    while waiting:
        sequence = waiting.popleft()
        if not has_loop(sequence):
            continue  # nearly every pattern: lists of words and short gaps
        positions = Positions()
        positions.of(sequence)
        waiting.extend(positions.asides)
        if positions.looping and (_two_ways(positions) or _two_loops(positions)):
            return True
    return False


def _two_ways(positions: Positions) -> bool:
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


def _two_loops(positions: Positions) -> bool:
    """Whether words of one loop can also be shared out between it and a later loop."""
    loops = positions.looping
    home = _rings({place: list(follow) for place, follow in enumerate(positions.follow)})
    turning = [place for place in sorted(loops) if _turns(positions, home, place)]
    return any(
        home[one] != home[other] and _meets(positions, home, one, other)
        for one in turning
        for other in turning
    )


def _turns(positions: Positions, home: dict[Any, int], place: int) -> bool:
    return any(home[to] == home[place] for to in positions.follow[place])


def _meets(positions: Positions, home: dict[Any, int], one: int, other: int) -> bool:
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
