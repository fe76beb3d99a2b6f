"""Stricter limits of units as their page shows them, and as a clock's explanation names them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Q, QuerySet, When

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.cases import clock_bounds, clock_table
from dispute_hub.cases.clock_selectors import limit_words
from dispute_hub.cases.clock_table_selectors import KEYS, in_order
from dispute_hub.cases.models import UnitLimit
from dispute_hub.common.errors import OutOfScope

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class UnitLimitRow:
    """One version in words; `may_decide` for a second person at the bureau."""

    row: UnitLimit
    name: str
    key: str
    limit: str
    tabled: str
    may_decide: bool


def stations_of(actor: PostActor) -> list[Unit]:
    """Whose limits this post looks after: its own station, or at the bureau every station below."""
    if actor.role == Role.BUREAU:
        rows = Unit.objects.filter(kind=UnitKind.STATION, bureau=actor.unit, is_active=True)
        return list(rows.order_by("code"))
    return [actor.unit] if actor.unit.kind == UnitKind.STATION else []


def unit_limits(actor: PostActor) -> list[UnitLimitRow]:
    """What is proposed and in force, then what was. One query beside the stations."""
    decides = policy.allows(actor.role, "unit_limits.approve")
    waiting_first = Case(When(status="proposed", then=0), When(status="active", then=1), default=2)
    rows = _of(actor).select_related("unit", "proposer", "approver")
    rows = rows.order_by(waiting_first, "-proposed_at", "-id")
    return [
        UnitLimitRow(
            row,
            clock_table.name_of(row.kind),
            KEYS.get(row.key, row.key),
            limit_words(row.limit) if row.limit else "按全市时限",
            limit_words(clock_table.limit_of(row.kind, row.key)),
            decides and row.status == "proposed" and row.proposer_id != actor.user.pk,
        )
        for row in rows[:MOST_ROWS]
    ]


def get_unit_limit(actor: PostActor, limit_id: int) -> UnitLimit:
    """One version of a unit in reach; OutOfScope (404) alike otherwise."""
    row = _of(actor).filter(pk=limit_id).first()
    if row is None:
        raise OutOfScope("没有找到该申请，或不在当前岗位的管理范围内。")
    return row


def _of(actor: PostActor) -> QuerySet[UnitLimit]:
    below = Q(unit__bureau=actor.unit) if actor.role == Role.BUREAU else Q(pk__in=[])
    return UnitLimit.objects.filter(below | Q(unit=actor.unit))


def clock_choices() -> list[tuple[str, str]]:
    """Every limit of the table as a choice: `kind|key`, with what holds now."""
    clocks = clock_table.table()["clocks"]
    return [
        (f"{kind}|{key}", f"{clock['name']} · {KEYS.get(key, key)}（全市{limit_words(limit)}）")
        for kind, clock in clocks.items()
        for key, limit in in_order(clock["limits"])
    ]


def unit_choices() -> list[tuple[str, str]]:
    """The units a limit may be counted in."""
    return [(unit, words[0]) for unit, words in clock_bounds.BOUNDS.items()]
