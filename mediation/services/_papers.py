"""Papers are made from what is stored now; what changed since makes a new version and voids the old."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.services import trace
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Conflict, NotReady
from mediation.models import Agreement, MediationSession, Paper, SessionStatus
from mediation.papers import contents, files, word


@transaction.atomic
def make_agreement_paper(agreement: Agreement, *, actor: PostActor, at: datetime) -> Paper:
    """The paper of an agreement as it stands: the valid version, or a new one if something changed.

    Every call is a download and leaves its trace (handbook 12).
    """
    policy.require(actor, "paper.make", at=at)
    case = cases.lock(agreement.case_id)
    content = contents.of_agreement(agreement)
    return _make(case, content, actor, at, agreement=agreement, session=agreement.session)


@transaction.atomic
def make_record_paper(session: MediationSession, *, actor: PostActor, at: datetime) -> Paper:
    """调解笔录 of a session that was held; Conflict before."""
    policy.require(actor, "paper.make", at=at)
    case = cases.lock(session.case_id)
    if session.status != SessionStatus.HELD:
        raise Conflict("该次调解尚未记录，不能制作笔录。")
    return _make(case, contents.of_record(session), actor, at, session=session)


def _make(case: Case, content: contents.Content, actor: PostActor, at: datetime, **of: Any) -> Paper:
    valid = Paper.objects.filter(number=content.number, kind=content.kind, voided_at__isnull=True).first()
    if valid is None or valid.content_sha256 != content.sha256 or not _stands(valid):
        valid = _next_version(case, valid, content, actor, at, of)
    _trace(valid, actor, at)
    return valid


@transaction.atomic
def fetch_paper(paper: Paper, *, actor: PostActor, at: datetime) -> bytes:
    """The file of any version, checked against its hash; every fetch is traced."""
    policy.require(actor, "paper.make", at=at)
    content = files.read(paper.file, paper.sha256)
    _trace(paper, actor, at)
    return content


def _trace(paper: Paper, actor: PostActor, at: datetime) -> None:
    said = {"kind": paper.kind, "version": paper.version}
    trace("export", actor, at=at, object_kind="paper", object_id=paper.pk, data=said)


def _stands(paper: Paper) -> bool:
    try:
        files.read(paper.file, paper.sha256)
    except NotReady:
        return False
    return True


def _next_version(
    case: Case,
    former: Paper | None,
    content: contents.Content,
    actor: PostActor,
    at: datetime,
    of: dict[str, Any],
) -> Paper:
    if former is not None:
        former.voided_at = at
        former.save(update_fields=["voided_at"])
    file = uuid.uuid4()
    paper = Paper.objects.create(
        number=content.number, kind=content.kind, version=former.version + 1 if former else 1,
        case=case, file=file, sha256=files.write(file, word.render(content, at=at)),
        content_sha256=content.sha256, made_at=at, made_by=actor.post, **of,
    )  # fmt: skip
    lifecycle.record(
        case, "paper.made", actor=actor, at=at, subject=paper,
        data={"number": paper.number, "kind": paper.kind, "version": paper.version},
    )  # fmt: skip
    return paper


def clear_orphan_files(*, at: datetime) -> int:
    """Remove files whose paper was never committed (reliability I10). Returns how many."""
    left = files.left_behind(at=at)
    known = {
        file.hex
        for file in Paper.objects.filter(file__in=[stem for stem in left if _is_id(stem)]).values_list(
            "file", flat=True
        )
    }
    orphans = [path for stem, path in left.items() if stem not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _is_id(stem: str) -> bool:
    try:
        uuid.UUID(stem)
    except ValueError:
        return False
    return True
