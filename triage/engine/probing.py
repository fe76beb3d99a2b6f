"""Patterns tried on long texts made to keep them busy, in a process that can be ended.

What `backtracking.runs_long` cannot see is cost, not ambiguity: long bounded gaps one after another. The
texts are made from the pattern itself: words it wants, repeated, and never quite finished.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

from triage.engine.positions import REPEATS, parser, ranges_of, words

# Longer than any call on file. On it a pattern that costs the cube of the length takes minutes, one that
# costs its square a tenth of a second, and nearly all of the package's 300 patterns a few milliseconds.
TEXT_LENGTH: Final = 2_000
# Of processor time, so that a busy machine refuses nothing that an idle one accepts.
SLOWEST_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = 10.0
_TEXTS_A_PATTERN = 8
_NEVER = "\u2301"
_NEUTRAL = "报警人称与邻居因琐事发生口角,双方情绪平稳,没有动手,请民警到场协调处理。"
_CHILD: Final = """
import json, re, signal, sys, time
def stop(*_): raise TimeoutError
signal.signal(signal.SIGVTALRM, stop)
limit = float(sys.argv[1])
for line in sys.stdin:
    pattern, texts = json.loads(line)
    slow, compiled = False, re.compile(pattern)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        for text in texts:
            for _ in compiled.finditer(text): pass
            signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    except TimeoutError:
        slow = True
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    print(int(slow), flush=True)
"""


def slow_ones(patterns: Sequence[str]) -> frozenset[str]:
    """Those of the patterns that take more than half a second on a long text. They compile.

    A process that hangs is killed; the pattern it hung on counts as slow, the rest is tried again.
    """
    waiting, found = list(dict.fromkeys(patterns)), set()
    while waiting:
        answers = _try(waiting)
        found |= {pattern for pattern, slow in zip(waiting, answers, strict=False) if slow == "1"}
        if len(answers) < len(waiting):
            found.add(waiting[len(answers)])
        waiting = waiting[len(answers) + 1 :]
    return frozenset(found)


def _try(patterns: Sequence[str]) -> list[str]:
    lines = "".join(json.dumps([pattern, texts_for(pattern)]) + "\n" for pattern in patterns)
    command = [sys.executable, "-I", "-S", "-c", _CHILD, str(SLOWEST_SECONDS)]
    # A matcher that hears no alarm is ended by the wall clock.
    limit = PATIENCE_SECONDS + 0.2 * len(patterns)
    try:
        done = subprocess.run(
            command, input=lines, capture_output=True, text=True, timeout=limit, check=False
        )
        return done.stdout.split()
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
        return (said if isinstance(said, str) else said.decode()).split()


def texts_for(pattern: str) -> list[str]:
    """Long texts that keep the pattern busy: each of its repeats pumped, its words again and again."""
    parsed = parser.parse(pattern)
    whole = _sample(parsed)
    pumped = [before + _long(body) + _NEVER for before, body in _repeats(parsed, "")][: _TEXTS_A_PATTERN - 4]
    starts = [whole, whole[:-1], whole[:1]]
    return [*pumped, *(_long(word) for word in starts if word), _long(_NEUTRAL)]


def _long(word: str) -> str:
    return word * (TEXT_LENGTH // len(word)) if word else ""


def _sample(sequence: Iterable[Any]) -> str:
    """A short text that the sequence could read: first ways, fewest rounds, lookarounds not asked."""
    return "".join(_sample_of(kind, value) for kind, value in sequence)


def _sample_of(kind: Any, value: Any) -> str:
    if kind in REPEATS:
        return _sample(value[2]) * min(int(value[0]), 20)
    if kind is words.BRANCH:
        return _sample(value[1][0])
    if kind is words.SUBPATTERN:
        return _sample(value[3])
    if kind is words.ATOMIC_GROUP:
        return _sample(value)
    if kind in (words.LITERAL, words.NOT_LITERAL, words.IN, words.ANY):
        return _letter(ranges_of(kind, value))
    return ""


def _letter(ranges: Any) -> str:
    """A character of the ranges, an ordinary one where they have it."""
    for common in (0x4E00, 0x6253, 0x61, 0x31):
        if any(low <= common <= high for low, high in ranges):
            return chr(common)
    return chr(ranges[0][0]) if ranges else ""


def _repeats(sequence: Iterable[Any], before: str) -> list[tuple[str, str]]:
    """Each repeat as what stands before it and one round of it, the outermost first."""
    found: list[tuple[str, str]] = []
    for kind, value in sequence:
        if kind in REPEATS:
            found.append((before, _sample(value[2])))
            found += _repeats(value[2], before)
        elif kind is words.BRANCH:
            for branch in value[1]:
                found += _repeats(branch, before)
        elif kind is words.SUBPATTERN:
            found += _repeats(value[3], before)
        elif kind in (words.ASSERT, words.ASSERT_NOT):
            found += _repeats(value[1], before)
        before += _sample_of(kind, value)
    return found
