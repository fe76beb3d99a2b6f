"""Whose stations a board shows to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind, UnitLink
from dispute_hub.common.errors import OutOfScope

OWN_STATION: Final = frozenset({Role.STATION_COMMAND, Role.STATION_CHIEF})
LINKED: Final = frozenset({Role.CENTRE})
# The rest of the board's readers see aggregates only: lists of cases stay on the police side.
MAY_LIST: Final = OWN_STATION | {Role.BUREAU, Role.LEADER, Role.OFFICE_CLERK}
# The clerk reads the lists, but opens only files that an instruction has brought to him.
MAY_OPEN: Final = MAY_LIST - {Role.OFFICE_CLERK}


@dataclass(frozen=True, slots=True)
class Territory:
    """The stations of a board, in order of their codes, and the bureau that counts for them."""

    bureau_id: int
    stations: list[Unit]
    chosen: str
    may_list: bool
    may_open: bool

    @property
    def shown(self) -> list[Unit]:
        return [unit for unit in self.stations if self.chosen in ("own", unit.code)]

    @property
    def station_ids(self) -> list[int]:
        return [unit.pk for unit in self.shown]


def territory_of(actor: PostActor, unit: str | None) -> Territory:
    """The stations this post's board covers; `unit` is "own" or the code of one of them, else 404."""
    rows = Unit.objects.filter(kind=UnitKind.STATION)
    bureau_id = actor.unit.bureau_id or actor.unit.pk
    if actor.role in OWN_STATION:
        rows = rows.filter(pk=actor.unit.pk)
    elif actor.role in LINKED:
        links = UnitLink.objects.filter(kind=UnitLink.Kind.STATION_STREET, governance=actor.unit)
        rows = rows.filter(pk__in=links.values("police_id"))
    else:
        rows = rows.filter(bureau=bureau_id)
    may = (actor.role in MAY_LIST, actor.role in MAY_OPEN)
    found = Territory(bureau_id, list(rows.order_by("code")), unit or "own", *may)
    if not found.shown and found.chosen != "own":
        raise OutOfScope("没有找到该单位，或不在当前岗位的查看范围内。")
    return found
