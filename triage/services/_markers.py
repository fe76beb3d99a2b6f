"""Known facts of people, supplied by the deployment: a record of violence, an order in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor
from dispute_hub.common.fields import blind_of
from triage.models import PartyMarker

CHANGING: Final = ["valid_from", "valid_until", "supplied_at"]


@dataclass(frozen=True, slots=True)
class MarkerRow:
    """One fact as it is supplied; a person is who has this ID number, or this telephone where none is known.

    `kind` is one of PartyMarker.Kind: diagnosis, list membership, petitioning or origin have no place here.
    """

    kind: str
    valid_from: date
    id_number: str = ""
    phone: str = ""
    valid_until: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Supplied:
    """How many facts were new, and how many known ones got other dates."""

    added: int
    updated: int


Key = tuple[str, str, bytes]


@transaction.atomic
def supply_markers(rows: Sequence[MarkerRow], *, source: str, actor: Actor, at: datetime) -> Supplied:
    """Store what the deployment knows, `source` for rows that name none. Safe to repeat.

    The same fact of the same person from the same source is one row: its dates follow the latest supply. A
    fact whose end has passed stays stored and is not read any more. Two queries and one for each new row.
    """
    policy.require(actor, "rules.manage", at=at)
    wanted = {_key_of(row, row.source or source): row for row in rows}
    known = {_key_of_stored(stored): stored for stored in _stored(wanted)}
    for key, stored in known.items():
        row = wanted[key]
        stored.valid_from, stored.valid_until, stored.supplied_at = row.valid_from, row.valid_until, at
    PartyMarker.objects.bulk_update(known.values(), CHANGING, batch_size=1000)
    for key in wanted.keys() - known.keys():
        row = wanted[key]
        PartyMarker.objects.create(
            kind=PartyMarker.Kind(row.kind), id_number=row.id_number, phone=row.phone,
            source=key[1], valid_from=row.valid_from, valid_until=row.valid_until, supplied_at=at,
        )  # fmt: skip
    return Supplied(added=len(wanted) - len(known), updated=len(known))


def _key_of(row: MarkerRow, source: str) -> Key:
    field, number = ("id_number", row.id_number) if row.id_number else ("phone", row.phone)
    return row.kind, source[:80], blind_of(PartyMarker, f"{field}_blind", number)


def _key_of_stored(stored: PartyMarker) -> Key:
    return stored.kind, stored.source, bytes(stored.id_number_blind or stored.phone_blind or b"")


def _stored(wanted: Iterable[Key]) -> list[PartyMarker]:
    """The stored facts of these keys, the newest of each last."""
    keys = set(wanted)
    blinds = [blind for _, _, blind in keys]
    people = Q(id_number_blind__in=blinds) | Q(id_number_blind__isnull=True, phone_blind__in=blinds)
    found = PartyMarker.objects.select_for_update().filter(people).order_by("id")
    return [stored for stored in found if _key_of_stored(stored) in keys]
