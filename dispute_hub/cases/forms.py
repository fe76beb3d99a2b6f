"""What a person fills in about a clock and about the calendar."""

from __future__ import annotations

from typing import Any

from django import forms

from dispute_hub.common.forms import SubmittedForm, area, day


class PauseForm(SubmittedForm):
    """Why a clock stands still."""

    reason = area("暂停理由", 200, 2, help_text="例如：等待鉴定结论、当事人住院。暂停期间不催办。")


class ResumeForm(SubmittedForm):
    """Nothing to fill in: the clock runs on."""


class ExtensionForm(SubmittedForm):
    """A later last day, and why."""

    until_on = day("延期至", help_text="当日24:00到期；遇休息日顺延至下一个工作日。最多延期两次。")
    reason = area("延期理由", 200, 2)


class DecisionForm(SubmittedForm):
    """Yes or no to a later date."""

    verdict = forms.ChoiceField(
        label="审批意见", choices=[("approve", "同意"), ("refuse", "不同意")], widget=forms.RadioSelect
    )
    text = area("说明", 200, 2, required=False, help_text="不同意时请写明理由。")

    def wanted(self) -> dict[str, Any]:
        return {"approved": self.cleaned_data["verdict"] == "approve", "text": self.cleaned_data["text"]}
