"""A difference with a platform is cured by one person with one act: sent again, taken over, or noted."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.audit import services as audit
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.common.text import need_text
from dispute_hub.outbox import selectors
from dispute_hub.outbox.models import Connector, Difference, OutboxRow, PlatformCallback
from dispute_hub.outbox.services._applying import (
    Applied,
    apply_word,
    arrive,
    lock_subject,
    word_in,
    word_of,
)
from dispute_hub.outbox.services._dead import resend

Cause, Cure = Difference.Cause, Difference.Cure
Verdict = PlatformCallback.Verdict
# What helps, the usual cure first; a note helps with everything.
CURES: Final[dict[str, tuple[str, ...]]] = {
    Cause.MISSING: (Cure.RESENT, Cure.NOTED),
    Cause.RECEIPT_LOST: (Cure.TAKEN, Cure.NOTED),
    Cause.INVENTED: (Cure.NOTED,),
    Cause.CONTENT: (Cure.RESENT, Cure.NOTED),
    Cause.BEHIND: (Cure.TAKEN, Cure.NOTED),
    Cause.AHEAD: (Cure.NOTED,),
    Cause.TWICE: (Cure.NOTED,),
    Cause.RECALLED: (Cure.RESENT, Cure.NOTED),
    Cause.CALLBACK: (Cure.TAKEN, Cure.NOTED),
}
FINE: Final = (Verdict.APPLIED, Verdict.REPEATED)


@transaction.atomic
def cure_difference(
    difference: Difference, *, cure: str, note: str = "", actor: PostActor, at: datetime
) -> Difference:
    """Close a difference by its cure. Raises NoRight, Invalid, and Conflict when it is closed already or
    the platform's state cannot be taken over as things stand."""
    policy.require(actor, "reconciliation.cure", at=at)
    if difference.row is not None:
        lock_subject(difference.row)
    row = OutboxRow.objects.select_for_update(of=("self",)).filter(differences=difference).first()
    found = Difference.objects.select_for_update(of=("self",)).select_related("connector", "callback")
    difference = found.get(pk=difference.pk)
    if difference.closed_at is not None:
        raise Conflict("该差异已处理，请刷新列表。")
    if cure not in CURES[difference.cause]:
        raise Invalid("该差异不能这样处理。", fields={"cure": ["请从所列办法中选择。"]})
    if cure == Cure.NOTED:
        need_text(note, "请写明核实情况。", field="note")
    elif cure == Cure.RESENT:
        _send_again(difference, row, at=at)
    else:
        _take_over(difference, row, at=at)
    difference.cure, difference.note = cure, note.strip()[:400]
    difference.closed_at, difference.closed_by = at, actor.user
    difference.save(update_fields=["cure", "note", "closed_at", "closed_by"])
    audit.record(
        "admin_act", actor_user_id=actor.user.pk, at=at, post_id=actor.post.pk, unit_id=actor.unit.pk,
        object_kind="difference", object_id=difference.pk, data={"act": cure, "cause": difference.cause},
    )  # fmt: skip
    return difference


def _send_again(difference: Difference, row: OutboxRow | None, *, at: datetime) -> None:
    """The message once more under its id; for a recalled order the recall, which the platform overlooked."""
    if row is not None and difference.cause == Cause.RECALLED:
        mine = OutboxRow.objects.filter(target=row.target, case_id=row.case_id, topic="order.recalled")
        same = {name: row.payload[name] for name in ("no", "addressee") if name in row.payload}
        row = mine.filter(payload__contains=same).order_by("-id").first()
    if row is None:
        raise Conflict("没有可以重新发送的内容，请核实后备注。")
    if row.pk in (found := selectors.overtaken([row])):
        raise Conflict(f"{found[row.pk].reason}，请核实后备注。")
    if not resend(row.pk, at=at):
        raise Conflict("该消息正在投递，请稍后再办。")


def _take_over(difference: Difference, row: OutboxRow | None, *, at: datetime) -> None:
    if row is None:
        raise Conflict("对方所指的消息不是本系统发出的，请核实后备注。")
    if difference.cause == Cause.RECEIPT_LOST:
        _confirm(difference.connector, row, difference.said, at=at)
        return
    callback = difference.callback
    word = word_in(callback) if callback is not None else word_of(difference.said)
    if row.state != OutboxRow.State.SENT or not word.status:
        raise Conflict("该消息尚未确认送达或状态无法识别，请核实后备注。")
    applied: Applied = apply_word(row, word, connector=difference.connector, at=at)
    if applied.verdict not in FINE:
        raise Conflict(applied.reason or "对方状态已不适用，请核实后备注。")
    if callback is not None:
        PlatformCallback.objects.filter(pk=callback.pk).update(applied_at=at)


def _confirm(connector: Connector, row: OutboxRow, said: dict[str, object], *, at: datetime) -> None:
    """The platform holds it: sent after all, and what it already says of it holds."""
    if row.state in (OutboxRow.State.SENT, OutboxRow.State.LEASED):
        raise Conflict("该消息正在投递或已确认，请稍后再对账。")
    number = said.get("number")
    number = number[:60] if isinstance(number, str) else ""
    row.receipt = {**row.receipt, "number": number, "duplicate": False}
    row.state, row.sent_at, row.dead_at, row.last_error = OutboxRow.State.SENT, at, None, ""
    row.save(update_fields=["receipt", "state", "sent_at", "dead_at", "last_error"])
    arrive(row, connector, at=at)
    word = word_of(said)
    if word.status:
        apply_word(row, word, connector=connector, at=at)
