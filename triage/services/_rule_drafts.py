"""The life of a version of the rules: drafted, edited, submitted, brought into force by a second person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast

from dispute_hub.accounts import policy
from dispute_hub.accounts import services as accounts
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import User
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope, Stale
from dispute_hub.common.text import need_text
from triage.engine import checking
from triage.engine.parts import with_parts
from triage.models import Replay, RuleSet
from triage.services._rule_notices import hands_in, tell_hands, tell_reviewers
from triage.services._rules import digest_of

Status = RuleSet.Status
# Any constant: it only has to differ from the other advisory locks of the product.
NUMBERING_LOCK = 0x5EA8
_MOST_SHOWN = 20


@transaction.atomic
def draft_from(rule_set: RuleSet, *, note: str, actor: PostActor, at: datetime) -> RuleSet:
    """A new draft with the content of any version, under the next number."""
    policy.require(actor, "rules.manage", at=at)
    need_text(note, "请填写修改说明。", field="note", hint="请写明为何起草这一版。")
    version = _next_version()
    content = {**rule_set.content, "version": version}
    draft = RuleSet.objects.create(
        version=version,
        content=content,
        digest=digest_of(content),
        note=note.strip(),
        author=actor.user,
        created_at=at,
        based_on=rule_set,
        editors=[actor.user.pk],
        edited_at=at,
    )
    _trace("rules.draft", draft, actor, at, based_on=rule_set.version)
    return draft


@transaction.atomic
def restore(rule_set: RuleSet, *, note: str, actor: PostActor, at: datetime) -> RuleSet:
    """A draft of a version that was in force before: the way back. It takes the way of every draft.

    Raises Conflict for a version that is not retired.
    """
    if rule_set.status != Status.RETIRED:
        raise Conflict("只有已停用的版本可以恢复为草稿。", code="not_retired")
    return draft_from(rule_set, note=note, actor=actor, at=at)


def _next_version() -> str:
    """The next whole number; two who draft at the same moment get two."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERING_LOCK])
    numbered = RuleSet.objects.filter(version__regex=r"^[0-9]{1,9}$")
    last = numbered.aggregate(last=Max(Cast("version", IntegerField())))["last"]
    return str((last or 0) + 1)


@transaction.atomic
def edit_draft(
    draft: RuleSet, *, changes: Mapping[str, Any], edit_no: int | None, actor: PostActor, at: datetime
) -> RuleSet:
    """Replace, add or (None) take away parts of a draft; keys as in engine/parts.py.

    A changed draft is no longer submitted. Raises Stale when somebody edited since `edit_no`, Invalid with
    the flaws of these parts by their places (others, which the change causes elsewhere, under "").
    """
    policy.require(actor, "rules.manage", at=at)
    read = _draft(draft, edit_no)
    content = with_parts(read.content, changes)
    digest = digest_of(content)
    if digest == read.digest:
        return read
    _refuse_flaws(checking.flaws(content), before=read.content)
    row = _lock_draft(draft, edit_no)
    withdrawn = hands_in(row) if row.submitted_by_id else set()
    row.content, row.digest, row.edited_at, row.edit_no = content, digest, at, row.edit_no + 1
    row.editors = [*(pk for pk in row.editors if pk != actor.user.pk), actor.user.pk]
    row.submitted_by, row.submitted_at = None, None
    row.save()
    _trace("rules.edit", row, actor, at, parts=sorted(changes))
    said = "提交后又有修改，原提交已撤回，须重新试算和提交。"
    tell_hands(row, withdrawn, f"研判规则第{row.version}版又有修改", said, actor=actor, at=at)
    return row


def _refuse_flaws(found: Sequence[checking.Flaw], *, before: Mapping[str, Any] | None = None) -> None:
    """Refuse what is wrong; with `before` only what was not so before: the rest is asked at submitting."""
    known = checking.flaws(before) if found and before is not None else ()
    new = [flaw for flaw in found if flaw not in known]
    if new:
        raise Invalid(fields=_by_field(new))


