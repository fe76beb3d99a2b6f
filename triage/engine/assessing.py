"""One report read by one rule set. Pure: the same report and rules give the same verdict for ever."""

from time import perf_counter
from typing import cast

from triage.engine import choosing, features, outside, wording
from triage.engine import factors as factor_finding
from triage.engine.factors import Findings
from triage.engine.kinds import Colour, Factor, Report, Urgency, Verdict, graver
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
    narrative = report.narrative[:_READ_AT_MOST]
    reading = Reading(narrative, rules)
    findings = factor_finding.find(report, reading, rules)
    factors = findings.factors()
    scores = rules.items.scores(reading.text)
    opinion = opinion_of(report, reading, rules, findings, scores)
    dispute = _is_dispute(report, reading, rules, factors, scores, opinion)
    colour: Colour | None = colour_of(factors, reading, rules)
    if not dispute and colour not in ("red", "orange"):
        colour = None
    taxonomy = taxonomy or load_taxonomy()
    item, alternatives = choosing.choose(report, reading, rules, taxonomy, factors, scores, opinion)
    urgency: Urgency | None = None
    if not dispute:
        alternatives = (item, alternatives[0])
        item, urgency = OUTSIDE, cast(Urgency, outside.urgency(reading.text, rules))
    kind = taxonomy[item]
    return Verdict(
        dispute=dispute,
        colour=colour,
        urgency=urgency,
        item=item,
        item_name=kind.name,
        alternatives=alternatives,
        side=kind.side,
        factors=factors,
        sentence=wording.sentence(colour, factors, urgency, rules),
        one_lower=wording.one_lower(colour, factors, rules),
        measures=wording.measures(colour, factors, rules, item),
        lead_department=next(iter(kind.lead_departments), ""),
        lead_departments=kind.lead_departments,
        rule_version=rules.version,
        ms=(perf_counter() - began) * 1000,
    )


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


def opinion_of(
    report: Report, reading: Reading, rules: RuleSet, findings: Findings, scores: dict[str, float]
) -> Opinion | None:
    """What the learned part makes of the alert as a whole; None for rules without one."""
    if findings.text is None:
        return None
    tokens = features.of_alert(report, findings.codes, scores, outside.strength(reading, rules))
    return findings.text.rank(tokens)


def _is_dispute(
    report: Report,
    reading: Reading,
    rules: RuleSet,
    factors: tuple[Factor, ...],
    scores: dict[str, float],
    opinion: Opinion | None,
) -> bool:
    grave = any(factor.floor in ("red", "orange") for factor in factors)
    hot = sum(factor.code in _HOT for factor in factors)
    words = max(scores.values(), default=0.0) + _KNOWN_PARTIES * bool(report.priors)
    share = 0.5 if opinion is None else opinion.dispute
    return outside.is_dispute(reading, rules, words, grave, hot, _is_fiction(reading, rules), share)


def _is_fiction(reading: Reading, rules: RuleSet) -> bool:
    return bool(
        rules.stages["fiction"].search(reading.text) and rules.stages["fiction_shown"].search(reading.text)
    )
