"""Forms of a session: convened, recorded."""

from __future__ import annotations

from typing import Any

from django import forms

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Case
from dispute_hub.common import time
from dispute_hub.common.forms import SubmittedForm, area, line
from mediation import selectors
from mediation.models import Mediator, SessionKind, SessionOrigin, SessionResult
from mediation.services import SessionPlan, SessionRecord

INSTANTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class _MediatorChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        skills = "、".join([*obj.skills, *obj.dialects])
        return f"{obj.post.user.full_name} {obj.organisation.name}{f'（{skills}）' if skills else ''}"


class ConveneForm(SubmittedForm):
    """约调解."""

    planned_at = forms.DateTimeField(
        label="调解时间",
        input_formats=INSTANTS,
        widget=forms.DateTimeInput(format=INSTANTS[0], attrs={"type": "datetime-local", "autofocus": True}),
    )
    place = line("调解地点", 100, help_text="如：象珠派出所调解室。")
    kind = forms.ChoiceField(label="调解类型", choices=SessionKind.choices, initial=SessionKind.PEOPLE)
    origin = forms.ChoiceField(label="调解来源", choices=SessionOrigin.choices, initial=SessionOrigin.POLICE)
    mediator = _MediatorChoice(
        label="调解员",
        queryset=Mediator.objects.none(),
        required=False,
        empty_label="由本人主持",
        widget=forms.Select(attrs={"data-hub-select": True}),
        help_text="驻所调解员排在前面；选定后调解员即可查看本案。",
    )
    both_willing = forms.BooleanField(
        label="已征得双方当事人同意调解",
        required=False,
        help_text="人民调解须双方自愿，当事人可自行选择调解员，也可随时终止。",
    )

    def __init__(self, *args: Any, case: Case, actor: PostActor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["mediator"]
        field.queryset = selectors.mediators_for(case)  # type: ignore[attr-defined]
        if not policy.allows(actor.role, "session.hold"):
            field.required, field.empty_label = True, "请选择调解员"  # type: ignore[attr-defined]
        mine = getattr(actor.post, "mediator", None)
        if mine is not None:
            field.initial = mine.pk

    def wanted(self) -> dict[str, Any]:
        return {"plan": SessionPlan(**self.cleaned_data)}

    def clean_planned_at(self) -> Any:
        """Typed as Beijing time, whatever the server's zone is."""
        return self.cleaned_data["planned_at"].replace(tzinfo=time.BEIJING)


class RecordForm(SubmittedForm):
    """调解笔录 and what came of it."""

    attendance = line(
        "到场人员", 500, required=False, attrs={"autofocus": True}, help_text="当事人、代理人、见证人。"
    )
    record = area(
        "调解笔录",
        10_000,
        14,
        help_text="按发言先后记录，可插入时间；如实记录双方陈述、争议焦点和调解意见。",
    )
    result = forms.ChoiceField(
        label="调解结果",
        choices=[
            (SessionResult.AGREED, "达成协议｜接着订立协议"),
            (SessionResult.PARTLY, "部分达成｜订立部分协议，其余另行处理"),
            (SessionResult.FAILED, "调解未果｜重新研判，告知其他途径"),
            (SessionResult.ADJOURNED, "择期再调｜另约时间"),
        ],
        widget=forms.RadioSelect,
    )
    result_text = area("结果说明", 2000, 3, required=False)

    def wanted(self) -> dict[str, Any]:
        return {"record": SessionRecord(**self.cleaned_data)}
