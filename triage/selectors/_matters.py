"""The list of matters 清单 and the rule sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dispute_hub.cases.models import GRAVITY
from triage import engine
from triage.models import RuleSet, TaxonomyItem


@dataclass(frozen=True, slots=True)
class ItemClass:
    """One class of the list with its matters, for choices."""

    code: str
    name: str
    side: str
    items: tuple[tuple[str, str], ...]


def taxonomy() -> list[ItemClass]:
    """The active list of matters by class; one query."""
    classes: dict[str, list[TaxonomyItem]] = {}
    for item in TaxonomyItem.objects.filter(is_active=True).order_by("class_code", "code"):
        classes.setdefault(item.class_code, []).append(item)
    return [
        ItemClass(code, rows[0].class_name, rows[0].side, tuple((row.code, row.name) for row in rows))
        for code, rows in classes.items()
    ]


def item_name(code: str) -> str:
    """The name of a matter as people know it; an unknown code stays itself. No query."""
    item = engine.load_taxonomy().items.get(code)
    return item.name if item else code


def item_side(code: str) -> str:
    """police or non_police; "" for an unknown code. No query."""
    item = engine.load_taxonomy().items.get(code)
    return item.side if item else ""


def lead_departments(code: str) -> tuple[str, ...]:
    """Who leads a matter, the most competent first. No query."""
    item = engine.load_taxonomy().items.get(code)
    return item.lead_departments if item else ()


def active_rules() -> dict[str, Any]:
    """The rules in force for reading: the stored version (None: the package's own) and its factors.

    Factors come gravest first as `{code, name, floor, points, …}`; thresholds as data.
    """
    active = RuleSet.objects.filter(status=RuleSet.Status.ACTIVE).select_related("approver").first()
    content = active.content if active else engine.load_rules().draft
    factors = sorted(content["factor"], key=lambda row: (-GRAVITY[row["floor"]], -row["points"]))
    return {"active": active, "factors": factors, "thresholds": content["thresholds"]}
