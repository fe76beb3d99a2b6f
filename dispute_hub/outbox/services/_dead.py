"""Dead letters: tried again under their old id, by a person, with a trace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.audit import services as audit
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.outbox import nudge, selectors
from dispute_hub.outbox.models import Connector, OutboxRow
from dispute_hub.outbox.selectors import Overtaken
from dispute_hub.outbox.services._rows import State

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of chosen dead letters: how many were taken up, and why the others were not, by row id.

    `waiting`: how many more of the platform this act did not come to.
    """

    number: int = 0
    left: dict[int, str] = field(default_factory=dict)
    waiting: int = 0


def resend(row_id: int, *, at: datetime) -> int:
    """Send a delivery once more under its message id, though it was confirmed: the platform lost it.

    0 while it is being sent, else 1.
    """
    number = OutboxRow.objects.filter(pk=row_id).exclude(state=State.LEASED).update(
        state=State.PENDING, attempts=0, setbacks=0, next_attempt_at=at, replayed_at=at, dead_at=None,
        escalated_at=None,
    )  # fmt: skip
    _wake([row_id])
    return number


def replay_chosen(*, rows: list[int], all_of: str, actor: PostActor, at: datetime) -> Handled:
    """What the page sends: the ticked rows, or all of a platform."""
    if all_of:
        return replay_target(all_of, actor=actor, at=at)
    return replay_many(rows, actor=actor, at=at)


@transaction.atomic
def replay_many(row_ids: Iterable[int], *, actor: PostActor, at: datetime) -> Handled:
    """Try chosen dead letters again, but for those whose matter no longer stands. Each leaves a trace.

    It is asked again when a row is sent: until then its order may be taken back. Raises NoRight, Invalid
    when none is chosen, Conflict when none of them still holds.
    """
    ids, passed = _in_reach(row_ids, actor=actor, at=at)
    again = [pk for pk in ids if pk not in passed]
    if passed and not again:
        raise Conflict(_none_of_them(passed))
    for row_id in again:
        _trace(row_id, "replay", actor=actor, at=at)
    _revive(again, at=at)
    return Handled(len(again), _words(passed))


@transaction.atomic
def replay_target(target: str, *, actor: PostActor, at: datetime) -> Handled:
    """Try the dead letters of one platform again that still hold, the oldest 500 at a time.

    Raises NoRight, Conflict when none of them holds.
    """
    policy.require(actor, "delivery.replay", at=at)
    rows = selectors.dead_rows_of(actor, words="", target=target)
    holding, passed, last = _oldest_holding(rows)
    if not holding:
        raise Conflict(_none_of_them(passed) if passed else "没有可以重新投递的记录，请刷新列表。")
    done = replay_many(holding, actor=actor, at=at)
    return Handled(done.number, _words(passed) | done.left, rows.filter(pk__gt=last).count())


def _oldest_holding(rows: QuerySet[OutboxRow]) -> tuple[list[int], dict[int, Overtaken], int]:
    """The oldest that still hold, as many as go at once; why those between do not; the last looked at.

    Read in slices: those that no longer hold lie in front and may be many.
    """
    holding: list[int] = []
    passed: dict[int, Overtaken] = {}
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk").defer("payload")[:MOST_AT_ONCE]):
        judged = selectors.overtaken(found)
        for row in found:
            last = row.pk
            if last in judged:
                passed[last] = judged[last]
                continue
            holding.append(last)
            if len(holding) == MOST_AT_ONCE:
                return holding, passed, last
    return holding, passed, last


@transaction.atomic
def set_aside(*, rows: list[int], actor: PostActor, at: datetime) -> Handled:
    """不再投递: take chosen dead letters that will never hold again from the list, each with a trace.

    One whose order may come back to work stays: its platform needs it then. Raises NoRight, Invalid when
    none is chosen, Conflict when none of them may go.
    """
    ids, passed = _in_reach(rows, actor=actor, at=at)
    over = {pk: one.reason for pk, one in passed.items() if one.is_final}
    if ids and not over:
        raise Conflict(
            "所选内容仍然有效，或所涉交办单尚未办结，不能移出列表；仍然有效的请重新投递，未办结的待办结后再处理。"
        )
    for row_id, reason in over.items():
        OutboxRow.objects.filter(pk=row_id).update(state=State.ASIDE, last_error=reason[:200])
        _trace(row_id, "set_aside", actor=actor, at=at)
    return Handled(len(over), {pk: "仍然有效或尚未办结" for pk in ids if pk not in over})


def _in_reach(
    row_ids: Iterable[int], *, actor: PostActor, at: datetime
) -> tuple[list[int], dict[int, Overtaken]]:
    """Those chosen that are in reach and lie dead, locked, and why some of them no longer hold."""
    policy.require(actor, "delivery.replay", at=at)
    chosen = list(row_ids)[:MOST_AT_ONCE]
    if not chosen:
        raise Invalid("请先勾选要处理的记录。")
    found = selectors.dead_rows_of(actor, words="", target="").filter(pk__in=chosen)
    rows = list(found.select_for_update().order_by("pk").defer("payload"))
    return [row.pk for row in rows], selectors.overtaken(rows)


def _words(passed: dict[int, Overtaken]) -> dict[int, str]:
    return {pk: one.reason for pk, one in passed.items()}


def _none_of_them(passed: dict[int, Overtaken]) -> str:
    """Why nothing is sent again, the reason itself where there is one, and what else can be done."""
    said = set(_words(passed).values())
    words = said.pop() if len(said) == 1 else "所涉内容均已不适用，不能再次发送"
    if any(one.is_final for one in passed.values()):
        return f"{words}；可选“不再投递”移出列表。"
    return f"{words}；请待交办单有结果后再处理。"


def _revive(row_ids: list[int], *, at: datetime) -> None:
    """Try dead rows again, under the same message ids (reliability O5)."""
    OutboxRow.objects.filter(pk__in=row_ids, state=State.DEAD).update(
        state=State.PENDING, attempts=0, setbacks=0, next_attempt_at=at, replayed_at=at, dead_at=None,
        escalated_at=None,
    )  # fmt: skip
    _wake(row_ids)


def _wake(row_ids: list[int]) -> None:
    """A single row wakes whoever sends it: a platform's rows are not for the general sender."""
    if len(row_ids) != 1:
        transaction.on_commit(nudge.sweep)
        return
    codes = OutboxRow.objects.filter(pk__in=row_ids).values("target")
    connector_id = Connector.objects.filter(code__in=codes).values_list("pk", flat=True).first()
    transaction.on_commit(
        partial(nudge.drain, connector_id) if connector_id else partial(nudge.deliver, row_ids[0])
    )


def _trace(row_id: int, act: str, *, actor: PostActor, at: datetime) -> None:
    audit.record(
        "admin_act", actor_user_id=actor.user.pk, at=at, post_id=actor.post.pk, unit_id=actor.unit.pk,
        object_kind="outbox_row", object_id=row_id, data={"act": act},
    )  # fmt: skip
