"""All clocks of a case stop at once and run on together, as while an emergency is commanded on the spot."""

from __future__ import annotations

from datetime import datetime

from dispute_hub.accounts.actor import Actor, PostActor, post_id_of
from dispute_hub.cases import clock_moves, lifecycle
from dispute_hub.cases.models import Case, ClockPause, Deadline, Standstill
from dispute_hub.common.errors import Conflict


def stop_clocks(
    case: Case, *, reason: str, going_on: tuple[str, ...], actor: PostActor, at: datetime
) -> Standstill:
    """Stop every running clock of a locked case, safety clocks as well, but for kinds that begin so.

    Clocks that start meanwhile stand still from their start on: the sweep finds them before it reminds
    anybody. Raises Conflict when the clocks of the case stand still already.
    """
    if case.standstills.filter(ended_at__isnull=True).exists():
        raise Conflict("案件时限已在整体暂停中。", code="already_stopped")
    still = Standstill.objects.create(
        case=case, reason=reason, going_on=list(going_on), begun_at=at, begun_by=actor.post
    )
    stopped = [row for row in _running(case) if row.paused_at is None and still.stops(row)]
    clock_moves.stop(stopped, still, at=at)
    lifecycle.record(
        case, "deadline.all_stopped", actor=actor, at=at, subject=still,
        data={"text": reason, "number": len(stopped)},
    )  # fmt: skip
    return still


def restart_clocks(case: Case, *, actor: Actor, at: datetime) -> int:
    """Let the clocks of a locked case run on with what was left. Returns how many stood still."""
    still = case.standstills.select_for_update().filter(ended_at__isnull=True).first()
    if still is None:
        return 0
    still.ended_at, still.ended_by_id = at, post_id_of(actor)
    still.save(update_fields=["ended_at", "ended_by"])
    late = [row for row in _running(case) if row.paused_at is None and still.stops(row)]
    clock_moves.stop(late, still, at=at)
    open_ones = ClockPause.objects.filter(standstill=still, resumed_at__isnull=True)
    stopped = list(Deadline.objects.filter(state=Deadline.State.OPEN, pauses__in=open_ones).order_by("pk"))
    open_ones.update(resumed_at=at, resumed_by=post_id_of(actor))
    for row in stopped:
        clock_moves.resume(row, at=at)
    lifecycle.record(
        case, "deadline.all_resumed", actor=actor, at=at, subject=still, data={"number": len(stopped)}
    )
    return len(stopped)


def _running(case: Case) -> list[Deadline]:
    return list(
        Deadline.objects.select_for_update().filter(case=case, state=Deadline.State.OPEN).order_by("pk")
    )
