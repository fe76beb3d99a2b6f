"""The life of a version of the clock table: drafted, edited, brought into force by a second person."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.audit import services as audit
from dispute_hub.cases import (
    clock_bounds,
    clock_recount,
    clock_table,
    in_force,
    quiet_hours,
    table_previews,
)
from dispute_hub.cases.models import ClockTable, Recount, TablePreview
from dispute_hub.common.errors import Conflict, Invalid, NoRight, Stale
from dispute_hub.common.text import need_text

Status = ClockTable.Status
# Any constant: it only has to differ from the other advisory locks of the product.
NUMBERING_LOCK = 0x5EA3


@transaction.atomic
def draft_clock_table(based_on: ClockTable, *, note: str, actor: PostActor, at: datetime) -> ClockTable:
    """A new draft with the content of any version, under the next number."""
    policy.require(actor, "clocks.manage", at=at)
    need_text(note, "请填写修改说明。", field="note")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERING_LOCK])
    last = ClockTable.objects.aggregate(last=Max("version"))["last"] or 0
    draft = ClockTable.objects.create(
        version=last + 1, content=clock_table.completed(based_on.content), note=note.strip(),
        based_on=based_on, author=actor.user, editors=[actor.user.pk], created_at=at,
    )  # fmt: skip
    _trace("draft", draft, actor, at)
    table_previews.begin(draft, at=at)
    return draft


@transaction.atomic
def edit_clock(
    draft: ClockTable, *, kind: str, limits: Mapping[str, str], version: int | None, actor: PostActor,
    at: datetime,
) -> ClockTable:  # fmt: skip
    """Give one clock other limits, by colour or grade. Raises Invalid at the key that is out of bounds."""
    policy.require(actor, "clocks.manage", at=at)
    row = _lock_draft(draft, version)
    content = deepcopy(row.content)
    known = content["clocks"][kind]["limits"]
    for key, limit in limits.items():
        if key not in known:
            raise Invalid(fields={key: ["该时限没有这一项。"]}, code="limit_unknown")
        clock_bounds.check(kind, key, limit, safety=clock_table.is_safety(kind, key))
    known.update(limits)
    _keep(row, content, actor)
    _trace("edit", row, actor, at, kind=kind)
    table_previews.begin(row, at=at)
    return row


@transaction.atomic
def edit_ladder(
    draft: ClockTable, *, after: Mapping[str, int], waits: Mapping[str, list[str]], version: int | None,
    actor: PostActor, at: datetime,
) -> ClockTable:  # fmt: skip
    """Say after how many hours 督办 and 通报 are proposed, and which rungs of office clocks wait for what.

    `after` has the hours past the end for "red", "extra_urgent", "" (all others) and "naming". Raises
    Invalid when a naming would not come after every proposed 督办: rungs are climbed in order.
    """
    policy.require(actor, "clocks.manage", at=at)
    row = _lock_draft(draft, version)
    hours = {key: f"{number} hours" for key, number in after.items()}
    naming = hours.pop("naming")
    if after["naming"] <= max(number for key, number in after.items() if key != "naming"):
        raise Invalid(fields={"naming": ["通报应晚于各类督办建议。"]}, code="naming_first")
    content = deepcopy(row.content)
    content["ladder"] |= {"supervise_after": hours, "naming_after": naming}
    content["ladder"]["quiet"]["waits"] = {code: sorted(waits.get(code, ())) for code in quiet_hours.STEPS}
    _keep(row, content, actor)
    _trace("edit", row, actor, at, kind="ladder")
    return row


def _keep(row: ClockTable, content: dict[str, Any], actor: PostActor) -> None:
    row.content, row.edit_no = content, row.edit_no + 1
    row.editors = [*(pk for pk in row.editors if pk != actor.user.pk), actor.user.pk]
    row.save(update_fields=["content", "edit_no", "editors"])


@transaction.atomic
def preview_clock_table(draft: ClockTable, *, actor: PostActor, at: datetime) -> TablePreview:
    """Count again what the draft would move: open clocks come and go."""
    policy.require(actor, "clocks.manage", at=at)
    return table_previews.begin(_lock_draft(draft), at=at)


@transaction.atomic
def activate_clock_table(draft: ClockTable, *, actor: PostActor, at: datetime) -> Recount:
    """Bring a draft into force; open clocks are recounted. Nobody activates what he wrote in."""
    policy.require(actor, "clocks.manage", at=at)
    former = ClockTable.objects.select_for_update().filter(status=Status.ACTIVE).first()
    row = _lock_draft(draft)
    if actor.user.pk in row.editors:
        raise NoRight("参与修改的人不能启用，请另一位有权限的同事核对后启用。", code="own_proposal")
    if former is not None and row.based_on_id != former.pk:
        raise Conflict("起草以后已有新版本生效，请由生效版本重新起草。", code="based_on_older")
    if former is not None and row.content == clock_table.completed(former.content):
        raise Conflict("与生效版本没有差异，无需启用。", code="nothing_changed")
    ClockTable.objects.filter(status=Status.ACTIVE).update(status=Status.RETIRED)
    row.status, row.activated_by, row.activated_at = Status.ACTIVE, actor.user, at
    row.save(update_fields=["status", "activated_by", "activated_at"])
    _trace("activate", row, actor, at)
    transaction.on_commit(in_force.reload)
    return clock_recount.request(Recount.Cause.TABLE, f"时限表第{row.version}版生效", at=at)


@transaction.atomic
def discard_clock_table(draft: ClockTable, *, actor: PostActor, at: datetime) -> ClockTable:
    """Give a draft up; it stays readable."""
    policy.require(actor, "clocks.manage", at=at)
    row = _lock_draft(draft)
    row.status = Status.DISCARDED
    row.save(update_fields=["status"])
    _trace("discard", row, actor, at)
    return row


def _lock_draft(draft: ClockTable, version: int | None = None) -> ClockTable:
    row = ClockTable.objects.select_for_update().get(pk=draft.pk)
    if row.status != Status.DRAFT:
        raise Conflict("只有草稿可以修改、启用或作废。", code="not_a_draft")
    if version is not None and version != row.edit_no:
        raise Stale("另一位同事已修改过这份草稿，请核对最新内容后再提交；您填写的内容已保留。")
    return row


def _trace(act: str, row: ClockTable, actor: PostActor, at: datetime, **said: Any) -> None:
    audit.record(
        "admin_act", actor_user_id=actor.user.pk, post_id=actor.post.pk, unit_id=actor.unit.pk, at=at,
        object_kind="clock_table", object_id=row.pk, data={"act": act, "version": row.version, **said},
    )  # fmt: skip
