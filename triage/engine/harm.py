"""Factors of bodily harm: family violence, contact, injury, victims who need protection, orders, suicide."""

import re
from typing import TYPE_CHECKING

from triage.engine import asking
from triage.engine.kinds import Report, Span
from triage.engine.reading import Reading
from triage.engine.rules import RuleSet
from triage.engine.victims import find_helpless
from triage.engine.violence import FAMILY, LOVER, SELF, SIBLING, STRANGER, Act, People, acts, cruelties

if TYPE_CHECKING:
    from triage.engine.factors import Findings

_FACTORS_OF_FICTION = (
    "threat_targeted",
    "threat_vague",
    "weapon",
    "strangulation",
    "domestic_violence",
    "vulnerable_victim",
    "injury",
    "suicide",
    # Pushing and damage often remain where the rest turns out to be harmless.
    "physical_contact",
    "property_damage",
)

_GRAVE_FICTION = 8
_HE_OR_SHE = frozenset(("男的", "女的", "男子", "女子"))


def find_acts(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """Family violence, contact, injury and helpless victims, from the acts of the narrative."""
    done = acts(reading, rules)
    cruel = cruelties(reading, rules)
    family = [act for act in done + cruel if _is_family(act, reading, rules)]
    if family:
        findings.add("domestic_violence", [reading.span(act.start, act.end) for act in family])
    attacked = [act for act in done if act.strong]
    injuries = _injuries(reading, rules, bool(done) or "weapon" in findings or "strangulation" in findings)
    armed = _armed_at_home(reading, rules, findings)
    if armed:
        findings.add("domestic_violence", armed)
    if "strangulation" in findings and not family and _family_about(reading, rules):
        findings.add("domestic_violence", findings.spans("strangulation"))
    if injuries:
        findings.add("injury", injuries)
    find_helpless(done + cruel, reading, rules, findings)
    asking.doubt(("domestic_violence", "injury", "vulnerable_victim"), reading, rules, findings)
    hurt = "injury" in findings or "domestic_violence" in findings
    graver = {"weapon", "vulnerable_victim", "strangulation"} & findings.codes
    if done and not hurt and not graver:
        findings.add("physical_contact", [reading.span(act.start, act.end) for act in attacked or done])
        asking.doubt(("physical_contact",), reading, rules, findings)


def _is_family(act: Act, reading: Reading, rules: RuleSet) -> bool:
    """Between spouses, parents and children, in-laws, people living together; not adult siblings."""
    if act.agent == FAMILY:
        return act.patient != STRANGER and (
            act.strong or (act.patient in (FAMILY, SELF, "") and not _mutual(act, reading))
        )
    if act.agent == LOVER:
        return (
            act.patient != STRANGER
            and act.strong
            and bool(rules.grammar["harm"]["together"].search(reading.text))
        )
    words = rules.grammar["harm"]
    if act.agent == SIBLING:
        return act.strong and act.patient != STRANGER and bool(words["one_roof"].search(reading.text))
    if act.strong and _only_a_couple(reading, rules):
        return True
    if act.agent in (STRANGER, "") and act.patient in (SELF, "", FAMILY) and act.strong:
        start, _ = reading.sentence(act.start)
        with_family = re.search(
            rf"(?:与|跟|和|同)(?:其|她|他|我)?(?:{rules.lexicon['spouse']})", reading.text[: act.end]
        )
        return bool(with_family) and (act.agent == "" or "对方" in reading.text[start : act.start])
    return False


def _only_a_couple(reading: Reading, rules: RuleSet) -> bool:
    """The narrative tells of a couple and of nobody else (两口子吵架，男的把女的…)."""
    words = rules.grammar["harm"]
    if not words["couple"].search(reading.text) or words["outsider"].search(reading.text):
        return False
    return all(match[0] in _HE_OR_SHE for match in rules.words["stranger"].finditer(reading.text))


def _armed_at_home(reading: Reading, rules: RuleSet, findings: "Findings") -> list[Span]:
    """A weapon taken up by one of the family against another is family violence before the first blow."""
    spans = [span for span in findings.spans("weapon") if span.in_narrative]
    if not spans or not _family_about(reading, rules):
        return []
    persons = People(reading, rules)
    return [
        span
        for span in spans
        if persons.last_before(span.start, reading.sentence(span.start)[0]) == FAMILY
        and persons.first_after(span.end, min(len(reading.text), span.end + 12))[0] != STRANGER
        and not any(kind == STRANGER for start, _, kind in persons.marks if start < span.start)
    ]


def _mutual(act: Act, reading: Reading) -> bool:
    return "互" in reading.text[act.start : act.end]


def _family_about(reading: Reading, rules: RuleSet) -> bool:
    together = rules.grammar["harm"]["together"]
    if rules.words["lover"].search(reading.text) and together.search(reading.text):
        return True
    return bool(rules.words["spouse"].search(reading.text) or rules.words["kin"].search(reading.text))


def _injuries(reading: Reading, rules: RuleSet, fought: bool) -> list[Span]:
    """Injuries that a person did; without an act of force only words such as 打伤 say so."""
    spans = []
    words = rules.grammar["harm"]
    for match in words["injury"].finditer(reading.plain):
        by_hand = words["injury_by_hand"].fullmatch(match[0])
        if not (fought or by_hand) or not reading.holds(match.start(), match.end(), "event"):
            continue
        clause_start, clause_end = reading.clause(match.start())
        clause = reading.plain[clause_start:clause_end]
        animal = words["by_animal"].search(
            reading.plain, max(reading.sentence(match.start())[0], match.start() - 40), clause_end
        )
        if animal or words["not_by_hand"].search(clause):
            continue
        spans.append(reading.span(match.start(), match.end()))
    return spans


def find_orders(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """An admonition or protection order, spoken of or recorded, and violence or approach after it."""
    words = rules.grammar["harm"]
    for match in words["order"].finditer(reading.text):
        clause_start, _ = reading.clause(match.start())
        if words["order_asked"].search(reading.text[clause_start : match.start()]):
            continue
        later = [
            found
            for found in words["approach"].finditer(reading.plain, match.end())
            if reading.holds(found.start(), found.end(), "event")
        ]
        if later:
            order = reading.span(match.start(), match.end())
            findings.add("order_breach", [order, reading.span(later[0].start(), later[0].end())])
            forced = [found for found in later if words["forced"].match(found[0])]
            if forced and _family_about(reading, rules):
                findings.add("domestic_violence", [reading.span(forced[0].start(), forced[0].end())])
            return
    recorded = (
        any(_recorded_order(prior.narrative, rules) for prior in report.priors)
        or "admonition_order" in report.flags
    )
    if recorded and ("domestic_violence" in findings or "stalking" in findings):
        findings.add("order_breach", [Span(-1, -1, "此前警情已出具告诫书或保护令")])


def _recorded_order(narrative: str, rules: RuleSet) -> bool:
    words = rules.grammar["harm"]
    for match in words["order"].finditer(narrative):
        if not words["order_not_made"].search(narrative[: match.start()]):
            return True
    return False


def find_suicide_means(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """Talk of suicide with means at hand or at a height is red (handbook, triage)."""
    if "suicide" not in findings:
        return
    means = rules.factors["suicide"].extra["means"]
    for match in means.finditer(reading.plain):
        if reading.holds(match.start(), match.end(), "event"):
            findings.add("suicide", [reading.span(match.start(), match.end())], floor="red")
            return


def weigh(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """What one finding takes from another: fiction, a graver threat, a fight already punished."""
    if rules.stages["fiction"].search(reading.text) and rules.stages["fiction_shown"].search(reading.text):
        for code in _FACTORS_OF_FICTION:
            findings.drop(code)
    _correct(reading, rules, findings)
    findings.settle()
    words = rules.grammar["harm"]
    turned_on_self = (
        "suicide" in findings and not {"threat_targeted", "threat_vague", "injury"} & findings.codes
    )
    if turned_on_self and all(words["gas"].search(span.text) for span in findings.spans("weapon")):
        findings.drop("weapon")
    if "prior_violence" in findings and words["punished"].search(reading.text):
        for code in ("injury", "physical_contact"):
            findings.drop(code)


def _correct(reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """What was seen or heard turned out to be harmless: only what is told after that still counts."""
    words = rules.grammar["harm"]
    for shown in words["turned_out"].finditer(reading.text):
        _, sentence_end = reading.sentence(shown.start())
        if not words["harmless_truth"].search(reading.text, shown.end(), sentence_end):
            continue
        for code in _FACTORS_OF_FICTION[:_GRAVE_FICTION]:
            spans = findings.spans(code)
            findings.keep(code, [one for one in spans if not one.in_narrative or one.start > sentence_end])
        return


__all__ = ["find_acts", "find_orders", "find_suicide_means", "weigh"]
