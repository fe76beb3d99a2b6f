"""What platforms tell us afterwards: recorded always, applied only forwards (reliability O7, input 37)."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction
from standardwebhooks.webhooks import Webhook

from dispute_hub.common import json_guard
from dispute_hub.common.errors import Conflict, Refused
from dispute_hub.outbox.models import Connector, OutboxRow, PlatformCallback

Verdict = PlatformCallback.Verdict
TOLERANCE_SECONDS: Final = 300
LONGEST_ID: Final = 200
# Each says more than the ones before it; a later callback may say the same or more, never less.
STEPS: Final = ("received", "accepted", "working", "returned", "settled")
TAKEN: Final = frozenset({Verdict.APPLIED, Verdict.EARLY, Verdict.REPEATED})
# Compared with when there is no such platform, so that an unknown code costs the same time.
NOBODY: Final = "whsec_dGhlcmUgaXMgbm8gc3VjaCBwbGF0Zm9ybSBoZXJl"


@dataclass(frozen=True, slots=True)
class Told:
    """What the platform is answered: the same for every delivery of one callback."""

    status: int
    verdict: str


def verify_callback(
    code: str, headers: Mapping[str, str], raw: bytes, *, at: datetime
) -> tuple[Connector, str]:
    """The platform and the callback's id. Raises Refused (401) in one text for everything that is wrong."""
    connector = Connector.objects.filter(code=code, kind=Connector.Kind.WEBHOOK).first()
    secrets = [one for one in (connector.secret, connector.former_secret) if one] if connector else []
    callback_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").encode("utf-8", "replace").split(b" ")[:8]
    seconds = int(stamp) if stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 else 0
    text = raw.decode("utf-8", "replace")
    instant = datetime.fromtimestamp(min(seconds, 10**10), UTC)
    known = [Webhook(one).sign(callback_id, instant, text).encode() for one in secrets or [NOBODY]]
    matches = [hmac.compare_digest(one, other) for one in known for other in given]
    fresh = abs(seconds - at.timestamp()) <= TOLERANCE_SECONDS
    if connector is None or not (secrets and callback_id and any(matches) and fresh):
        raise Refused("签名无效或已过期，请核对密钥与时钟。", code="bad_signature", status=401)
    if len(callback_id) > LONGEST_ID:
        callback_id = "sha256:" + hashlib.sha256(callback_id.encode()).hexdigest()
    return connector, callback_id


@transaction.atomic
def take_callback(
    connector: Connector, callback_id: str, raw: bytes, *, content_type: str, at: datetime
) -> Told:
    """Record one verified callback and apply it if it says something new of a delivery that arrived.

    The same id again is answered as the first time; the same id with another body is a Conflict (409).
    """
    earlier = PlatformCallback.objects.filter(connector=connector, callback_id=callback_id).first()
    digest = hashlib.sha256(raw).digest()
    if earlier is not None:
        if bytes(earlier.body_hash) != digest:
            raise Conflict("同一回执编号已用于另一内容。", code="callback_id_reused")
        return _told(earlier.verdict)
    message_id, status = _read(raw, content_type)
    row = _row_of(connector, message_id)
    verdict = _verdict(row, status) if message_id and status else Verdict.INVALID
    made = PlatformCallback(
        connector=connector, callback_id=callback_id, body_hash=digest, body=raw, row=row, status=status,
        verdict=verdict, received_at=at,
    )  # fmt: skip
    if verdict == Verdict.APPLIED and row is not None:
        apply_status(row, status, at=at)
        made.applied_at = at
    stored = PlatformCallback.objects.bulk_create([made], ignore_conflicts=True)
    return _told(stored[0].verdict)


def apply_early(row: OutboxRow, *, at: datetime) -> None:
    """A delivery was just confirmed: what the platform said of it before that holds now."""
    waiting = row.callbacks.filter(verdict=Verdict.EARLY, applied_at__isnull=True)
    for callback in waiting.order_by("id"):
        if _rank(callback.status) > _rank(row.receipt.get("status", "")):
            apply_status(row, callback.status, at=at)
        PlatformCallback.objects.filter(pk=callback.pk).update(applied_at=at)


def apply_status(row: OutboxRow, status: str, *, at: datetime) -> None:
    """Note on the delivery how far the platform says it is."""
    row.receipt = {**row.receipt, "status": status, "status_at": at.isoformat()}
    row.save(update_fields=["receipt"])


def _read(raw: bytes, content_type: str) -> tuple[str, str]:
    """Message id and status, "" for what cannot be read: recorded all the same."""
    try:
        said: dict[str, Any] = json_guard.parse(raw, content_type)
    except Refused:
        return "", ""
    message_id, status = said.get("id"), said.get("status")
    known = isinstance(status, str) and status in STEPS
    try:
        return str(uuid.UUID(message_id)) if isinstance(message_id, str) else "", str(status) if known else ""
    except ValueError:
        return "", str(status) if known else ""


def _row_of(connector: Connector, message_id: str) -> OutboxRow | None:
    """The delivery of this very platform; another platform's is as unknown as none."""
    if not message_id:
        return None
    rows = OutboxRow.objects.select_for_update().filter(target=connector.code, message_id=message_id)
    return rows.first()


def _verdict(row: OutboxRow | None, status: str) -> Verdict:
    if row is None:
        return Verdict.UNKNOWN
    if row.state != OutboxRow.State.SENT:
        return Verdict.EARLY
    before, now = _rank(row.receipt.get("status", "")), _rank(status)
    if now == before:
        return Verdict.REPEATED
    return Verdict.APPLIED if now > before else Verdict.BACKWARDS


def _rank(status: str) -> int:
    return STEPS.index(status) if status in STEPS else -1


def _told(verdict: str) -> Told:
    return Told(200 if verdict in TAKEN else 409, verdict)


def answer_bytes(told: Told) -> bytes:
    """The body of the answer."""
    return json.dumps({"code": 0 if told.status == 200 else told.status, "verdict": told.verdict}).encode()
