"""What was known beside each of many alerts at an instant: for work that reads a whole period again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.fields.json import KT

from dispute_hub.cases.models import CaseEvent, Party
from dispute_hub.common.time import beijing_date
from intake.models import Alert
from triage.models import PartyMarker
from triage.selectors import _told as one

ByCase = dict[int, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Moment:
    """An alert of a case opened at `opened_at`, and the instant up to which things count as known."""

    alert_id: int
    case_id: int
    received_at: datetime
    opened_at: datetime
    until: datetime


def told_of_many(moments: Sequence[Moment]) -> dict[int, one.Told]:
    """`told_of` of each alert as it would have answered at the instant, by alert id.

    Four queries, however many alerts there are.
    """
    case_ids = {moment.case_id for moment in moments}
    happened, reported, known = _happened(case_ids), _reported(case_ids), _known(case_ids)
    found = {}
    for moment in moments:
        on = beijing_date(moment.until)
        told = one._told(
            _between(happened[moment.case_id], None, moment.until),
            _between(reported[moment.case_id], moment.received_at, moment.until),
            [row["fact"] for row in known[moment.case_id] if row["from"] <= on <= (row["to"] or on)],
            since=moment.received_at,
        )
        found[moment.alert_id] = replace(told, days_open=(on - beijing_date(moment.opened_at)).days)
    return found


def _between(rows: Iterable[dict[str, Any]], since: datetime | None, until: datetime) -> list[dict[str, Any]]:
    """Rows of the span, with their instant as the database's JSON writes it."""
    return [
        {**row, "at": row["at"].isoformat()}
        for row in rows
        if row["at"] <= until and (since is None or row["at"] >= since)
    ]


def _happened(case_ids: set[int]) -> ByCase:
    events = CaseEvent.objects.filter(case_id__in=case_ids, kind__in={*one.COUNTED, *one.TELLING})
    rows = events.order_by("id").values(
        "case_id", "kind", "at", text=KT("data__text"), danger=KT("data__danger")
    )
    return _by_case(dict(row) for row in rows)


def _reported(case_ids: set[int]) -> ByCase:
    alerts = Alert.objects.filter(case_id__in=case_ids, outcome_at__isnull=False)
    alerts = alerts.exclude(outcome__in=one.NO_WORDS_OF).order_by("id")
    return _by_case(
        {"case_id": case_id, "at": at, "text": text}
        for case_id, at, text in alerts.values_list("case_id", "outcome_at", "outcome_text")
    )


def _known(case_ids: set[int]) -> ByCase:
    """Facts of the people of each case, in force at whatever day."""
    sides = Party.objects.filter(case_id__in=case_ids).exclude(role=Party.PartyRole.WITNESS)
    of_key: dict[bytes, set[int]] = defaultdict(set)
    for case_id, phone, number in sides.values_list("case_id", "phone_blind", "id_number_blind"):
        for key in filter(None, (phone, number)):
            of_key[bytes(key)].add(case_id)
    facts = PartyMarker.objects.filter(Q(phone_blind__in=of_key) | Q(id_number_blind__in=of_key))
    columns = ("kind", "source", "valid_from", "valid_until", "phone_blind", "id_number_blind")
    rows = []
    for kind, source, since, until, phone, number in facts.values_list(*columns):
        cases = of_key.get(phone or b"", set()) | of_key.get(number or b"", set())
        fact = {"fact": {"kind": kind, "source": source}, "from": since, "to": until}
        rows += [{**fact, "case_id": case_id} for case_id in cases]
    return _by_case(rows)


def _by_case(rows: Iterable[dict[str, Any]]) -> ByCase:
    found: ByCase = defaultdict(list)
    for row in rows:
        found[row["case_id"]].append(row)
    return found
