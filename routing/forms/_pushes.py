"""What an officer or the command room fills in on a push."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from dispute_hub.common.forms import SubmittedForm, area, line
from routing.models import Push, Reinforcement

SKELETON = "原因：\n经过：\n处置：\n结果："
# What a thumb writes with one tap, by question: (on the button, in the report).
PHRASES = (
    (
        "原因",
        (
            ("琐事口角", "因琐事发生口角。"),
            ("经济纠纷", "因欠款、费用发生纠纷。"),
            ("酒后", "当事人酒后情绪激动。"),
            ("邻里矛盾", "因邻里积怨发生争执。"),
        ),
    ),
    (
        "经过",
        (
            ("未动手", "到场时双方情绪激动，未发生肢体冲突。"),
            ("有推搡", "到场时双方有推搡，已制止，无人受伤。"),
            ("已离开", "到场时一方已离开，电话联系。"),
        ),
    ),
    (
        "处置",
        (
            ("分开劝解", "分开劝解，告知权利义务和法律后果。"),
            ("收缴器械", "现场收缴器械，控制当事人。"),
            ("送医", "联系120送医检查。"),
            ("告知途径", "告知可申请人民调解或依法起诉。"),
        ),
    ),
    (
        "结果",
        (
            ("双方和解", "双方表示和解，不再追究。"),
            ("未谈拢", "双方未达成一致，已约定再次调解。"),
            ("带回所", "当事人带回所内调解。"),
            ("一方不配合", "一方拒绝调解，已告知依法维权。"),
        ),
    ),
)


def heard() -> forms.ChoiceField:
    """How the command room heard what it records; the crew itself is not asked."""
    return forms.ChoiceField(
        label="获知方式", choices=Push.How.choices, widget=forms.RadioSelect, required=False,
        initial=Push.How.RADIO,
    )  # fmt: skip


def numbers_in(text: str) -> list[str]:
    """Police numbers, however they were set apart."""
    return [number for number in re.split(r"[\s,，、;；]+", text) if number]


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

    how = heard()
    phrases = PHRASES

    def clean_text(self) -> str:
        """The empty skeleton is no report."""
        text: str = self.cleaned_data["text"].strip()
        if not re.sub(r"(原因|经过|处置|结果)[：:]|\s", "", text):
            raise forms.ValidationError("请按原因、经过、处置、结果填写。")
        return text

    def clean_officers(self) -> list[str]:
        return numbers_in(self.cleaned_data["officers"])


class ReinforcementForm(SubmittedForm):
    """请求增援: two taps are enough, words are extra."""

    officers_needed = forms.IntegerField(label="需要几人", min_value=1, max_value=50, initial=2)
    needs = forms.MultipleChoiceField(
        label="什么情况", choices=Reinforcement.Need.choices, widget=forms.CheckboxSelectMultiple,
        required=False,
    )  # fmt: skip
    text = line("补充说明", 200, required=False)
    how = heard()


class CrewTextForm(SubmittedForm):
    """续报 from the scene."""

    text = area("续报内容", 1000, 3, help_text="写现场新情况；系统会重新研判，预警色只升不降。")
    how = heard()


class AnswerForm(SubmittedForm):
    """Whom to send: those on duty as choices, anybody by police number, and what else comes."""

    chosen = forms.MultipleChoiceField(
        label="在岗民警", widget=forms.CheckboxSelectMultiple, required=False, choices=[]
    )
    numbers = line("其他民警警号", 200, required=False, help_text="多人用空格或逗号隔开。")
    text = line("说明", 200, required=False, help_text="例如：120已出车；预计5分钟到。")

    def __init__(self, *args: Any, crews: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.fields["chosen"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = crews

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"numbers": [*given["chosen"], *numbers_in(given["numbers"])], "text": given["text"]}


class ObjectionForm(SubmittedForm):
    """异议 to what was recorded in one's name."""

    objection = line("哪里不对", 200)
