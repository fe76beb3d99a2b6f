"""The item of a dispute: the words' own scores, and police-side items where their facts are present."""

from heapq import nsmallest

from triage.engine.kinds import Factor, Report
from triage.engine.learned import Opinion
from triage.engine.numbers import ages
from triage.engine.reading import Reading
from triage.engine.rules import Grammar, RuleSet
from triage.engine.taxonomy import OUTSIDE, Taxonomy
from triage.engine.text import uniform

# An earlier alert of the same parties speaks of the same quarrel more often than not.
_PRIOR_SHARE = 0.3


# Majority by the Civil Code, article 17.
_ADULT_FROM = 18
# Log share below which the learned part has no opinion of an item, and what a unit of it is worth.
_LEAST_SHARE = -6.0
_MODEL_WEIGHT = 10.0
# The item and two alternatives.
_NAMED = 3
_LAST_RESORT = ("N0206", "N1402", "N0106")


def choose(
    report: Report,
    reading: Reading,
    rules: RuleSet,
    taxonomy: Taxonomy,
    factors: tuple[Factor, ...],
    scores: dict[str, float],
    opinion: Opinion | None,
) -> tuple[str, tuple[str, str]]:
    """The item and two alternatives, best first; every code is one of the taxonomy."""
    totals = dict(scores)
    for prior in report.priors[:3]:
        for code, score in rules.items.scores(uniform(prior.narrative)).items():
            totals[code] = totals.get(code, 0.0) + _PRIOR_SHARE * score
    stated = taxonomy.find(report.stated_item) if report.stated_item else None
    if stated and stated.code != OUTSIDE:
        totals[stated.code] = totals.get(stated.code, 0.0) + 3.0
    for code, weight in police_weights(reading, rules.grammar["choosing"], factors, totals):
        totals[code] = totals.get(code, 0.0) + weight
    for code, share in opinion.items.items() if opinion else ():
        if share > _LEAST_SHARE and code != OUTSIDE:
            totals[code] = totals.get(code, 0.0) + _MODEL_WEIGHT * (share - _LEAST_SHARE)
    best = nsmallest(2 * _NAMED, totals.items(), key=lambda pair: (-pair[1], pair[0]))
    ranked = [code for code, _ in best if code in taxonomy][:_NAMED]
    for code in (*_LAST_RESORT, *taxonomy.items):
        if len(ranked) == _NAMED:
            break
        if code in taxonomy and code not in ranked:
            ranked.append(code)
    return ranked[0], (ranked[1], ranked[2])


def police_weights(
    reading: Reading, words: Grammar, factors: tuple[Factor, ...], scores: dict[str, float]
) -> list[tuple[str, float]]:
    """Weights of police-side items by the conventions of the labelled cases (handbook, triage).

    40 wins over any words, 20 wins over words but not over a graver fact, 3 makes an alternative.
    """
    have = {factor.code: factor for factor in factors}
    text = reading.text
    found: list[tuple[str, float]] = []
    found += _extreme(text, words, have)
    found += _family(text, words, have)
    found += _crowds(text, words, have)
    found += _assault(text, words, have)
    found += _minor(text, words, have, scores)
    return found


def _evidence(text: str, factor: Factor | None) -> str:
    """The words of a factor, those of the narrative as the engine reads them."""
    spans = factor.evidence if factor else ()
    return " ".join(text[one.start : one.end] if one.in_narrative else uniform(one.text) for one in spans)


