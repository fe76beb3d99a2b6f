"""The duty part of the world: a night's turn at the station, and an officer who is away."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispute_hub.accounts import roster_services as services
from tests.cast import Cast


def build(cast: Cast, *, at: datetime, markup: str) -> dict[str, int]:
    """Their ids by what an address calls them."""
    station, chief = cast.units.station, cast.station_chief
    span = {"starts_at": at + timedelta(hours=12), "ends_at": at + timedelta(hours=24)}
    turn = services.put_on_duty(station, post=cast.officer.post, duty="crew", actor=chief, at=at, **span)
    absence = services.note_absence(
        station, post=cast.second_officer.post, reason=f"年休{markup[:20]}", actor=chief, at=at, **span
    )
    return {"turn": turn.pk, "absence": absence.pk}
