"""What would cost too much for each case is made once and drawn from: words, judgements, sealed people."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Field, Model

from dispute_hub.cases.models import Party
from dispute_hub.common import crypto
from dispute_hub.common.text import normalise_address, search_terms
from dispute_hub.demo.bulk._copying import NULL, json_text, line_text, sealed
from dispute_hub.demo.calls import Call, Caller, of_colour
from dispute_hub.demo.units import STREETS
from intake.message import AlertFacts
from intake.models import Alert, AlertVersion
from triage import engine
from triage import services as triage

CALLS: Final = 480
PEOPLE: Final = 4000
COLOURS: Final = {"blue": 50, "yellow": 28, "orange": 8, "red": 3, "": 8, "void": 3}


@dataclass(frozen=True, slots=True)
class Told:
    """One call as every row about it needs it, in the form COPY takes."""

    colour: str
    is_dispute: bool
    is_void: bool
    item: str
    item_name: str
    side: str
    sentence: str
    narrative: str
    title: str
    where: str
    words: str
    content: str
    content_hash: str
    factors: str
    alternatives: str
    measures: str
    leads: str
    amount: str
    people: str
    flags: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """One invented person, sealed for the columns of Party and of Alert."""

    party: tuple[str, ...]
    reporter: tuple[str, ...]
    sex: str


class Pool:
    """Calls by weight of colour and people, drawn by the loader's own generator."""

    def __init__(self, seed: int, *, at: datetime) -> None:
        self.rng = random.Random(f"pool:{seed}")
        caller = Caller(seed)
        weights = list(COLOURS.values())
        rules = triage.rules_in_force()
        self.calls: list[Told] = []
        for _ in range(CALLS):
            colour = self.rng.choices(list(COLOURS), weights=weights)[0]
            call = caller.call(self.rng.choice(of_colour(colour)), self.rng.choice(STREETS))
            self.calls.append(_told(call, rules, is_void=colour == "void", at=at))
        self.people = [_sealed(caller) for _ in range(PEOPLE)]


def _told(call: Call, rules: engine.RuleSet, *, is_void: bool, at: datetime) -> Told:
    report = engine.Report(
        narrative=call.narrative, received_at=at, people_involved=call.people, amount=call.amount,
        flags=call.flags,
    )  # fmt: skip
    verdict = engine.assess(report, rules)
    title = call.narrative.split("。")[0][:60]
    facts = AlertFacts(alert_no="", received_at=at, address=call.address, narrative=call.narrative)
    grave = verdict.colour in ("red", "orange")
    return Told(
        colour=str(verdict.colour or "") if verdict.dispute or grave else "",
        is_dispute=verdict.dispute,
        is_void=is_void,
        item=verdict.item,
        item_name=verdict.item_name,
        side=str(verdict.side),
        sentence=line_text(verdict.sentence[:120]),
        narrative=line_text(call.narrative),
        title=line_text(title),
        where=call.address,
        words=_vector(f"{title} {call.address} {call.narrative}"),
        content=sealed(_seal(AlertVersion, "content", facts.content())),
        content_hash=sealed(facts.content_hash()),
        factors=json_text([_factor(found) for found in verdict.factors]),
        alternatives=json_text(list(verdict.alternatives)),
        measures=json_text(list(verdict.measures)),
        leads=json_text(list(verdict.lead_departments)),
        amount=str(call.amount) if call.amount else NULL,
        people=str(call.people) if call.people else NULL,
        flags="{" + ",".join(call.flags) + "}",
    )


def _factor(found: engine.Factor) -> dict[str, Any]:
    spans = [{"start": span.start, "end": span.end, "text": span.text} for span in found.evidence]
    return {"code": found.code, "name": found.name, "colour": found.floor, "points": found.points,
            "evidence": spans}  # fmt: skip


def _vector(text: str) -> str:
    """A text-search value without positions, as `cases.services` writes it."""
    terms = sorted({term.replace("'", "").replace("\\", "") for term in search_terms(text)})
    return " ".join(f"'{term}'" for term in terms if term)


def _sealed(caller: Caller) -> Sealed:
    person = caller.person("party")
    columns = (
        "name",
        "phone",
        "phone_blind",
        "phone_last4",
        "id_number",
        "id_number_blind",
        "id_number_last4",
    )
    values = {"name": person.name, "phone": person.phone, "id_number": person.id_number}
    return Sealed(
        party=_columns(Party, columns, values),
        reporter=_columns(
            Alert,
            ("reporter_name", "reporter_phone", "phone_blind", "phone_last4"),
            {"reporter_name": person.name, "reporter_phone": person.phone},
        ),
        sex=person.sex,
    )


def _columns(model: type[Model], names: Sequence[str], values: dict[str, str]) -> tuple[str, ...]:
    return tuple(sealed(_column(model, name, values)) for name in names)


def _column(model: type[Model], name: str, values: dict[str, str]) -> bytes | None:
    """A sealed value, or the blind index of its sibling."""
    field: Any = model._meta.get_field(name)
    if name in values:
        return _seal(model, name, values[name])
    found: bytes | None = field.blind(values[field.of])
    return found


def _seal(model: type[Model], name: str, value: str) -> bytes:
    field: Field[Any, Any] = model._meta.get_field(name)  # type: ignore[assignment]
    context = getattr(field, "context", "") or f"{model._meta.label_lower}.{name}"
    return crypto.seal(value.encode(), context) if value else b""


def address_key(text: str) -> str:
    """The comparable form of an address."""
    return normalise_address(text)[:100]
