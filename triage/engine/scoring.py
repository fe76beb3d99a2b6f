"""How well verdicts agree with labelled cases; the figures of `evaluate_triage`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.engine.assessing import assess
from triage.engine.kinds import COLOURS, Prior, Report, Verdict
from triage.engine.rules import RuleSet
from triage.engine.taxonomy import OUTSIDE


@dataclass(frozen=True)
class Scored:
    """One labelled case beside the engine's verdict."""

    id: str
    expected: dict[str, Any]
    verdict: Verdict

    @property
    def item_right(self) -> bool:
        return self.verdict.item in self.accepted

    @property
    def accepted(self) -> set[str]:
        return {self.expected["item"], *self.expected.get("alternatives", ())}

    @property
    def colour(self) -> str | None:
        return self.verdict.colour if self.verdict.dispute else None


def report_of(case: dict[str, Any]) -> Report:
    """The report of one line of a labelled file."""
    priors = tuple(
        Prior(
            datetime.fromisoformat(prior["received_at"]),
            prior.get("narrative", ""),
            prior.get("outcome", "none"),
        )
        for prior in case.get("prior_alerts", ())
    )
    return Report(
        case["narrative"],
        datetime.fromisoformat(case["received_at"]),
        case.get("source", "110"),
        priors=priors,
    )


def score_cases(cases: Sequence[dict[str, Any]], rules: RuleSet) -> list[Scored]:
    """Every case with its verdict, in order."""
    return [
        Scored(str(case.get("id", index)), case["expected"], assess(report_of(case), rules))
        for index, case in enumerate(cases)
    ]


def figures(scored: Sequence[Scored]) -> dict[str, float]:
    """Flat figures, shares between 0 and 1; an alternative counts as right for item and class."""
    total = len(scored)
    red = [_is_red(one, {"red"}) for one in scored]
    grave = [_is_red(one, {"red", "orange"}) for one in scored]
    disputes = [one for one in scored if one.expected["dispute"]]
    return {
        "n": total,
        "dispute_accuracy": _share([one.verdict.dispute == one.expected["dispute"] for one in scored]),
        "side_accuracy": _share([_side(one.verdict.item) == _side(one.expected["item"]) for one in scored]),
        "class_top1": _share([one.verdict.item[:3] in {code[:3] for code in one.accepted} for one in scored]),
        "class_top3": _share(
            [bool({code[:3] for code in _three(one)} & {c[:3] for c in one.accepted}) for one in scored]
        ),
        "item_top1": _share([one.item_right for one in scored]),
        "item_top3": _share([bool(set(_three(one)) & one.accepted) for one in scored]),
        "colour_exact": _share([one.colour == one.expected["colour"] for one in scored]),
        "kappa": _kappa([(one.expected["colour"], one.verdict.colour or "blue") for one in disputes]),
        "red_recall": _ratio(red, 1),
        "red_precision": _ratio(red, 0),
        "red_orange_recall": _ratio(grave, 1),
        "red_orange_precision": _ratio(grave, 0),
        "factor_f1": _f1(scored),
        "ms_per_case": round(sum(one.verdict.ms for one in scored) / total, 3) if total else 0.0,
    }


def _three(one: Scored) -> tuple[str, ...]:
    return (one.verdict.item, *one.verdict.alternatives)


def _side(code: str) -> str:
    return "police" if code.startswith("P") or code == OUTSIDE else "non_police"


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / len(hits), 4) if hits else 0.0


def _is_red(one: Scored, colours: set[str]) -> tuple[bool, bool]:
    return one.colour in colours, one.expected["colour"] in colours


def _ratio(pairs: Sequence[tuple[bool, bool]], base: int) -> float:
    chosen = [pair for pair in pairs if pair[base]]
    return round(sum(all(pair) for pair in chosen) / len(chosen), 4) if chosen else 1.0


def _f1(scored: Sequence[Scored]) -> float:
    right = wrong = missed = 0
    for one in scored:
        if not one.expected["dispute"]:
            continue
        ours, theirs = {factor.code for factor in one.verdict.factors}, set(one.expected["factors"])
        right, wrong, missed = (
            right + len(ours & theirs),
            wrong + len(ours - theirs),
            missed + len(theirs - ours),
        )
    return round(2 * right / (2 * right + wrong + missed), 4) if right else 0.0


def _kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Cohen's kappa with quadratic weights over the four colours."""
    if not pairs:
        return 0.0
    size, total = len(COLOURS), len(pairs)
    index = {colour: place for place, colour in enumerate(COLOURS)}
    seen = [[0.0] * size for _ in range(size)]
    for theirs, ours in pairs:
        seen[index[theirs]][index[ours]] += 1  # type: ignore[index]
    rows = [sum(row) for row in seen]
    columns = [sum(row[place] for row in seen) for place in range(size)]
    observed = sum((i - j) ** 2 * seen[i][j] for i in range(size) for j in range(size))
    chance = sum((i - j) ** 2 * rows[i] * columns[j] / total for i in range(size) for j in range(size))
    return round(1 - observed / chance, 4) if chance else 1.0
