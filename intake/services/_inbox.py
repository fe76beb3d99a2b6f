"""Machine messages: one inbox row, one effect, one answer kept for ever (reliability R1-R5, 5.1)."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor, user_id_of
from dispute_hub.accounts.models import Role, Unit
from dispute_hub.accounts.selectors import unit_by_code
from dispute_hub.audit import services as audit
from dispute_hub.common import failpoints, json_guard
from dispute_hub.common.errors import Conflict, Invalid, Refused
from dispute_hub.outbox import services as outbox
from intake.message import AlertFacts, read_alert
from intake.models import Alert, InboxMessage, Quarantine, Source
from intake.services._place import ForeignCounty
from intake.services._receiving import Classify, Receipt, take_in

log = logging.getLogger(__name__)
LONGEST_ID = 200
# Read past all the damage: a message that cannot be parsed may still name its station.
STATION_NAMED = re.compile(rb'"station"\s{0,9}:\s{0,9}"([A-Za-z0-9-]{1,40})"')
# What was created answers 201 once; the same answer again is a 200.
REPLAYED_AS = {201: 200}

Answer = Callable[[Receipt], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A delivery as it came. Signed ones are never refused for their content, they are set aside."""

    source: Source
    actor: Actor
    message_id: str
    raw: bytes
    content_type: str
    content_encoding: str = ""
    is_signed: bool = True

    @property
    def key(self) -> str:
        """The sender's id, or its digest when it is longer than anybody needs."""
        if len(self.message_id) <= LONGEST_ID:
            return self.message_id
        return "sha256:" + hashlib.sha256(self.message_id.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the sender is told: the bytes are the same for every delivery of one message."""

    status: int
    body: bytes
    is_replayed: bool = False


class OtherBody(Conflict):
    """A known message id with another body (reliability R3)."""

    default_code = "message_id_reused"
    default_message = "同一消息编号已用于另一内容，首次内容不变；如为更正，请换新编号并提高版本号。"


def accept_message(envelope: Envelope, *, classify: Classify, answer: Answer, at: datetime) -> Accepted:
    """Take one delivery in: exactly one effect for one message id, however often and however parallel.

    Inbox row, alert or quarantine, everything that follows and the answer are one transaction.
    `classify` gives the item class by triage's preview if attachment depends on it, `answer` composes
    the reply from what was stored. Raises OtherBody (409, with a trace) and, for unsigned deliveries,
    Invalid.
    """
    policy.require(envelope.actor, "alert.log", at=at)
    try:
        facts, refusal = _read(envelope, at=at), None
    except Invalid as error:
        facts, refusal = None, error
    try:
        with transaction.atomic():
            message = _claim(envelope, at=at)
            if message.status_code is not None:
                return _replay(message, envelope)
            if facts is None:
                return _set_aside(message, envelope, refusal or Invalid(), at=at)
            return _store(message, envelope, facts, classify=classify, answer=answer, at=at)
    except OtherBody:
        _trace(envelope, "message_id_reused", at=at)
        raise


def _read(envelope: Envelope, *, at: datetime) -> AlertFacts:
    body = json_guard.parse(envelope.raw, envelope.content_type, content_encoding=envelope.content_encoding)
    return read_alert(body, at=at, by_person=isinstance(envelope.actor, PostActor))


def _claim(envelope: Envelope, *, at: datetime) -> InboxMessage:
    """Insert or wait for whoever inserted, then read. A row without an answer is our own, just made."""
    row = InboxMessage(
        source=envelope.source,
        message_id=envelope.key,
        body_hash=hashlib.sha256(envelope.raw).digest(),
        body=envelope.raw,
        received_at=at,
    )
    InboxMessage.objects.bulk_create([row], ignore_conflicts=True)
    return InboxMessage.objects.defer("body").get(source=envelope.source, message_id=envelope.key)


def _replay(message: InboxMessage, envelope: Envelope) -> Accepted:
    if bytes(message.body_hash) != hashlib.sha256(envelope.raw).digest():
        raise OtherBody()
    status = message.status_code or 200
    return Accepted(REPLAYED_AS.get(status, status), message.answer or b"", is_replayed=True)


def _store(
    message: InboxMessage,
    envelope: Envelope,
    facts: AlertFacts,
    *,
    classify: Classify,
    answer: Answer,
    at: datetime,
) -> Accepted:
    """The alert, or the reason it was set aside; a fault of ours sets it aside too, it is never lost."""
    try:
        with transaction.atomic():
            receipt = take_in(facts, source=envelope.source, actor=envelope.actor, at=at, classify=classify)
            if receipt.became == "conflict":
                raise Conflict("该警情编号的同一版本已有不同内容。", code="version_conflict")
            return _answer(message, receipt, facts, answer)
    except (OperationalError, InterfaceError):
        raise
    except Refused as refusal:
        if not envelope.is_signed:
            raise
        if isinstance(refusal, ForeignCounty):
            _trace(envelope, refusal.code, at=at)
        return _set_aside(message, envelope, refusal, at=at)
    except Exception:
        if not envelope.is_signed:
            raise
        log.exception("a signed alert could not be stored", extra={"source": envelope.source.code})
        fault = Refused("系统未能入库，请人工处理。", code="internal_error")
        return _set_aside(message, envelope, fault, at=at)


def _answer(message: InboxMessage, receipt: Receipt, facts: AlertFacts, answer: Answer) -> Accepted:
    earlier = None
    if receipt.became == "same":
        earlier = (
            InboxMessage.objects.filter(
                alert=receipt.alert, version=facts.version, status_code__in=[200, 201]
            )
            .order_by("id")
            .first()
        )
    body = (earlier.answer if earlier else None) or json.dumps(
        answer(receipt), ensure_ascii=False, default=str
    ).encode()
    status = 201 if receipt.became == "created" else 200
    _keep_answer(message, status, body, alert=receipt.alert, version=facts.version)
    return Accepted(status, body, is_replayed=receipt.became == "same")


def _keep_answer(
    message: InboxMessage, status: int, body: bytes, *, alert: Alert | None = None, version: int | None = None
) -> None:
    message.status_code, message.answer = status, body
    message.alert, message.version = alert, version
    message.save(update_fields=["status_code", "answer", "alert", "version"])
    failpoints.reach("intake.stored")


def _set_aside(message: InboxMessage, envelope: Envelope, refusal: Refused, *, at: datetime) -> Accepted:
    """Quarantine a signed delivery and tell the duty desk; an unsigned one is simply refused."""
    if not envelope.is_signed:
        raise refusal
    source = envelope.source
    entry = Quarantine.objects.create(
        source=source,
        message=message,
        bureau=source.bureau,
        station=_station_named(envelope.raw, source),
        reasons=_reasons(refusal),
        content_type=envelope.content_type[:100],
        body=envelope.raw,
        created_at=at,
    )
    _alarm(entry, at=at)
    told = {"quarantine_id": entry.pk, "reasons": entry.reasons}
    body = json.dumps(told, ensure_ascii=False).encode()
    _keep_answer(message, 202, body)
    return Accepted(202, body)


def _station_named(raw: bytes, source: Source) -> Unit | None:
    """The station a message speaks of, however broken it is: its command room may repair it too."""
    found = STATION_NAMED.search(raw)
    unit = unit_by_code(found[1].decode()) if found else None
    return unit if unit is not None and unit.bureau_id == source.bureau_id else None


def _reasons(refusal: Refused) -> list[dict[str, str]]:
    """What is wrong, one entry a field; codes are stable, texts are for people."""
    if not refusal.fields:
        return [{"code": refusal.code, "field": "", "message": refusal.message}]
    return [
        {"code": refusal.code, "field": name, "message": "；".join(texts)}
        for name, texts in refusal.fields.items()
    ]


def _alarm(entry: Quarantine, *, at: datetime) -> None:
    unit_id = entry.source.reception_id or entry.source.bureau_id
    if unit_id is None:
        return
    role = Role.DUTY_COMMANDER if entry.source.reception_id else Role.BUREAU
    message = outbox.Message(
        kind="quarantine.opened",
        title=f"{entry.source.name} 发来一条无法入库的报文，请处理",
        link="/quarantine/",
        urgency="alarm",
        unit_id=unit_id,
        role=role,
    )
    outbox.notify(message, at=at, case_id=None)


def _trace(envelope: Envelope, code: str, *, at: datetime) -> None:
    """A security event: somebody reuses ids, or speaks for another county."""
    audit.record(
        "security",
        actor_user_id=user_id_of(envelope.actor),
        at=at,
        unit_id=envelope.source.reception_id,
        object_kind="source",
        object_id=envelope.source.pk,
        data={"code": code},
    )
