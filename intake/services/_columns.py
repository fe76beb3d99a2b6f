"""What one version of an alert fills in, first or amended: its columns, its class, what is doubtful."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dispute_hub.accounts.models import User
from dispute_hub.common.text import normalise_address
from dispute_hub.common.time import beijing_date
from intake.hints import hints_of
from intake.message import AlertFacts
from intake.selectors import _repeats as repeats
from intake.services._place import Located


def class_of(message: AlertFacts) -> str:
    """The class of the alert's item as its sender or a preview tells it; "" unknown."""
    return message.item_class or repeats.class_of(message.stated_item)


def columns_of(message: AlertFacts, located: Located, *, at: datetime) -> dict[str, Any]:
    """The columns a version fills, first or amended."""
    reporter = message.reporter or next((one for one in message.parties if one.role == "reporter"), None)
    place = located.place
    hints = [*hints_of(message, on=beijing_date(at)), *located.hints, *_crew_hints(message)]
    return {
        "report_form": message.report_form, "occurred_at": message.occurred_at,
        "reporter_name": reporter.name if reporter else "", "reporter_sex": reporter.sex if reporter else "",
        "reporter_phone": reporter.phone if reporter else "",
        "address": message.address[:100], "address_key": normalise_address(message.address)[:100],
        "longitude": place.longitude, "latitude": place.latitude,
        "station": place.station, "grid": place.grid, "street": place.street, "bureau": place.bureau,
        "stated_item": message.stated_item, "item_class": class_of(message), "narrative": message.narrative,
        "people_involved": message.people_involved, "amount": message.amount, "flags": list(message.flags),
        "officers": list(message.officers), "external_numbers": message.external_numbers,
        "procedure": message.procedure, "hints": sorted(set(hints)),
    }  # fmt: skip


def _crew_hints(message: AlertFacts) -> list[str]:
    """Officers nobody knows are stored and flagged."""
    if not message.officers:
        return []
    known = User.objects.filter(police_number__in=message.officers, is_active=True).count()
    return ["officer_unknown"] if known < len(message.officers) else []
