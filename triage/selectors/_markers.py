"""Known facts of people: what the deployment supplied with its source, found by blind index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet
from django.db.models.functions import JSONObject

from dispute_hub.cases.models import Party
from triage.models import PartyMarker


@dataclass(frozen=True, slots=True, order=True)
class KnownFact:
    """One fact in force: its kind (PartyMarker.Kind) and who supplied it. Names nobody."""

    kind: str
    source: str

    @property
    def text(self) -> str:
        """What an assessment says of it, and no more (the law on personal data asks for the least)."""
        return f"已知情况：{PartyMarker.Kind(self.kind).label}（来源：{self.source}）"


def markers_of(parties: Iterable[Party], *, on: date) -> list[KnownFact]:
    """What is known on a day of these people, by telephone or ID number; one query, none for nobody.

    A witness is no side of a dispute.
    """
    sides = [party for party in parties if party.role != Party.PartyRole.WITNESS]
    phones = [bytes(party.phone_blind) for party in sides if party.phone_blind]
    numbers = [bytes(party.id_number_blind) for party in sides if party.id_number_blind]
    if not phones and not numbers:
        return []
    found = _in_force(on).filter(Q(phone_blind__in=phones) | Q(id_number_blind__in=numbers))
    return [KnownFact(kind, source) for kind, source in found.values_list("kind", "source").distinct()]


def known_rows_of_case(case_id: int, *, on: date) -> QuerySet[PartyMarker, Any]:
    """The same of the people of a case as `{kind, source}`, to stand inside another statement."""
    sides = Party.objects.filter(case_id=case_id).exclude(role=Party.PartyRole.WITNESS)
    phones = sides.filter(phone_blind__isnull=False).values("phone_blind")
    numbers = sides.filter(id_number_blind__isnull=False).values("id_number_blind")
    met = Q(_OneOf(F("phone_blind"), ArraySubquery(phones)))
    met |= Q(_OneOf(F("id_number_blind"), ArraySubquery(numbers)))
    return _in_force(on).filter(met).values(row=_ROW)


_ROW = JSONObject(kind="kind", source="source")


def _in_force(on: date) -> QuerySet[PartyMarker]:
    running = Q(valid_until__isnull=True) | Q(valid_until__gte=on)
    return PartyMarker.objects.filter(running, valid_from__lte=on)


class _OneOf(Func):
    """`column = ANY(ARRAY(…))`: read once, then looked up by index; `IN (…) OR …` reads every marker."""

    template, arg_joiner = "(%(expressions)s))", " = ANY("
    output_field = BooleanField()