def _extreme(text: str, words: Grammar, have: dict[str, Factor]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    threat, weapon = have.get("threat_targeted"), have.get("weapon")
    if (weapon or threat) and words["fire"].search(_evidence(text, weapon) + _evidence(text, threat)):
        found.append(("P0503", 60.0))
    if weapon:
        wounded = "injury" in have and words["wounded"].search(text)
        found.append(("P0101", 58.0 if wounded else 3.0))
        if "injury" in have and not wounded and "domestic_violence" not in have:
            found.append(("P0102", 22.0))
        found.append(("P0504", 50.0))
        if "domestic_violence" in have:
            found.append(("P0401", 4.0))
    if threat:
        found.append(("P0501", 45.0))
    suicide = have.get("suicide")
    if suicide:
        ongoing = suicide.floor == "red"
        found.append(("P0701", 55.0 if ongoing else 15.0))
        found.append(("P0502", 40.0))
    return found


def _family(text: str, words: Grammar, have: dict[str, Factor]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    victim = _evidence(text, have.get("vulnerable_victim"))
    if "domestic_violence" in have or ("order_breach" in have and words["spouse_order"].search(text)):
        parent = (
            victim and words["aged"].search(victim) and not _is_minor(victim, words) and "孕" not in victim
        )
        found.append(("P0401", 42.0))
        found.append(("P0404", 44.0 if parent else 2.0))
        found.append(("N0102", 4.0))
    elif victim and ("injury" in have or "physical_contact" in have):
        if words["aged"].search(victim) and not _is_minor(victim, words) and "threat_targeted" not in have:
            found += [("P0404", 43.0), ("P0102", 6.0)]
        elif words["pupils"].search(text) and not words["grown"].search(text):
            found += [("P0405", 43.0), ("P0403", 4.0), ("P0102", 4.0)]
        else:
            found += [("P0403", 43.0), ("P0102", 6.0)]
    if "strangulation" in have:
        found.append(("P0101", 10.0))
    if words["sex"].search(text):
        found.append(("P0403" if words["young_victim"].search(text) else "P0101", 46.0))
    return found


def _is_minor(victim: str, words: Grammar) -> bool:
    return bool(words["young"].search(victim)) or any(0 < age.value < _ADULT_FROM for age in ages(victim))


def _crowds(text: str, words: Grammar, have: dict[str, Factor]) -> list[tuple[str, float]]:
    big = "crowd_30" in have
    if not big and "crowd_10" not in have:
        return []
    if "weapon" in have and ("injury" in have or "physical_contact" in have):
        return [("P0204", 62.0)]
    if words["hospital_school"].search(text) and (big or "property_damage" in have or "blockade" in have):
        return [("P0205", 48.0), ("P0201", 5.0)]
    if words["petition"].search(text) and (big or "blockade" in have):
        return [("P0202", 47.0), ("P0201", 6.0)]
    if "blockade" in have:
        road = words["road"].search(text) and not words["gate"].search(text)
        return [("P0203", 47.0 if road else 5.0), ("P0201", 46.0)]
    return [("P0201", 8.0 if big else 3.5)]


def _assault(text: str, words: Grammar, have: dict[str, Factor]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    if "injury" in have and "domestic_violence" not in have:
        drunk = "alcohol" in have and words["staff"].search(text) and words["struck_staff"].search(text)
        found += [
            ("P0102", 30.0),
            ("P0601", 34.0 if drunk else 6.0 if "alcohol" in have else 0.0),
            ("N1405", 2.0),
        ]
    elif "physical_contact" in have and words["brawl"].search(_evidence(text, have["physical_contact"])):
        found.append(("P0102", 14.0))
    if "alcohol" in have and "injury" not in have and words["drunk_alone"].search(text):
        found.append(("P0601", 3.0))
    elif "alcohol" in have:
        found.append(("P0601", 2.0))
    if "mental_disorder" in have:
        found.append(("P0703", 35.0))
    return found


def _minor(
    text: str, words: Grammar, have: dict[str, Factor], scores: dict[str, float]
) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    best = max((score for code, score in scores.items() if code.startswith("N")), default=0.0)
    if "stalking" in have:
        material = "large_amount" in have or words["material"].search(text)
        found.append(("P0505", 3.0 if material else 24.0))
    if "threat_vague" in have:
        found.append(("P0105", 3.0))
    damage = have.get("property_damage")
    if damage and words["wilful"].search(_evidence(text, damage)):
        found.append(("P0104", 8.0 if best < 4 else 3.0))
    noisy = any(scores.get(code, 0.0) >= 3 for code in ("N0205", "N1301", "N1302", "N1303"))
    if noisy and words["noise"].search(text):
        stubborn = "repeat_3_in_30" in have
        found.append(("P0605", 26.0 if stubborn else 2.0))
    return [(code, weight) for code, weight in found if weight]
