"""异常报文箱: a person repairs what could not be read, or sets it down as nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.common import json_guard
from dispute_hub.common.errors import Conflict
from dispute_hub.common.text import need_text
from intake.message import read_alert
from intake.models import InboxMessage, Quarantine
from intake.services._receiving import Classify, Receipt, take_in

State = Quarantine.State


def _open(quarantine: Quarantine) -> Quarantine:
    entry = Quarantine.objects.select_for_update(of=("self",)).select_related("source").get(pk=quarantine.pk)
    if entry.state != State.OPEN:
        raise Conflict(f"该报文{entry.get_state_display()}，无需重复处理。")
    return entry


@transaction.atomic
def replay_quarantined(
    quarantine: Quarantine, *, body: str, classify: Classify, actor: PostActor, at: datetime
) -> Receipt:
    """Take the repaired text of a set-aside message in as an alert of its source; the raw body is kept.

    Raises Invalid naming what is still wrong, Conflict when it was dealt with before or its version
    is already stored with other content.
    """
    policy.require(actor, "quarantine.repair", at=at)
    entry = _open(quarantine)
    facts = read_alert(json_guard.parse(body.encode(), "application/json"), at=at)
    facts = replace(facts, item_class=classify(facts))
    receipt = take_in(facts, source=entry.source, actor=actor, at=at)
    if receipt.became == "conflict":
        raise Conflict(
            "该警情编号的同一版本已有不同内容；如为更正，请把 version 改为更高的数字。",
            code="version_conflict",
        )
    entry.state, entry.alert, entry.repaired_body = State.REPLAYED, receipt.alert, body.encode()
    entry.resolved_at, entry.resolved_by = at, actor.post
    entry.save(update_fields=["state", "alert", "repaired_body", "resolved_at", "resolved_by"])
    messages = InboxMessage.objects.filter(quarantine=entry)
    messages.update(alert=receipt.alert, version=facts.version)
    return receipt


@transaction.atomic
def drop_quarantined(quarantine: Quarantine, *, reason: str, actor: PostActor, at: datetime) -> Quarantine:
    """Set a message down as no alert, with the reason; it stays readable."""
    policy.require(actor, "quarantine.repair", at=at)
    entry = _open(quarantine)
    need_text(reason, "请填写作废理由。", field="reason", hint="请写明向来源单位核实的情况。")
    entry.state, entry.resolution = State.DROPPED, reason.strip()[:200]
    entry.resolved_at, entry.resolved_by = at, actor.post
    entry.save(update_fields=["state", "resolution", "resolved_at", "resolved_by"])
    return entry
