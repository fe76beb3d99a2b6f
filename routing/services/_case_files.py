"""受案(立案)办理 beside the dispute: opened by a feedback, followed step by step."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Invalid
from routing.models import CaseFile, CaseFileStep, Push


def open_file(case: Case, *, push: Push | None, actor: PostActor, at: datetime) -> CaseFile:
    """A file on a locked case; kind and number are completed when the file system has issued them."""
    file = CaseFile.objects.create(case=case, push=push, opened_at=at, opened_by=actor.post)
    CaseFileStep.objects.create(file=file, step=CaseFileStep.Step.ACCEPTED, at=at, by=actor.post)
    lifecycle.record(case, "case_file.accepted", actor=actor, at=at, subject=file, data={"kind": file.kind})
    return file


@transaction.atomic
def record_case_file_step(
    case: Case,
    *,
    step: str,
    actor: PostActor,
    at: datetime,
    file: CaseFile | None = None,
    kind: str = "",
    number: str = "",
    decision: str = "",
    text: str = "",
) -> CaseFileStep:
    """One step of a file, recorded as `case_file.<step>`; without `file` the case gets a new one.

    A decision (治安处罚, 告诫书, 批评教育, 刑事, 不予处罚) lets family violence end (handbook 4, law).
    """
    policy.require(actor, "case_file.record", at=at)
    case = cases.lock(case.pk)
    _check(step, kind, decision)
    file = file or open_file(case, push=None, actor=actor, at=at)
    file.kind, file.number = kind or file.kind, number or file.number
    file.save(update_fields=["kind", "number"])
    row = CaseFileStep.objects.create(
        file=file, step=step, decision=decision, text=text, at=at, by=actor.post
    )
    data = {"kind": file.kind, "decision": decision, "text": text}
    lifecycle.record(case, f"case_file.{step}", actor=actor, at=at, subject=file, data=data)
    return row


def _check(step: str, kind: str, decision: str) -> None:
    if step not in CaseFileStep.Step.values:
        raise Invalid("请选择办理环节。", fields={"step": ["请从列表中选择。"]})
    if kind and kind not in CaseFile.Kind.values:
        raise Invalid("请选择案件类别。", fields={"kind": ["行政案件或刑事案件。"]})
    if step == CaseFileStep.Step.DECIDED and decision not in CaseFileStep.Decision.values:
        raise Invalid(
            "请选择处理决定。", fields={"decision": ["治安处罚、告诫书、批评教育、刑事或不予处罚。"]}
        )
