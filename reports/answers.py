"""Cases, events and work as the API tells them: masked, by codes, instants in ISO 8601."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework.request import Request

from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common import masks
from reports import event_words
from reports.selectors import CaseFilePage, WorkRow
from triage.selectors import item_name


def next_url(request: Request, cursor: str) -> str | None:
    """The address of the next page: this one with another cursor."""
    if not cursor:
        return None
    params = request.query_params.copy()
    params["cursor"] = cursor
    return str(request.build_absolute_uri(f"{request.path}?{params.urlencode()}"))


def of_case(case: Case, *, is_outside: bool) -> dict[str, Any]:
    """A row of the list. Colour, level and their reasons stay on the police side."""
    row = {
        "case_no": case.case_no,
        "status": case.status,
        "item": {"code": case.item_code, "name": item_name(case.item_code)},
        "title": masks.redact(case.title),
        "address": masks.mask_address(case.address),
        "station": case.station.code if case.station else None,
        "holder": case.holder_unit.code if case.holder_unit else None,
        "opened_at": case.opened_at,
        "settled_at": case.settled_at,
        "settle_how": case.settle_how or None,
        "closed_at": case.closed_at,
        "updated_at": case.updated_at,
        "version": case.version,
    }
    if is_outside:
        return row
    return row | {
        "colour": case.colour or None,
        "colour_sentence": masks.redact(case.colour_sentence),
        "level": case.level or None,
        "side": case.side or None,
        "phase": case.phase,
        "alerts_count": case.alerts_count,
        "last_alert_at": case.last_alert_at,
    }


def of_file(file: CaseFilePage) -> dict[str, Any]:
    """The case file without its timeline, which has an address of its own."""
    return of_case(file.case, is_outside=file.is_outside) | {
        "parties": [
            {"id": line.party.pk, "role": line.party.role, "name": line.name,
             "known_as": masks.redact(line.party.known_as), "phone": line.phone, "id_number": line.id_number}
            for line in file.parties
        ],
        "clocks": [
            {"kind": clock.deadline.kind, "name": clock.name, "due_at": clock.deadline.due_at,
             "starts_at": clock.deadline.starts_at}
            for clock in file.clocks
        ],
        "alerts": [
            {"alert_no": alert.alert_no, "received_at": alert.received_at, "source": alert.source.code,
             "narrative": masks.redact(alert.narrative), "dispatch_status": alert.dispatch_status,
             "outcome": alert.outcome or None}
            for alert, _ in file.cards
        ],
        **{name: [_masked(entry) for entry in rows] for name, rows in file.parts.items()},
    }  # fmt: skip


def _masked(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: masks.redact(value) if name in FREE_TEXT else value for name, value in entry.items()}


FREE_TEXT = ("text", "feedback", "reason", "result_text", "end_text", "problem", "what", "place")


def of_event(event: CaseEvent, *, is_clear: bool) -> dict[str, Any]:
    """One line of the timeline with its sentence."""
    said = event_words.say(event)
    return {
        "id": event.pk,
        "kind": event.kind,
        "at": event.at,
        "phase": event.phase,
        "actor": event.actor_label,
        "text": said.text,
        "detail": said.detail if is_clear else masks.redact(said.detail),
    }


def of_work(row: WorkRow) -> dict[str, Any]:
    """One thing to do."""
    return asdict(row) | {"colour": row.colour or None, "case_no": row.case_no or None}
