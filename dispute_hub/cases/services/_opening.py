"""A case is opened, found again, locked, held and reopened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Func, Value

from dispute_hub.accounts.actor import Actor
from dispute_hub.accounts.models import Post, Unit
from dispute_hub.cases import deadlines, lifecycle, numbers
from dispute_hub.cases.models import Case, CaseEvent, Party, Status
from dispute_hub.common.errors import Stale
from dispute_hub.common.text import normalise_address, search_terms


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case belongs: every part may be unknown, an unknown station sends it to the pool."""

    bureau: Unit | None = None
    station: Unit | None = None
    area: Unit | None = None
    street: Unit | None = None
    grid: Unit | None = None
    address: str = ""
    longitude: Decimal | None = None
    latitude: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """One party as reported; all of it may be missing (身份待查)."""

    role: str = Party.PartyRole.PARTY
    name: str = ""
    phone: str = ""
    id_type: str = ""
    id_number: str = ""
    sex: str = ""
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new case starts from."""

    status: str
    source: str
    title: str
    place: Place
    narrative: str = ""
    parties: tuple[PartyFacts, ...] = field(default=())


def lock(case_id: int) -> Case:
    """The case, locked for this transaction; the first lock of every service (case → order → party)."""
    return Case.objects.select_for_update(of=("self",)).get(pk=case_id)


def lock_version(case_id: int, version: int | None) -> Case:
    """Lock, and refuse with Stale when a form was filled against an older version of the case."""
    case = lock(case_id)
    if version is not None and version != case.version:
        last = CaseEvent.objects.filter(case=case).order_by("-id").first()
        raise Stale(who=last.actor_label if last else "", at=case.updated_at, what=case.get_status_display())
    return case


def open_case(opening: Opening, *, at: datetime) -> Case:
    """A new case with its parties, held by the station. The alert's arrival is recorded by the intake."""
    place = opening.place
    case = Case.objects.create(
        case_no=numbers.issue("case", at),
        status=opening.status,
        source=opening.source,
        title=opening.title[:100],
        address=place.address[:100],
        address_key=normalise_address(place.address)[:100],
        longitude=place.longitude,
        latitude=place.latitude,
        bureau=place.bureau,
        station=place.station,
        area=place.area,
        street=place.street,
        grid=place.grid,
        holder_unit=place.station or place.bureau,
        opened_at=at,
        last_alert_at=at,
        updated_at=at,
        search=_vector(f"{opening.title} {place.address} {opening.narrative}"),
    )
    _add_new(case, opening.parties, known=(), at=at)
    return case


def _vector(text: str) -> Func:
    """Words as lexemes just as they are: the database's own parser drops Chinese in a C locale."""
    terms = Value(search_terms(text), output_field=ArrayField(CharField()))
    return Func(terms, function="array_to_tsvector")


def reindex(case: Case, text: str) -> None:
    """Make the case findable by the words of `text` (all its narratives, title and address)."""
    Case.objects.filter(pk=case.pk).update(search=_vector(text))


def add_parties(case: Case, parties: tuple[PartyFacts, ...], *, at: datetime) -> None:
    """Add parties that are not on the case yet; the same number or the same full name is the same person."""
    _add_new(case, parties, known=Party.objects.filter(case=case), at=at)


def _add_new(case: Case, parties: tuple[PartyFacts, ...], *, known: Iterable[Party], at: datetime) -> None:
    seen = {key for party in known for key in _keys(party)}
    new = []
    for facts in parties:
        party = Party(case=case, added_at=at, **_columns(facts))
        keys = _keys(party)
        if keys and not keys & seen:
            new.append(party)
            seen |= keys
    Party.objects.bulk_create(new)


def _columns(facts: PartyFacts) -> dict[str, str]:
    return {name: getattr(facts, name) for name in PartyFacts.__slots__}


def _keys(party: Party) -> set[tuple[str, str]]:
    pairs = (("phone", party.phone), ("id", party.id_number), ("name", party.name), ("as", party.known_as))
    return {(kind, value) for kind, value in pairs if value}


def add_alert(case: Case, *, at: datetime) -> None:
    """Count one more alert on a locked case; its caller reopens one that was settled or closed."""
    case.alerts_count += 1
    case.last_alert_at = case.updated_at = at
    case.save(update_fields=["alerts_count", "last_alert_at", "updated_at"])


def reopen(case: Case, *, actor: Actor, at: datetime, why: str, cause: CaseEvent | None = None) -> None:
    """Take a settlement back: to tracking, out of the figures of settled cases."""
    deadlines.end(case, at=at, kinds=["close.approve"])
    lifecycle.move(
        case,
        Status.TRACKING,
        actor=actor,
        at=at,
        cause=cause,
        data={"entry": "reopened", "why": why},
        settled_at=None,
        settle_how="",
        close_proposed_at=None,
        closed_at=None,
    )


def hold(case: Case, *, unit_id: int | None, post: Post | None) -> None:
    """Say who holds the case from now on."""
    case.holder_unit_id, case.holder_post = unit_id, post
    case.save(update_fields=["holder_unit", "holder_post"])