def _by_field(flaws: Sequence[checking.Flaw]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for flaw in flaws[:_MOST_SHOWN]:
        fields.setdefault(flaw.field_path, []).append(flaw.message)
    return fields


def _stale(row: RuleSet) -> Stale:
    last = User.objects.filter(pk=row.editors[-1]).first() if row.editors else None
    who = last.full_name if last else ""
    said = f"{who or '另一位同事'}已修改过这份草稿，请核对最新内容后再提交；您填写的内容已保留。"
    return Stale(said, who=who, at=row.edited_at, what="修改了这份草稿")


@transaction.atomic
def discard_draft(draft: RuleSet, *, edit_no: int | None, actor: PostActor, at: datetime) -> RuleSet:
    """Give a draft up. It is kept as a version that was never in force, and may be drafted from again."""
    policy.require(actor, "rules.manage", at=at)
    row = _lock_draft(draft, edit_no)
    running = (Replay.State.QUEUED, Replay.State.RUNNING)
    if row.replays.filter(state__in=running).exists():
        raise Conflict("这份草稿正在试算，请先停止试算再作废。", code="replay_running")
    concerned = hands_in(row) if row.submitted_by_id else set()
    row.status, row.retired_at, row.submitted_by, row.submitted_at = Status.RETIRED, at, None, None
    row.save()
    _trace("rules.discard", row, actor, at)
    said = f"{actor.user.full_name}已作废这份已提交的草稿；内容仍保留，可由它重新起草。"
    tell_hands(row, concerned, f"研判规则第{row.version}版未启用，草稿已作废", said, actor=actor, at=at)
    return row


@transaction.atomic
def submit_draft(draft: RuleSet, *, edit_no: int | None, actor: PostActor, at: datetime) -> RuleSet:
    """Put a draft before a second person: sound, and replayed as it stands now.

    Raises Invalid with what is to be mended, Conflict without a finished replay of this very content.
    """
    policy.require(actor, "rules.manage", at=at)
    _refuse_flaws(checking.flaws(_draft(draft, edit_no).content))
    row = _lock_draft(draft, edit_no)
    _require_replay(row)
    row.submitted_by, row.submitted_at = actor.user, at
    row.save()
    _trace("rules.submit", row, actor, at)
    tell_reviewers(row, at=at)
    return row


def _require_replay(row: RuleSet) -> None:
    replays = row.replays.filter(state=Replay.State.DONE)
    if replays.filter(digest=row.digest).exists():
        return
    again = "草稿在上次试算之后又有修改，请重新试算并查看结果。"
    raise Conflict(again if replays.exists() else "请先试算这份草稿并查看结果，再提交。", code="not_replayed")


@transaction.atomic
def activate(draft: RuleSet, *, edit_no: int | None, actor: PostActor, at: datetime) -> RuleSet:
    """Bring a submitted draft into force and retire the version before it, in one commit.

    Raises NoRight for whoever drafted, edited or submitted it (self-approval, reliability 63), Stale when
    it was edited since the page was opened, Conflict when it is not submitted.
    """
    policy.require(actor, "rules.manage", at=at)
    read = _draft(draft, edit_no)
    _require_second_person(read, actor)
    _refuse_flaws(checking.flaws(read.content))
    row = _lock_draft(draft, edit_no)
    _require_second_person(row, actor)
    _require_replay(row)
    former = RuleSet.objects.select_for_update().filter(status=Status.ACTIVE).first()
    if former is not None:
        former.status, former.retired_at = Status.RETIRED, at
        former.save(update_fields=["status", "retired_at"])
    row.status, row.approver, row.activated_at = Status.ACTIVE, actor.user, at
    row.save()
    _trace("rules.activate", row, actor, at, former=former.version if former else "", by=row.submitted_by_id)
    said = f"{actor.user.full_name}已审核启用，新的研判立即按本版进行。"
    tell_hands(row, hands_in(row), f"研判规则第{row.version}版已启用", said, actor=actor, at=at)
    return row


def _require_second_person(row: RuleSet, actor: PostActor) -> None:
    if row.submitted_by_id is None:
        raise Conflict("这份草稿还没有提交，不能启用。", code="not_submitted")
    if actor.user.pk in hands_in(row):
        raise NoRight("起草、修改或提交过这份草稿的人不能启用它，请另一位有权限的同事审核启用。")


def _draft(draft: RuleSet, edit_no: int | None, *, is_locked: bool = False) -> RuleSet:
    """The draft as it stands now; refused when it is none any more, or was edited since `edit_no`.

    Content is checked before the lock is taken: that takes a second, in which nobody else should wait. The
    edit number, asked again under the lock, vouches for the content.
    """
    rows = RuleSet.objects.select_for_update() if is_locked else RuleSet.objects.all()
    row = rows.filter(pk=draft.pk).first()
    if row is None:
        raise OutOfScope()
    if row.status != Status.DRAFT:
        raise Conflict(f"第{row.version}版{row.get_status_display()}，不再是草稿。", code="not_a_draft")
    if row.edit_no != edit_no:
        raise _stale(row)
    return row


def _lock_draft(draft: RuleSet, edit_no: int | None) -> RuleSet:
    return _draft(draft, edit_no, is_locked=True)


def _trace(act: str, row: RuleSet, actor: PostActor, at: datetime, **said: Any) -> None:
    """Rules hold no personal data: parts, versions and digests may stand in the log."""
    told = {"act": act, "version": row.version, "digest": row.digest, **said}
    accounts.trace("admin_act", actor, at=at, object_kind="rule_set", object_id=row.pk, data=told)
