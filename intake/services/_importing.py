"""A table of alerts is brought in: judged as a whole first, then stored row by row in the background."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import F

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.accounts.services import trace
from dispute_hub.cases.models import Status
from dispute_hub.common.errors import Conflict, Refused
from intake import tables
from intake.message import AlertFacts, alert_no_key, read_alert
from intake.models import ImportBatch, ImportRow, Source, SourceKind
from intake.services._receiving import Classify, take_in

log = logging.getLogger(__name__)
State = ImportRow.State
OF_STATION = (Role.STATION_COMMAND, Role.STATION_CHIEF)


def import_source(unit: Unit, kind: str) -> Source:
    """Imported alerts lie in the past: nobody is sent, the command room assigns them."""
    source, _ = Source.objects.get_or_create(
        code=f"import:{kind}:{unit.code}"[:60],
        defaults={
            "kind": kind,
            "name": f"{unit}导入（{SourceKind(kind).label}）"[:100],
            "reception": unit if unit.kind == UnitKind.RECEPTION else None,
            "bureau": unit.bureau or unit,
            "opens_as": Status.POOL,
        },
    )
    return source


@transaction.atomic
def judge_table(raw: bytes, *, file_name: str, kind: str, actor: PostActor, at: datetime) -> ImportBatch:
    """Dry run: every row read and judged, nothing taken in. Raises Invalid for what is no table of alerts.

    A row is known when the same row was imported before, by whatever file, or stands twice in this one.
    """
    policy.require(actor, "alert.import", at=at)
    encoding, rows = tables.read_table(raw)
    source = import_source(actor.unit, kind)
    batch = ImportBatch.objects.create(
        source=source, post=actor.post, unit=actor.unit, file_name=file_name[:200],
        encoding=encoding, created_at=at, rows_total=len(rows),
    )  # fmt: skip
    stations = _own_stations(actor)
    judged = [
        _judge(batch, number, row, stations=stations, at=at) for number, row in enumerate(rows, start=2)
    ]
    _mark_known(judged, source)
    ImportRow.objects.bulk_create(judged, batch_size=500)
    batch.rows_bad = sum(row.state == State.BAD for row in judged)
    batch.rows_known = sum(row.state == State.KNOWN for row in judged)
    batch.save(update_fields=["rows_bad", "rows_known"])
    return batch


def _own_stations(actor: PostActor) -> frozenset[str]:
    """Codes a row may name: the own station, or those of the own county."""
    if actor.role in OF_STATION:
        return frozenset({actor.unit.code})
    bureau_id = actor.unit.bureau_id or actor.unit.pk
    return frozenset(Unit.objects.filter(bureau=bureau_id, kind="station").values_list("code", flat=True))


def _judge(
    batch: ImportBatch, number: int, row: tables.Row, *, stations: frozenset[str], at: datetime
) -> ImportRow:
    body, errors = tables.body_of(row)
    facts = None
    try:
        facts = read_alert(body, at=at, by_person=True)
    except Refused as refusal:
        errors += [f"{tables.column_of(path)}：{'；'.join(texts)}" for path, texts in refusal.fields.items()]
    if "received_at" not in body and not errors:
        errors.append("接警时间：必填，请补充。")
    if facts and facts.station and facts.station not in stations:
        # The same words whether the station exists or not (bad-input catalogue 86).
        errors.append("派出所代码：不属于本单位，请核对。")
    return ImportRow(
        batch=batch,
        number=number,
        row_key=_row_key(facts, row),
        content=json.dumps(row, ensure_ascii=False),
        errors=errors,
        state=State.BAD if errors else State.READY,
    )


def _row_key(facts: AlertFacts | None, row: tables.Row) -> bytes:
    if facts is None:
        said = json.dumps(row, ensure_ascii=False, sort_keys=True)
    else:
        said = f"no:{alert_no_key(facts.alert_no)}" if alert_no_key(facts.alert_no) else facts.content()
    return hashlib.sha256(said.encode()).digest()


def _mark_known(rows: list[ImportRow], source: Source) -> None:
    ready = [row for row in rows if row.state == State.READY]
    stored = ImportRow.objects.filter(
        row_key__in=[row.row_key for row in ready], state=State.STORED, batch__source=source
    )
    known = {bytes(key) for key in stored.values_list("row_key", flat=True)}
    for row in ready:
        if bytes(row.row_key) in known:
            row.state = State.KNOWN
        known.add(bytes(row.row_key))


@transaction.atomic
def start_import(batch: ImportBatch, *, actor: PostActor, at: datetime) -> ImportBatch:
    """The person has seen what is wrong and wants the good rows in; the background takes them."""
    batch = _mine(batch, actor, at=at)
    if batch.state != ImportBatch.State.JUDGED:
        raise Conflict(f"该表格{batch.get_state_display()}，不能重复导入。")
    batch.state = ImportBatch.State.RUNNING
    batch.save(update_fields=["state"])
    transaction.on_commit(partial(_wake, batch.pk))
    return batch


def _wake(batch_id: int) -> None:
    """Ask a worker to begin; what a lost nudge leaves behind, the sweep finds."""
    try:
        current_app.send_task("intake.tasks.import_batch", args=[batch_id], retry=False, ignore_result=True)
    except Exception as error:
        log.warning("nudge lost: %s", type(error).__name__)


@transaction.atomic
def cancel_import(batch: ImportBatch, *, actor: PostActor, at: datetime) -> ImportBatch:
    """Stop: rows already in stay in, the others are not taken."""
    batch = _mine(batch, actor, at=at)
    if batch.state == ImportBatch.State.DONE:
        raise Conflict("该表格已导入完成，不能取消。")
    batch.state, batch.finished_at = ImportBatch.State.CANCELLED, at
    batch.save(update_fields=["state", "finished_at"])
    return batch


def _mine(batch: ImportBatch, actor: PostActor, *, at: datetime) -> ImportBatch:
    policy.require(actor, "alert.import", at=at)
    return ImportBatch.objects.select_for_update(of=("self",)).select_related("source").get(pk=batch.pk)


def import_next_row(batch: ImportBatch, *, classify: Classify, at: datetime) -> bool:
    """Take one more row in, in a transaction of its own; False when the batch is through.

    Safe with several workers and after a kill at any point: a row is locked, stored and marked together.
    """
    with transaction.atomic():
        held = ImportBatch.objects.select_related("source", "post__user", "post__unit").get(pk=batch.pk)
        if held.state != ImportBatch.State.RUNNING:
            return False
        rows = ImportRow.objects.select_for_update(skip_locked=True, of=("self",))
        row = rows.filter(batch=held, state=State.READY).order_by("number").first()
        if row is None:
            return _finish(held, at=at)
        _take_row(held, row, classify=classify, at=at)
    return True


def _take_row(batch: ImportBatch, row: ImportRow, *, classify: Classify, at: datetime) -> None:
    actor = PostActor(batch.post.user, batch.post)
    body, _ = tables.body_of(json.loads(row.content))
    try:
        with transaction.atomic():
            facts = read_alert(body, at=at, by_person=True)
            facts = replace(facts, item_class=classify(facts))
            receipt = take_in(facts, source=batch.source, actor=actor, at=at)
    except Refused as refusal:
        row.state, row.errors = State.BAD, [refusal.message]
    except (ValueError, TypeError):
        log.exception("an imported row could not be stored", extra={"import_row_id": row.pk})
        row.state, row.errors = State.BAD, ["系统未能入库，请联系管理员。"]
    else:
        row.state, row.alert = _state_of(receipt.became), receipt.alert
    row.save(update_fields=["state", "errors", "alert"])
    counter = {State.BAD: "rows_bad", State.KNOWN: "rows_known"}.get(State(row.state), "rows_stored")
    changes: dict[str, Any] = {counter: F(counter) + 1}
    ImportBatch.objects.filter(pk=batch.pk).update(**changes)


def _state_of(became: str) -> str:
    return State.STORED if became == "created" else State.KNOWN


def _finish(batch: ImportBatch, *, at: datetime) -> bool:
    still_held = ImportRow.objects.filter(batch=batch, state=State.READY).exists()
    if not still_held:
        changes = {"state": ImportBatch.State.DONE, "finished_at": at}
        ImportBatch.objects.filter(pk=batch.pk, state=ImportBatch.State.RUNNING).update(**changes)
    return False


@transaction.atomic
def error_file(batch: ImportBatch, *, actor: PostActor, at: datetime) -> str:
    """The bad rows as CSV with their reasons, safe to open; that it was taken out stays on record."""
    policy.require(actor, "alert.import", at=at)
    rows = list(ImportRow.objects.filter(batch=batch, state=State.BAD).order_by("number"))
    said = {"rows": len(rows)}
    trace("export", actor, at=at, object_kind="importbatch", object_id=batch.pk, data=said)
    contents = [json.loads(row.content) for row in rows]
    names = list(dict.fromkeys(name for content in contents for name in content)) or list(tables.COLUMNS)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["行号", "错误", *map(tables.safe_cell, names)])
    for row, content in zip(rows, contents, strict=True):
        cells = [tables.safe_cell(content.get(name, "")) for name in names]
        writer.writerow([row.number, "；".join(row.errors), *cells])
    return out.getvalue()
