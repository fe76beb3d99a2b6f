"""What happened to a dispute after its alerts, as factors: where the engine names none, the event does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from dispute_hub.cases.models import Colour
from triage import engine
from triage.services._levels import colour_name, graver

if TYPE_CHECKING:
    from triage.selectors._markers import KnownFact
    from triage.selectors._told import Told
    from triage.services._judgement import Judgement

Found = dict[str, Any]
MEASURES: Final = 3
NAMED: Final = 3
# handbook 6: two or more failed mediations with a grudge of a year or more are orange. The engine knows how
# often they failed, not how long the case has been open.
OFTEN_FAILED: Final = 2
CALM: Final = "无加重情形"
# How the engine names what it was told of a person, and on which kinds of known facts a factor may rest.
OF_PERSON: Final = ("当事人标记", "已知情况")
RESTS_ON: Final[dict[str, tuple[str, ...]]] = {
    "prior_violence": ("prior_violence",),
    "order_breach": ("admonition_order", "protection_order"),
}


def factor(code: str, name: str, colour: str, text: str, *, points: int = 0) -> Found:
    """A factor whose evidence does not stand in the narrative."""
    evidence = [{"start": -1, "end": -1, "text": text}]
    return {"code": code, "name": name, "colour": colour, "points": points, "evidence": evidence}


def turned(judgement: Judgement, told: Told, *, rules: engine.RuleSet) -> Judgement:
    """The judgement with what became known beside the alert; the engine's own factors stand as they are."""
    judgement = _with_sources(judgement, told)
    named = {one["code"] for one in judgement.factors}
    for found in (*_of_rules(told, rules), *_of_events(told, named)):
        judgement = _with(judgement, found, rules)
    return judgement


def _of_rules(told: Told, rules: engine.RuleSet) -> Iterator[Found]:
    """Failed mediation and broken agreement, at the floor the rule set gives them."""
    if told.failed_mediations:
        old = told.days_open >= int(rules.thresholds["grudge_days"])
        grave = old and told.failed_mediations >= OFTEN_FAILED
        said = f"本案调解{told.failed_mediations}次未成" + ("，立案已逾一年" if grave else "")
        yield from _at_floor("failed_mediation", said, rules, least=Colour.ORANGE if grave else "")
    if told.broken_agreements:
        said = f"调解协议{told.broken_agreements}次未按期履行"
        yield from _at_floor("agreement_breached", said, rules)


def _at_floor(code: str, said: str, rules: engine.RuleSet, *, least: str = "") -> Iterator[Found]:
    rule = rules.factors.get(code)
    if rule is not None:
        yield factor(code, rule.name, graver(rule.floor, least), said, points=rule.points)


def _of_events(told: Told, named: set[str]) -> Iterator[Found]:
    """What no rule set knows. An omission of ours says nothing about the parties: it raises nothing."""
    if told.bad_follow_ups:
        colour = Colour.ORANGE if told.is_danger else Colour.YELLOW
        said = "回访发现矛盾升级迹象" if told.is_danger else "回访发现矛盾未解或有反复"
        yield factor("follow_up_bad", "回访异常", str(colour), said)
    if told.missed_follow_ups:
        said = f"回访{told.missed_follow_ups}次未按期进行"
        yield factor("follow_up_missed", "回访逾期", str(Colour.BLUE), said)
    if told.expired_waits and "agreement_breached" not in named:
        said = f"约定事项{told.expired_waits}次到期未见履行"
        yield factor("wait_expired", "约定逾期", str(Colour.BLUE), said)


def _with(judgement: Judgement, found: Found, rules: engine.RuleSet) -> Judgement:
    """One more factor, unless one of its code stands there as grave; colour, sentence, measures follow."""
    same = [one for one in judgement.factors if one["code"] == found["code"]]
    if any(graver(one["colour"], found["colour"]) == one["colour"] for one in same):
        return judgement
    kept = tuple(one for one in judgement.factors if one["code"] != found["code"])
    factors = tuple(sorted((found, *kept), key=_by_gravity))
    colour = graver(judgement.colour, found["colour"])
    judgement = replace(judgement, factors=factors)
    if found["colour"] != colour or colour == Colour.BLUE:
        return judgement
    return replace(
        judgement,
        colour=colour,
        sentence=_sentence(judgement, colour, found),
        one_lower=judgement.one_lower if colour == judgement.colour else _one_lower(colour, found, rules),
        measures=_measures(judgement, colour, found, rules),
    )


def _by_gravity(found: Found) -> tuple[int, int]:
    order = [str(Colour.RED), str(Colour.ORANGE), str(Colour.YELLOW), str(Colour.BLUE)]
    return order.index(found["colour"]), -found["points"]


def _sentence(judgement: Judgement, colour: str, found: Found) -> str:
    """What happened first; then, where the colour was the same before, what was said of it."""
    words = [found["evidence"][0]["text"]]
    if judgement.colour == colour:
        words += [word for word in judgement.sentence.partition("：")[2].split(" + ") if word != CALM]
    return f"{colour_name(colour)}：{' + '.join(words[:NAMED])}"


def _one_lower(colour: str, found: Found, rules: engine.RuleSet) -> str:
    return f"若核实无“{found['name']}”：{rules.advice['lower'][colour]}"


def _measures(judgement: Judgement, colour: str, found: Found, rules: engine.RuleSet) -> tuple[str, ...]:
    own = [str(rules.advice["factor"][found["code"]])] if found["code"] in rules.advice["factor"] else []
    rest = judgement.measures if colour == judgement.colour else map(str, rules.advice["colour"][colour])
    return tuple(dict.fromkeys((*own, *rest)))[:MEASURES]


def _with_sources(judgement: Judgement, told: Told) -> Judgement:
    """A known fact is named with its source and nothing else of what is stored about it."""
    if not told.known:
        return judgement
    return replace(judgement, factors=tuple(_sourced(one, told.known) for one in judgement.factors))


def _sourced(found: Found, known: Iterable[KnownFact]) -> Found:
    said = [one for one in found["evidence"] if one["start"] >= 0 or not one["text"].startswith(OF_PERSON)]
    texts = [fact.text for fact in known if fact.kind in RESTS_ON.get(found["code"], ())]
    if len(said) == len(found["evidence"]) or not texts:
        return found
    return {**found, "evidence": [*said, *({"start": -1, "end": -1, "text": text} for text in texts)]}
