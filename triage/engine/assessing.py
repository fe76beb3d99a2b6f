"""One report read by one rule set. Pure: the same report and rules give the same verdict for ever."""

from dataclasses import dataclass
from time import perf_counter
from typing import cast

from triage.engine import choosing, features, outside, wording
from triage.engine import factors as factor_finding
from triage.engine.kinds import Colour, Factor, Report, Span, Urgency, Verdict, graver
from triage.engine.learned import Opinion
from triage.engine.reading import Reading
from triage.engine.rules import RuleSet
from triage.engine.taxonomy import OUTSIDE, Taxonomy, load_taxonomy

_READ_AT_MOST = 10_000
# Parties who called before speak of their quarrel in few words; worth as much as one clear word.
_KNOWN_PARTIES = 3.0
_HOT = (
    "physical_contact",
    "injury",
    "blockade",
    "threat_vague",
    "property_damage",
    "wage_arrears",
    "crowd_5",
)


def assess(report: Report, rules: RuleSet, taxonomy: Taxonomy | None = None) -> Verdict:
    """The verdict on a report: dispute or not, colour, item, factors with their words, advice. Never raises.

    The taxonomy is the package's own when none is given; codes it lacks are not proposed.

    Only the first 10,000 characters are read. Suggested colour and item are for people to confirm on scene.
    """
    began = perf_counter()
    look = _look(report, rules)
    dispute = _is_dispute(look)
    colour: Colour | None = colour_of(look.factors, look.reading, rules)
    if not dispute and colour not in ("red", "orange"):
        colour = None
    taxonomy = taxonomy or load_taxonomy()
    item, alternatives, urgency = _matter(look, taxonomy, dispute)
    kind = taxonomy[item]
    return Verdict(
        dispute=dispute,
        colour=colour,
        urgency=urgency,
        item=item,
        item_name=kind.name,
        alternatives=alternatives,
        side=kind.side,
        factors=look.factors,
        sentence=wording.sentence(colour, look.factors, urgency, rules),
        one_lower=wording.one_lower(colour, look.factors, rules),
        measures=(
            *wording.measures(colour, look.factors, rules, item),
            *wording.look_again(look.doubted, look.factors),
        ),
        lead_department=next(iter(kind.lead_departments), ""),
        lead_departments=kind.lead_departments,
        rule_version=rules.version,
        ms=(perf_counter() - began) * 1000,
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """A report as the rules and the learned part read it, before anything is decided."""

    report: Report
    reading: Reading
    rules: RuleSet
    factors: tuple[Factor, ...]
    scores: dict[str, float]
    outside: float
    opinion: Opinion | None
    doubted: tuple[Span, ...]


def _look(report: Report, rules: RuleSet) -> _Look:
    reading = Reading(report.narrative[:_READ_AT_MOST], rules)
    findings = factor_finding.find(report, reading, rules)
    scores = rules.items.scores(reading.text)
    strength = outside.strength(reading, rules)
    opinion = None
    if findings.text is not None:
        opinion = findings.text.rank(features.of_alert(report, findings.codes, scores, strength))
    return _Look(
        report, reading, rules, findings.factors(), scores, strength, opinion, tuple(findings.doubted)
    )


def _matter(look: _Look, taxonomy: Taxonomy, dispute: bool) -> tuple[str, tuple[str, str], Urgency | None]:
    """The item with two alternatives; what is no dispute has an urgency, and its item as alternative."""
    item, alternatives = choosing.choose(
        look.report, look.reading, look.rules, taxonomy, look.factors, look.scores, look.opinion
    )
    if dispute:
        return item, alternatives, None
    urgency = cast(Urgency, outside.urgency(look.reading.text, look.rules))
    return OUTSIDE, (item, alternatives[0]), urgency


def colour_of(factors: tuple[Factor, ...], reading: Reading, rules: RuleSet) -> Colour:
    """The gravest floor; several factors of one colour do not add up to the next (labelled cases, README).

    A dispute that the parties say they settled is blue (handbook, triage); orange and red facts keep their
    colour, since lowering those needs a person's reason and approval.
    """
    colour: Colour = "blue"
    for factor in factors:
        colour = graver(colour, factor.floor)
    return "blue" if colour == "yellow" and is_settled(reading, rules) else colour


def is_settled(reading: Reading, rules: RuleSet) -> bool:
    """Whether the parties say now that they settled it."""
    last = None
    for match in rules.stages["settled"].finditer(reading.text):
        if reading.holds(match.start(), match.end(), "event"):
            last = match
    return last is not None and not rules.stages["unsettled_after"].search(reading.text, last.end())


def _is_dispute(look: _Look) -> bool:
    grave = any(factor.floor in ("red", "orange") for factor in look.factors)
    hot = sum(factor.code in _HOT for factor in look.factors)
    words = max(look.scores.values(), default=0.0) + _KNOWN_PARTIES * bool(look.report.priors)
    share = 0.5 if look.opinion is None else look.opinion.dispute
    fiction = _is_fiction(look.reading, look.rules)
    return outside.is_dispute(look.reading, look.rules, look.outside, words, grave, hot, fiction, share)


def _is_fiction(reading: Reading, rules: RuleSet) -> bool:
    return bool(
        rules.stages["fiction"].search(reading.text) and rules.stages["fiction_shown"].search(reading.text)
    )
