"""Which item of the taxonomy a narrative speaks of: weighted words, held as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that speak for an item: one of each wanted group present, none of the unwanted."""

    code: str
    weight: float
    wanted: tuple[frozenset[str], ...]
    unwanted: frozenset[str]


@dataclass(frozen=True)
class ItemRules:
    """All cues by the words of their first group; `heads` gives word lengths by first character."""

    cues: tuple[Cue, ...]
    by_word: Mapping[str, tuple[int, ...]]
    heads: Mapping[str, tuple[int, ...]]
    reasons: Mapping[str, str]
    known: frozenset[str]

    def words_in(self, text: str) -> set[str]:
        """Every known word that stands in the text."""
        found: set[str] = set()
        heads, known = self.heads, self.known
        for index, char in enumerate(text):
            for length in heads.get(char, ()):
                word = text[index : index + length]
                if word in known:
                    found.add(word)
        return found

    def scores(self, text: str) -> dict[str, float]:
        """Score by item code; absent items score nothing."""
        found = self.words_in(text)
        seen: set[int] = set()
        totals: dict[str, float] = {}
        for word in found:
            for index in self.by_word.get(word, ()):
                if index in seen:
                    continue
                seen.add(index)
                cue = self.cues[index]
                if cue.unwanted & found:
                    continue
                if all(group & found for group in cue.wanted):
                    totals[cue.code] = totals.get(cue.code, 0.0) + cue.weight
        return totals


def parse_cue(code: str, line: str, weight: float) -> Cue:
    """A cue from its written form: `漏水|渗水 & 楼上 ! 空调` wants one of each & group and none after !."""
    wanted_text, _, unwanted_text = line.partition("!")
    wanted = tuple(frozenset(_words(group)) for group in wanted_text.split("&"))
    if not all(wanted) or not wanted:
        raise ValueError(f"{code}: empty group in {line!r}")
    return Cue(code, float(weight), wanted, frozenset(_words(unwanted_text)))


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split("|") if word.strip()]


def compile_items(draft: Mapping[str, Any]) -> ItemRules:
    """Item rules from data: a table by item code with `why` and `cues = [["words", weight], …]`."""
    cues: list[Cue] = []
    reasons: dict[str, str] = {}
    for code, entry in draft.items():
        reasons[code] = str(entry["why"])
        cues += [parse_cue(code, str(line), float(weight)) for line, weight in entry["cues"]]
    known = frozenset(word for cue in cues for group in (*cue.wanted, cue.unwanted) for word in group)
    by_word: dict[str, list[int]] = {}
    for index, cue in enumerate(cues):
        for word in cue.wanted[0]:
            by_word.setdefault(word, []).append(index)
    heads: dict[str, set[int]] = {}
    for word in known:
        heads.setdefault(word[0], set()).add(len(word))
    return ItemRules(
        cues=tuple(cues),
        by_word={word: tuple(indexes) for word, indexes in by_word.items()},
        heads={char: tuple(sorted(lengths)) for char, lengths in heads.items()},
        reasons=reasons,
        known=known,
    )
