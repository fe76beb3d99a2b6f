"""Who laid hands on whom: the acts of a narrative with the part of each person."""

import re
from dataclasses import dataclass
from itertools import islice

from triage.engine.reading import Reading
from triage.engine.rules import Grammar, RuleSet

FAMILY, STRANGER, SIBLING, LOVER, SELF = "family", "stranger", "sibling", "lover", "self"
_COUNT_REACH = 6
# No alert tells of so many blows; text made of one word repeated took 9 s for 10,000 characters.
_MOST_ACTS = 40


@dataclass(frozen=True, slots=True)
class Act:
    """One act of bodily force that the narrative asserts as present."""

    start: int
    end: int
    strong: bool
    agent: str
    patient: str
    patient_words: str


class People:
    """The persons named in a narrative, each with the part they play."""

    def __init__(self, reading: Reading, rules: RuleSet) -> None:
        self.text = reading.text
        self._grammar = rules.grammar["violence"]
        self.marks: list[tuple[int, int, str]] = []
        words = rules.words
        for kind, name in (
            (FAMILY, "spouse"),
            (FAMILY, "kin"),
            (SIBLING, "sibling"),
            (LOVER, "lover"),
            (STRANGER, "stranger"),
            (SELF, "self"),
        ):
            self.marks += [(match.start(), match.end(), kind) for match in words[name].finditer(self.text)]
        self.marks = [(start, end, self._caller_or(kind, end)) for start, end, kind in self.marks]
        self._name_parts()
        self.marks.sort(key=lambda mark: (mark[0], -(mark[1] - mark[0])))

    def _caller_or(self, kind: str, end: int) -> str:
        """女子报警, 邻居代报: who calls is no part of the act by that."""
        return SELF if kind == STRANGER and self._grammar["calls"].match(self.text, end) else kind

    def _name_parts(self) -> None:
        """柯某 after 丈夫 is family, before 报警 is the caller; any other name is a stranger."""
        known: dict[str, str] = {}
        by_end = {end: kind for _, end, kind in self.marks}
        for match in self._grammar["named"].finditer(self.text):
            name = match["name"]
            if match.start() in by_end:
                known[name] = by_end[match.start()]
            elif name not in known:
                follows = self.text[match.end() : match.end() + 4]
                caller = re.match(r"报警|来电|称|反映|报称|又报", follows) or match.start() == 0
                known[name] = SELF if caller else STRANGER
            self.marks.append((match.start(), match.end(), known[name]))

    def last_before(self, at: int, floor: int) -> str:
        """Part of the nearest person named in [floor, at) as a subject, objects and the caller left out."""
        for start, end, kind in reversed(self.marks):
            if end <= at and start >= floor:
                before = self.text[max(0, start - 1) : start]
                if (
                    kind == SELF
                    or (before and before in "把将对向给被为")
                    or self.text[max(0, start - 2) : start] in ("因为", "想对")
                ):
                    continue
                if self.text[end : end + 1] == "的" or self.text[end : end + 2] in ("家的", "家门"):
                    continue
                return kind
        return ""

    def first_after(self, at: int, ceiling: int) -> tuple[str, str]:
        for start, end, kind in self.marks:
            if at <= start < ceiling:
                return kind, self.text[start:end]
        return "", ""


def acts(reading: Reading, rules: RuleSet) -> list[Act]:
    """Every act of bodily force asserted as present, in the order of the text."""
    grammar = rules.grammar["violence"]
    people: People | None = None
    found: list[Act] = []
    for pattern, strong in ((grammar["strong"], True), (grammar["weak"], False)):
        for match in islice(pattern.finditer(reading.plain), _MOST_ACTS):
            if not _stands(reading, grammar, match.start(), match.end()):
                continue
            people = people or People(reading, rules)
            found.append(_act(reading, people, match, strong))
    found.sort(key=lambda act: act.start)
    # 打了他丈夫一拳: the count belongs to the blow before it, and has no agent of its own.
    return [act for place, act in enumerate(found) if not (place and _counts(reading, found[place - 1], act))]


def _counts(reading: Reading, blow: Act, act: Act) -> bool:
    """Whether a finding only counts the blow that stands just before it in the clause."""
    return (
        reading.text[act.start] in "一两二三四五六七八九十几"
        and 0 <= act.start - blow.end <= _COUNT_REACH
        and reading.clause(blow.start) == reading.clause(act.start)
    )


def cruelties(reading: Reading, rules: RuleSet) -> list[Act]:
    """What is done to a person without a blow: no food, locked in, tied up, made to kneel."""
    found: list[Act] = []
    people: People | None = None
    for match in islice(rules.grammar["violence"]["cruel"].finditer(reading.plain), _MOST_ACTS):
        near = reading.plain[max(reading.clause(match.start())[0], match.start() - 8) : match.start()]
        if "自己" in near or rules.grammar["violence"]["thing_moved"].search(near):
            continue
        if reading.holds(match.start(), match.end(), "event"):
            people = people or People(reading, rules)
            found.append(_act(reading, people, match, strong=True))
    return found


def _stands(reading: Reading, grammar: Grammar, start: int, end: int) -> bool:
    clause_start, clause_end = reading.clause(start)
    if not reading.holds(start, end, "act"):
        return False
    if reading.plain[start] in "踹踢砸敲撞推" and grammar["objects"].match(reading.plain, end):
        return False
    clause = reading.plain[clause_start:clause_end]
    bitten = reading.plain[start] in "咬抓扑撞追" and grammar["animal"].search(
        reading.plain, max(0, start - 24), start
    )
    if bitten:
        return False
    told = reading.plain[clause_start:end]
    if grammar["thing_moved"].search(reading.plain[clause_start:start]):
        return False
    return not grammar["accident"].search(clause) and not grammar["thing_suffers"].search(told)


def _act(reading: Reading, people: People, match: re.Match[str], strong: bool) -> Act:
    text, start = reading.text, match.start()
    sentence_start, _ = reading.sentence(start)
    clause_start, clause_end = reading.clause(start)
    # The mark of the passive may open the finding itself (被人按在地上打).
    passive = max(text.rfind(mark, clause_start, start + 1) for mark in ("被", "遭", "挨", "让"))
    if text[passive : passive + 1] == "让" and start - passive > 12:
        passive = -1
    if passive >= 0:
        agent, _ = people.first_after(passive, max(start, match.end() if passive == start else start))
        patient_words = text[max(sentence_start, passive - 30) : passive]
        patient = people.last_before(passive, sentence_start)
    else:
        agent = people.last_before(start, sentence_start) or people.last_before(start, 0)
        object_at = max(text.rfind(mark, clause_start, start) for mark in ("把", "将", "对", "给"))
        if object_at >= 0:
            patient_words = text[object_at:start]
            patient, _ = people.first_after(object_at, start)
        else:
            # 孩子说是爸爸拿衣架打的: the sufferer stands before.
            told = match[0].endswith("的")
            patient_words = text[sentence_start if told else start : min(match.end() + 8, clause_end)]
            patient, _ = people.first_after(start, min(match.end() + 8, clause_end))
    return Act(start, match.end(), strong, agent or "", patient, patient_words)
