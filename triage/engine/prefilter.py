"""Which short words a text must hold for a pattern to match at all: most patterns are never tried.

Every pattern is filed under characters and pairs of characters of which each of its matches holds at
least one; a text is then asked once which patterns it may hold.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Words = frozenset[str]
# More words than this tell little and cost memory.
_MOST = 600
# A pair of characters is rare, a character is not, and these stand in nearly every alert.
_PAIR, _SINGLE, _COMMON_SINGLE = 1, 6, 60
_COMMON = frozenset(
    "的了在不人一有我他她说要把被来打上家到去这也是又还没对方报警称其们个门下就给让里出后前大小"
)


@dataclass(frozen=True)
class Index:
    """Pattern numbers by the words they need; `always` are those that may match anything."""

    by_word: Mapping[str, tuple[int, ...]]
    always: frozenset[int]

    def live(self, text: str) -> set[int]:
        """Numbers of the patterns that the text may hold."""
        found = set(self.always)
        by_word = self.by_word
        for word in {*text, *map("".join, pairwise(text))}:
            numbers = by_word.get(word)
            if numbers:
                found.update(numbers)
        return found


def file_patterns(patterns: Iterable[re.Pattern[str]]) -> Index:
    """The index of patterns, numbered in their order."""
    by_word: dict[str, list[int]] = {}
    always = set()
    for number, pattern in enumerate(patterns):
        words = needs(pattern)
        if words is None:
            always.add(number)
        for word in words or ():
            by_word.setdefault(word, []).append(number)
    return Index({word: tuple(numbers) for word, numbers in by_word.items()}, frozenset(always))


def needs(pattern: re.Pattern[str]) -> Words | None:
    """Characters and pairs of which every match holds at least one; None where nothing can be said."""
    return _of_sequence(parser.parse(pattern.pattern, pattern.flags))


def _of_sequence(sequence: Any) -> Words | None:
    """Everything in a sequence must match, so its most telling part speaks for it."""
    known: list[Words] = []
    before: Words | None = None
    for code, value in sequence:
        exact = _exactly_one(code, value)
        if exact and before and len(exact) * len(before) <= _MOST:
            known.append(frozenset(one + other for one in before for other in exact))
        found = exact or _of_part(code, value)
        if found is not None:
            known.append(found)
        before = exact
    return min(known, key=_cost) if known else None


def _cost(words: Words) -> int:
    return sum(_PAIR if len(word) > 1 else _COMMON_SINGLE if word in _COMMON else _SINGLE for word in words)


def _exactly_one(code: Any, value: Any) -> Words | None:
    """The characters one of which stands here, where the part is a single character."""
    if code is codes.LITERAL:
        return frozenset(chr(value))
    return _of_class(value) if code is codes.IN else None


def _of_part(code: Any, value: Any) -> Words | None:
    if code is codes.BRANCH:
        return _of_any([_of_sequence(branch) for branch in value[1]])
    if code is codes.SUBPATTERN:
        return _of_sequence(value[-1])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        least, _, repeated = value
        return _of_sequence(repeated) if least else None
    return None


def _of_any(branches: list[Words | None]) -> Words | None:
    found: set[str] = set()
    for branch in branches:
        if branch is None:
            return None
        found |= branch
    return frozenset(found) if len(found) <= _MOST else None


def _of_class(members: Any) -> Words | None:
    found: set[str] = set()
    for code, value in members:
        if code is codes.LITERAL:
            found.add(chr(value))
        elif code is codes.RANGE and value[1] - value[0] <= _MOST:
            found.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return None
    return frozenset(found) if len(found) <= _MOST else None
