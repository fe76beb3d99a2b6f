"""对账: what we sent, what was receipted and what the platform holds, laid side by side (reliability O9)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.common.errors import Invalid
from dispute_hub.outbox import books, nudge, selectors
from dispute_hub.outbox.books import Held
from dispute_hub.outbox.models import Connector, Difference, OutboxRow, Reconciliation
from dispute_hub.outbox.services._alarms import tell
from dispute_hub.outbox.services._applying import STEP_WORDS, rank, standing_of

log = logging.getLogger(__name__)

Cause = Difference.Cause
State = OutboxRow.State
# How far back the books are compared, and what is too fresh to have settled on both sides.
REACHES: Final = timedelta(days=35)
SETTLES_WITHIN: Final = timedelta(minutes=2)
EVERY: Final = timedelta(hours=20)
# What a platform's list may tell of a message, for taking it over.
SAID: Final = ("id", "status", "text", "reason_code", "how", "sequence", "number")
NOT_OURS: Final = "我方无此件"


@dataclass(slots=True)
class _Findings:
    """What one run has seen so far."""

    seen: set[str] = field(default_factory=set)
    found: dict[tuple[str, str], Difference] = field(default_factory=dict)
    theirs: int = 0

    def note(self, cause: str, message_id: str, *, ours: str, theirs: str, **more: Any) -> None:
        self.found[message_id[:60], cause] = Difference(
            cause=cause, message_id=message_id[:60], ours=ours[:60], theirs=theirs[:60], **more
        )


def ask_reconciliation(*, target: str, actor: PostActor, at: datetime) -> int:
    """立即对账: of one platform, or of all of the bureau that can be asked; how many will be.

    Raises NoRight, and Invalid when none of them has an address for queries, or all are paused.
    """
    policy.require(actor, "reconciliation.run", at=at)
    mine = selectors.connectors_of(actor).filter(kind=Connector.Kind.WEBHOOK, approved_by__isnull=False)
    found = [one for one in (mine.filter(code=target) if target else mine) if one.query_url]
    if not found:
        raise Invalid("没有可对账的平台：请先在平台设置中填写查询地址并经确认。")
    chosen = [one.pk for one in found if not one.is_paused]
    if not chosen:
        raise Invalid("平台已暂停，不能对账：请先在平台设置中恢复发送。")
    Connector.objects.filter(pk__in=chosen).update(reconcile_asked_at=at)
    transaction.on_commit(lambda: nudge.reconcile_many(chosen))
    return len(chosen)


def reconcile_due(*, at: datetime) -> list[int]:
    """Ids of the platforms whose books are to be compared now: once a day, and when somebody asked."""
    asked = Q(reconcile_asked_at__gt=F("reconciled_at")) | Q(
        reconcile_asked_at__isnull=False, reconciled_at=None
    )
    daily = Q(reconciled_at__lte=at - EVERY) | Q(reconciled_at__isnull=True)
    live = Connector.objects.filter(asked | daily, kind=Connector.Kind.WEBHOOK, approved_by__isnull=False)
    return [one.pk for one in live.filter(is_paused=False).order_by("id") if one.query_url]


def reconcile(
    connector_id: int, *, clock: Callable[[], datetime], only_due: bool = False
) -> Reconciliation | None:
    """Compare the books with one platform's; None while another run is under way, or it is not due.

    It counts as done when it has ended: a run that died with its worker stays due and is begun anew.
    What a run no longer finds is closed by it; a run that could not read to the end closes nothing.
    """
    started = _begin(connector_id, at=clock(), only_due=only_due)
    if started is None:
        return None
    connector, run = started
    since, before = run.started_at - REACHES, run.started_at - SETTLES_WITHIN
    findings = _Findings()
    try:
        for page in books.pages(connector, since=since, clock=clock):
            findings.theirs += len(page)
            _compare(connector, page, findings)
        run.ours = _find_missing(connector, findings, since=since, before=before)
    except books.Unreadable as error:
        run.trouble = str(error)[:200]
    except Exception as error:
        log.exception("reconciliation failed", extra={"connector_id": connector_id})
        run.trouble = f"系统异常（{type(error).__name__}）"
    return _end(connector, run, findings, at=clock())


@transaction.atomic
def _begin(connector_id: int, *, at: datetime, only_due: bool) -> tuple[Connector, Reconciliation] | None:
    connector = Connector.objects.select_for_update(no_key=True).get(pk=connector_id)
    unended = connector.reconciliations.filter(ended_at__isnull=True)
    under_way = unended.filter(started_at__gt=at - selectors.RUNS_WITHIN)
    if under_way.exists() or (only_due and connector_id not in reconcile_due(at=at)):
        return None
    unended.update(ended_at=at, trouble="中断")
    return connector, Reconciliation.objects.create(connector=connector, started_at=at)


def _compare(connector: Connector, page: list[Held], findings: _Findings) -> None:
    """One page of theirs against our rows, in as many queries however long it is."""
    mine = OutboxRow.objects.filter(target=connector.code)
    rows = {str(row.message_id): row for row in mine.filter(message_id__in=_ids(page)).defer("payload")}
    standing = standing_of(rows.values())
    # A redirect takes an order from one unit for another: the same number goes on at the other.
    recalled = set(
        mine.filter(
            topic="order.recalled", state=State.SENT, case_id__in={row.case_id for row in rows.values()}
        ).values_list("case_id", "payload__no", "payload__addressee")
    )
    named = mine.filter(pk__in=[row.pk for row in rows.values()])
    numbers = {pk: told for pk, *told in named.values_list("pk", "payload__no", "payload__addressee")}
    for held in page:
        row = rows.get(held.message_id)
        if row is None:
            findings.note(Cause.INVENTED, held.message_id, ours=NOT_OURS, theirs=_word(held.status))
        elif held.message_id in findings.seen:
            findings.note(Cause.TWICE, held.message_id, ours="一件", theirs="重复列出", row=row)
        else:
            is_recalled = row.topic == "order.sent" and (row.case_id, *numbers[row.pk]) in recalled
            _compare_one(held, row, standing.get(row.pk, ""), findings, is_recalled=is_recalled)
        findings.seen.add(held.message_id)


def _compare_one(
    held: Held, row: OutboxRow, standing: str, findings: _Findings, *, is_recalled: bool
) -> None:
    more = {"row": row, "said": {name: held.said[name] for name in SAID if name in held.said}}
    if row.state != State.SENT:
        if row.state in (State.DEAD, State.ASIDE) or row.setbacks or row.attempts:
            ours, theirs = row.get_state_display(), _word(held.status)
            findings.note(Cause.RECEIPT_LOST, held.message_id, ours=ours, theirs=theirs, **more)
        return
    told, theirs = row.receipt.get("status") or "received", held.status
    if held.content and row.sent_hash and held.content != bytes(row.sent_hash).hex():
        findings.note(
            Cause.CONTENT,
            held.message_id,
            ours=bytes(row.sent_hash).hex()[:12],
            theirs=held.content[:12],
            **more,
        )
    if is_recalled and theirs in ("received", "accepted", "working"):
        findings.note(Cause.RECALLED, held.message_id, ours="已撤回", theirs=_word(theirs), **more)
    elif rank(theirs) > max(rank(told), rank(standing)):
        findings.note(Cause.BEHIND, held.message_id, ours=_word(told), theirs=_word(theirs), **more)
    elif -1 < rank(theirs) < rank(told):
        findings.note(Cause.AHEAD, held.message_id, ours=_word(told), theirs=_word(theirs), **more)


def _find_missing(connector: Connector, findings: _Findings, *, since: datetime, before: datetime) -> int:
    """Ours that the platform did not list; how many of ours there are."""
    sent = OutboxRow.objects.filter(target=connector.code, state=State.SENT, sent_at__gte=since)
    number = 0
    for row in sent.defer("payload").iterator(chunk_size=2000):
        number += 1
        if str(row.message_id) not in findings.seen and row.sent_at and row.sent_at <= before:
            ours = _word(row.receipt.get("status") or "received")
            findings.note(Cause.MISSING, str(row.message_id), ours=ours, theirs="查无此件", row=row)
    return number


@transaction.atomic
def _end(connector: Connector, run: Reconciliation, findings: _Findings, *, at: datetime) -> Reconciliation:
    """Store what was found: what stood there stays with its date, what is gone is closed."""
    standing = connector.differences.select_for_update().filter(closed_at=None).exclude(cause=Cause.CALLBACK)
    known = {(one.message_id, one.cause): one for one in standing}
    settled = _noted(connector, [key for key in findings.found if key not in known])
    found = {key: one for key, one in findings.found.items() if (one.ours, one.theirs) != settled.get(key)}
    fresh = [one for key, one in found.items() if key not in known]
    for one in fresh:
        one.connector, one.found_at, one.seen_at = connector, at, at
    Difference.objects.bulk_create(fresh, ignore_conflicts=True)
    for key, stood in known.items():
        again = found.get(key)
        if again is not None:
            stood.seen_at, stood.ours, stood.theirs, stood.said = at, again.ours, again.theirs, again.said
        elif not run.trouble:
            stood.closed_at, stood.cure = at, Difference.Cure.GONE
    columns = ["seen_at", "ours", "theirs", "said", "closed_at", "cure"]
    Difference.objects.bulk_update(known.values(), columns, batch_size=500)
    run.ended_at, run.theirs, run.found = at, findings.theirs, len(found)
    run.save()
    # The start, so that what was asked for meanwhile is still due.
    Connector.objects.filter(pk=connector.pk).update(reconciled_at=run.started_at)
    if run.trouble:
        tell(connector, f"与{connector.name}对账未完成：{run.trouble}", "important", at=at)
    elif fresh:
        title = f"与{connector.name}对账发现{len(fresh)}处新差异，请逐项处理"
        tell(connector, title, "important", at=at, link="/reconciliation/")
    return run


def _noted(connector: Connector, keys: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    """What a person last closed with a note, as it stood on both sides: unchanged it is no news."""
    closed = connector.differences.filter(closed_at__isnull=False, message_id__in={one for one, _ in keys})
    last = {(one.message_id, one.cause): one for one in closed.defer("said").order_by("closed_at", "id")}
    return {key: (one.ours, one.theirs) for key, one in last.items() if one.cure == Difference.Cure.NOTED}


def _ids(page: list[Held]) -> list[str]:
    return [held.message_id for held in page if held.is_uuid]


def _word(status: str) -> str:
    """A platform's status in words; an unknown one is said to be that."""
    return STEP_WORDS.get(status, f"未知状态（{status}）" if status else "未说明")
