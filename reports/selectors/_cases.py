"""The case list: every filter walks an index, and the cost follows the page, not the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.cases.models import Case
from dispute_hub.cases.selectors import BY_GRANT, SCOPE_COLUMN, granted_case_ids, search_cases
from dispute_hub.common.paging import Page, keyset_after, keyset_page, page_size
from triage import engine

BY_OPENING: Final = ("-opened_at", "-id")
BY_CHANGE: Final = ("-updated_at", "-id")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list asks for; "" and None ask for nothing. `station` is a unit code."""

    status: str = ""
    colour: str = ""
    level: str = ""
    station: str = ""
    item: str = ""
    q: str = ""
    updated_since: datetime | None = None

    @property
    def order(self) -> tuple[str, str]:
        """Newest first; what changed since an instant comes in the order of its changes."""
        return BY_CHANGE if self.updated_since else BY_OPENING


def case_page(
    actor: PostActor, wanted: CaseFilter, *, at: datetime, cursor: str | None, size: int | str | None = None
) -> Page[Case]:
    """One page of the cases the post may see, newest first; one query, however many cases there are.

    The post's own columns and its grants are read as two branches: an OR of both would keep
    PostgreSQL from walking either index in order. The branches together are exactly `visible_to`.
    """
    branches = [
        _one_page(_filtered(rows, wanted), wanted.order, cursor, size) for rows in _branches(actor, at=at)
    ]
    found: QuerySet[Case] = branches[0].union(*branches[1:]) if len(branches) > 1 else branches[0]
    rows = Case.objects.filter(pk__in=found).select_related("station", "holder_unit", "holder_post__user")
    return keyset_page(rows, order=wanted.order, cursor=cursor, size=size)


def stations_to_choose(actor: PostActor) -> list[Unit]:
    """The stations a bureau's list can be narrowed to; nobody else sees several."""
    if SCOPE_COLUMN.get(Role(actor.role)) != "bureau_id":
        return []
    return list(Unit.objects.filter(kind=UnitKind.STATION, bureau=actor.unit.pk).order_by("code"))


def items_to_choose() -> list[tuple[str, str]]:
    """The classes of the list of matters by code; no query."""
    classes = {item.class_code: item.class_name for item in engine.load_taxonomy().items.values()}
    return sorted(classes.items())


def _branches(actor: PostActor, *, at: datetime) -> list[QuerySet[Case]]:
    branches = []
    column = SCOPE_COLUMN.get(Role(actor.role))
    if column:
        branches.append(Case.objects.filter(**{column: actor.post.unit_id}))
    if actor.role in BY_GRANT:
        branches.append(Case.objects.filter(pk__in=granted_case_ids(actor, at=at)))
    return branches or [Case.objects.none()]


def _one_page(rows: QuerySet[Case], order: tuple[str, str], cursor: str | None, size: Any) -> QuerySet[Any]:
    """Ids of at most one page and one row of a branch."""
    behind = keyset_after(rows, order=order, cursor=cursor)
    return behind.order_by(*order).values("pk")[: page_size(size) + 1]


def _filtered(rows: QuerySet[Case], wanted: CaseFilter) -> QuerySet[Case]:
    exact = {"status": wanted.status, "colour": wanted.colour, "level": wanted.level}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.item:
        # A class code such as N01 stands for all its matters.
        by_item = Q(item_code=wanted.item) if len(wanted.item) > 3 else Q(item_code__startswith=wanted.item)
        rows = rows.filter(by_item)
    if wanted.station:
        # One value, not a join: PostgreSQL then reads the station's index in order and stops at the page.
        rows = rows.filter(station=Unit.objects.filter(code=wanted.station).values("pk")[:1])
    if wanted.updated_since:
        rows = rows.filter(updated_at__gte=wanted.updated_since)
    return search_cases(rows, wanted.q) if wanted.q else rows
