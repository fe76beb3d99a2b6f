"""Forms of a consultation: convened, agenda, decision, minutes, completion."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet

from dispute_hub.accounts.models import Unit
from dispute_hub.cases.models import Case
from dispute_hub.common import time
from dispute_hub.common.forms import SubmittedForm, area, day, line
from mediation import selectors


class ConveneConsultationForm(SubmittedForm):
    level = forms.ChoiceField(label="会商层级")
    held_on = day("会商日期")

    def __init__(self, *args: Any, levels: list[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = levels  # type: ignore[attr-defined]
        self.initial.setdefault("held_on", today)


class AgendaForm(SubmittedForm):
    """Suggested cases that were ticked, or one more by its number."""

    chosen = forms.ModelMultipleChoiceField(
        queryset=Case.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    case_no = line("案件编号", 30, required=False)
    reason = line("提交理由", 100, required=False)

    def __init__(self, *args: Any, within: QuerySet[Case], at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.within, self.at = within, at
        self.fields["chosen"].queryset = within  # type: ignore[attr-defined]

    def clean_case_no(self) -> Case | None:
        number = self.cleaned_data["case_no"].upper()
        found = self.within.filter(case_no=number).first() if number else None
        if number and found is None:
            raise forms.ValidationError("没有找到该案件，或不在当前岗位的查看范围内。")
        return found

    def wanted(self) -> dict[str, Any]:
        one, said = self.cleaned_data["case_no"], self.cleaned_data["reason"]
        chosen = [*self.cleaned_data["chosen"], *([one] if one else [])]
        by_rule = selectors.suggestions(chosen, at=self.at)
        return {"listed": [(row.case, said or row.reason) for row in by_rule]}


class DecisionForm(SubmittedForm):
    """One task, one owner, one day that counts until its 24:00 (民法典 201–203)."""

    named = {"due_at": "due_on"}
    points = area("讨论意见", 2000, 2, required=False)
    unit = forms.ModelChoiceField(
        label="责任单位",
        queryset=Unit.objects.none(),
        empty_label="请选择单位",
        widget=forms.Select(attrs={"data-hub-select": True}),
    )
    task = line("任务", 500, help_text="一项措施、一个责任单位；不写当事人电话和证件号码。")
    due_on = day("完成期限")

    def __init__(self, *args: Any, owners: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = owners  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        _, due_at = time.day_bounds(given.pop("due_on"))
        return given | {"due_at": due_at}


class MinutesForm(SubmittedForm):
    attendees = line("参会人员", 500)
    minutes = area("会商纪要", 10_000, 6)


class CompletionForm(SubmittedForm):
    text = line("完成情况", 1000)
