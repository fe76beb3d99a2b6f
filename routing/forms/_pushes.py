"""What an officer or the command room fills in on a push."""

from __future__ import annotations

import re

from django import forms

from dispute_hub.common.forms import SubmittedForm, area, line
from routing.models import Push

SKELETON = "原因：\n经过：\n处置：\n结果："


class OnBehalfForm(SubmittedForm):
    """代签: who signed, and how the station heard of it."""

    on_behalf_of = line("处警民警警号", 20)
    how = forms.ChoiceField(
        label="确认方式", choices=Push.How.choices, widget=forms.RadioSelect, initial=Push.How.RADIO
    )


class FeedbackForm(SubmittedForm):
    """处警反馈: one of ten outcomes, the four questions, the crew, and 建议二推 with its reason."""

    outcome = forms.ChoiceField(label="处置结果", choices=Push.Outcome.choices, widget=forms.RadioSelect)
    text = area("处置情况", 2000, 6, initial=SKELETON, help_text="写清原因、经过、处置、结果；不写身份证号。")
    officers = line("处警人员警号", 200, required=False, help_text="多人用空格或逗号隔开。")
    suggest_push_second = line(
        "建议二推的理由", 400, required=False, help_text="需要责任民警跟踪的，写明理由。"
    )

    def clean_text(self) -> str:
        """The empty skeleton is no report."""
        text: str = self.cleaned_data["text"].strip()
        if not re.sub(r"(原因|经过|处置|结果)[：:]|\s", "", text):
            raise forms.ValidationError("请按原因、经过、处置、结果填写。")
        return text

    def clean_officers(self) -> list[str]:
        return [number for number in re.split(r"[\s,，、]+", self.cleaned_data["officers"]) if number]
