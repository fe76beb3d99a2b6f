"""A narrative read clause by clause: what is so, and what is denied, past, feared or told of others."""

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from triage.engine.kinds import Span
from triage.engine.numbers import Quantity, ages, amounts, people
from triage.engine.text import masked

if TYPE_CHECKING:
    from triage.engine.rules import RuleSet

NEGATED, PAST, FEARED, HEARSAY, JOKE = "negated", "past", "feared", "hearsay", "joke"
_KILLS: dict[str, frozenset[str]] = {
    # An event must be present and asserted.
    "event": frozenset((NEGATED, PAST, FEARED, HEARSAY, JOKE)),
    # A deed, not the threat or the attempt of one.
    "act": frozenset((NEGATED, PAST, FEARED, HEARSAY, JOKE)),
    # A threat is conditional by nature (不给钱就…), so a condition does not weaken it.
    "speech": frozenset((NEGATED, PAST, FEARED, HEARSAY, JOKE)),
    # A record or a state counts although it began in the past.
    "state": frozenset((NEGATED, FEARED, HEARSAY)),
    # The topic of a quarrel: only denial takes it away.
    "topic": frozenset((NEGATED, HEARSAY)),
    "any": frozenset(),
}
# Text without a full stop would make every look back as long as the text: 0.7 s for 10,000 characters.
_LEAD_REACH = 200
SCOPES = frozenset(_KILLS)
# Classes of words that tell what a hint means: word lists, and what the reading itself looks for.
_CLASSES = (
    *("hurt", "kill", "maim", "edge", "blunt", "burning", "body", "speak", "self", "stranger"),
    *("near_of_kin", "minor_word", "aged_word", "disabled_word", "pregnant_word"),
)
_SCOPES_TOLD = ("negator", "past", "carry", "present", "feared", "hearsay", "condition")


class Reading:
    """One narrative, read once; every question about it is answered from here.

    `text` is the uniform text in standard words, `plain` the same with idioms and harmless compounds
    blanked. Offsets are those of the original narrative.
    """

    def __init__(self, narrative: str, rules: "RuleSet") -> None:
        self.narrative = narrative
        self.text = rules.spelling.uniform(narrative)
        self.plain = masked(self.text, rules.harmless)
        self._rules = rules
        self._words = rules.grammar["reading"]
        self._ends = [match.end() for match in self._words["clause_end"].finditer(self.text)]
        self._stops = [index + 1 for index, char in enumerate(self.text) if char == "。"]

    @cached_property
    def live(self) -> set[int]:
        """Numbers of the rules' patterns that this text may hold."""
        return self._rules.index.live(self.plain)

    @cached_property
    def amounts(self) -> tuple[Quantity, ...]:
        return tuple(amounts(self.text))

    @cached_property
    def people(self) -> tuple[Quantity, ...]:
        return tuple(people(self.text))

    @cached_property
    def ages(self) -> tuple[Quantity, ...]:
        return tuple(ages(self.text))

    @cached_property
    def classes(self) -> tuple[tuple[int, int, str], ...]:
        """Where words of the classes stand that tell what a hint means."""
        lists, told, text = self._rules.words, self._words, self.plain
        return tuple(
            (match.start(), match.end(), name)
            for names, patterns in ((_CLASSES, lists), (_SCOPES_TOLD, told))
            for name in names
            if name in patterns
            for match in patterns[name].finditer(text)
        )

    def span(self, start: int, end: int) -> Span:
        return Span(start, end, self.narrative[start:end])

    def clause(self, at: int) -> tuple[int, int]:
        """Bounds of the clause around an offset."""
        return self._around(self._ends, at)

    def sentence(self, at: int) -> tuple[int, int]:
        """Bounds of the sentence around an offset."""
        return self._around(self._stops, at)

    def _around(self, ends: list[int], at: int) -> tuple[int, int]:
        index = bisect_right(ends, at)
        return (ends[index - 1] if index else 0, ends[index] if index < len(ends) else len(self.text))

    def holds(self, start: int, end: int, scope: str) -> bool:
        """Whether the words at [start, end) are asserted in the sense of the scope (SCOPES)."""
        kills = _KILLS[scope]
        if not kills:
            return True
        words = self._words
        clause_start, clause_end = self.clause(start)
        before = self.text[clause_start:start]
        if NEGATED in kills and (self._negates(before) or words["denied_after"].match(self.text, end)):
            return False
        if scope == "act" and words["threat_lead"].search(before):
            return False
        if scope in ("event", "act") and words["condition"].search(before):
            return False
        if FEARED in kills and self._feared(before, clause_start):
            return False
        if HEARSAY in kills and words["told"].search(before):
            return False
        sentence_start, sentence_end = self.sentence(start)
        lead = self.text[max(sentence_start, start - _LEAD_REACH) : start]
        if HEARSAY in kills and _last_of(words["hearsay"], lead) > _last_of(words["present"], lead):
            return False
        if JOKE in kills and words["joke"].search(
            self.text, max(clause_start, start - 20), min(sentence_end, end + 15)
        ):
            return False
        return not (PAST in kills and self._past(lead, before, start, end, clause_end))

    def _past(self, lead: str, before: str, start: int, end: int, clause_end: int) -> bool:
        words = self._words
        # 去年 colours the whole sentence; 之前 only its own clause (之前借出去的钱要先扣，两人推搡).
        past, present = _last_of(words["carry"], lead), _last_of(words["present"], lead)
        if past > present or _last_of(words["past"], before) > _last_of(words["present"], before):
            return True
        if present >= 0 or words["present"].search(before):
            return False
        inside = self.text[start : min(end + 1, clause_end)]
        return bool(words["experience"].search(inside))

    def _feared(self, before: str, clause_start: int) -> bool:
        if self._words["feared"].search(before):
            return True
        if self.text[max(0, clause_start - 1) : clause_start] == "。":
            return False
        previous = self.text[max(0, clause_start - 4) : max(0, clause_start - 1)]
        return previous.endswith(("担心", "害怕", "万一")) and not previous.startswith(("不", "没"))

    def _negates(self, before: str) -> bool:
        """Whether the words before a finding, in its clause, deny it: 没有推搡、打砸, 否认…"""
        last = None
        for last in self._words["negator"].finditer(before):  # noqa: B007
            pass
        if last is None:
            return before.endswith("不") and not before.endswith(("是不", "要不"))
        gap = before[last.end() :]
        if last[0] == "否认":
            return len(gap) <= 20
        if gap[:1] in ("把", "被", "对", "将", "跟", "和"):
            gap = gap[1:]
        return len(gap) <= (14 if "、" in gap or "或" in gap else 8) and not self._words[
            "negation_ends"
        ].search(gap)


def _last_of(pattern: re.Pattern[str], text: str) -> int:
    last = -1
    for match in pattern.finditer(text):
        last = match.start()
    return last
