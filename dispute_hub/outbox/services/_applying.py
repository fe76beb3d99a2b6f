"""What a platform's word makes of a delivery that arrived: forwards only, by the verbs a person uses."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist

from dispute_hub.common import json_guard
from dispute_hub.common.errors import Refused
from dispute_hub.outbox import topics
from dispute_hub.outbox.models import Connector, Difference, OutboxRow, PlatformCallback

Verdict = PlatformCallback.Verdict
# Each says more than the ones before it; a later callback may say the same or more, never less.
STEP_WORDS: Final[dict[str, str]] = dict(PlatformCallback.Step.choices)
STEPS: Final = tuple(STEP_WORDS)
# Late words about earlier steps are how networks are; these are for somebody to look at.
FOR_PEOPLE: Final = (Verdict.HELD, Verdict.UNKNOWN, Verdict.INVALID)
LONGEST_TEXT: Final = 2000


@dataclass(frozen=True, slots=True)
class Word:
    """What a platform says of one message; `sequence` counts its words of it, None where it does not."""

    message_id: str = ""
    status: str = ""
    text: str = ""
    reason_code: str = ""
    how: str = ""
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of a word: a verdict of `PlatformCallback`, and why it was not applied."""

    verdict: str
    reason: str = ""


def read_word(raw: bytes, content_type: str) -> Word:
    """The word in a callback's body; empty where it cannot be read."""
    try:
        return word_of(json_guard.parse(raw, content_type))
    except Refused:
        return Word()


def word_of(said: dict[str, Any]) -> Word:
    """A word from what was said, whatever nonsense stands in its fields."""
    try:
        message_id = str(uuid.UUID(_text(said, "id")))
    except ValueError:
        message_id = ""
    status, sequence = _text(said, "status"), said.get("sequence")
    counted = isinstance(sequence, int) and not isinstance(sequence, bool) and 0 < sequence < 10**9
    return Word(
        message_id=message_id,
        status=status if status in STEPS else "",
        text=_text(said, "text")[:LONGEST_TEXT],
        reason_code=_text(said, "reason_code")[:40],
        how=_text(said, "how")[:40],
        sequence=sequence if counted else None,
    )


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value.strip() if isinstance(value, str) else ""


def lock_subject(row: OutboxRow) -> None:
    """Lock the case of a delivery whose answer may move something: before the delivery itself."""
    moves = row.topic in topics.APPLIED_BY or row.topic in topics.CONFIRMED_BY
    if moves and row.case_id is not None:
        try:
            topics.resolve(topics.LOCKED_BY)(row.case_id)
        except ObjectDoesNotExist:
            return


def weigh(connector: Connector, word: Word, *, at: datetime) -> tuple[OutboxRow | None, Applied]:
    """Apply one word of a platform if it may be; the delivery it is about, and what came of it."""
    if not (word.message_id and word.status):
        return None, Applied(Verdict.INVALID, "消息编号或状态无法识别")
    mine = OutboxRow.objects.filter(target=connector.code, message_id=word.message_id)
    found = mine.first()
    if found is None:
        return None, Applied(Verdict.UNKNOWN, "未向该平台发送过此编号的消息")
    lock_subject(found)
    row = mine.select_for_update().get()
    if row.state != OutboxRow.State.SENT:
        return row, Applied(Verdict.EARLY)
    return row, apply_word(row, word, connector=connector, at=at)


def apply_word(row: OutboxRow, word: Word, *, connector: Connector, at: datetime) -> Applied:
    """Apply a word to a locked delivery that arrived; noted on the delivery if it says something new."""
    known = row.receipt.get("status", "")
    if word.sequence is not None and word.sequence <= int(row.receipt.get("sequence", 0)):
        is_same = word.status == known
        return Applied(Verdict.REPEATED) if is_same else Applied(Verdict.BACKWARDS, "序号不大于已采用的回执")
    path = topics.APPLIED_BY.get(row.topic) if word.status != STEPS[0] else None
    applied = topics.resolve(path)(row, word, connector=connector, at=at) if path else None
    applied = applied or _by_rank(known, word.status)
    is_news = applied.verdict == Verdict.REPEATED and rank(word.status) > rank(known)
    if applied.verdict == Verdict.APPLIED or is_news:
        counted = {} if word.sequence is None else {"sequence": word.sequence}
        row.receipt = {**row.receipt, "status": word.status, "status_at": at.isoformat(), **counted}
        row.save(update_fields=["receipt"])
    return applied


def _by_rank(known: str, status: str) -> Applied:
    before, now = rank(known), rank(status)
    if now == before:
        return Applied(Verdict.REPEATED)
    if now > before:
        return Applied(Verdict.APPLIED)
    return Applied(Verdict.BACKWARDS, f"已有回执“{STEP_WORDS[known]}”")


def rank(status: str) -> int:
    """How much a status says; -1 for none."""
    return STEPS.index(status) if status in STEPS else -1


def standing_of(rows: Iterable[OutboxRow]) -> dict[int, str]:
    """How far what the rows are about has come here, whoever did it."""
    made: dict[int, str] = {}
    by_topic: dict[str, list[int]] = {}
    for row in rows:
        by_topic.setdefault(row.topic, []).append(row.pk)
    for topic, ids in by_topic.items():
        if topic in topics.STANDING_BY:
            made |= topics.resolve(topics.STANDING_BY[topic])(ids)
    return made


def arrive(row: OutboxRow, connector: Connector, *, at: datetime) -> None:
    """A delivery was just confirmed: what waits for that happens, and what was said early holds now."""
    path = topics.CONFIRMED_BY.get(row.topic)
    if path:
        topics.resolve(path)(row, at=at)
    for callback in row.callbacks.filter(verdict=Verdict.EARLY, applied_at__isnull=True).order_by("id"):
        applied = apply_word(row, word_in(callback), connector=connector, at=at)
        callback.applied_at, callback.reason = at, applied.reason[:200]
        callback.save(update_fields=["applied_at", "reason"])
        if applied.verdict in FOR_PEOPLE:
            list_for_people(callback, applied.reason, at=at)


def word_in(callback: PlatformCallback) -> Word:
    """The word of a stored callback."""
    try:
        said = json.loads(bytes(callback.body))
    except (ValueError, RecursionError):
        return Word()
    return word_of(said) if isinstance(said, dict) else Word()


def list_for_people(callback: PlatformCallback, reason: str, *, at: datetime) -> None:
    """A word that could not be applied stands on the list of differences until somebody has seen to it."""
    word, row = word_in(callback), callback.row
    known = str(row.receipt.get("status", "")) if row is not None else ""
    said = {
        "row": row, "callback": callback, "reason": reason[:200], "seen_at": at,
        "ours": STEP_WORDS.get(known, ""), "theirs": STEP_WORDS.get(word.status, ""),
    }  # fmt: skip
    Difference.objects.update_or_create(
        connector_id=callback.connector_id, cause=Difference.Cause.CALLBACK, closed_at=None,
        message_id=word.message_id or f"callback-{callback.pk}",
        defaults=said, create_defaults={**said, "found_at": at},
    )  # fmt: skip
