"""What is filled in on a call, for a waiver, a closing sent back, and on a supervision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.forms import BoundField

from dispute_hub.common.forms import SubmittedForm, area
from followup.models import FollowUp, Mode, Satisfaction, Side
from followup.services import Answers

# What a bad answer will do stands in the choice itself, so that it is read before saving.
REOPENS: Final = "保存后案件重新跟踪，收回“已化解”"
QUESTIONS: Final = {
    "result_kept": ("化解结果是否保持", (("yes", "保持"), ("no", f"没有保持｜{REOPENS}"))),
    "agreement_performed": ("协议是否履行", (("yes", "按期履行"), ("no", f"没有履行｜{REOPENS}"))),
    "knot": ("有无心结未解", (("no", "没有"), ("yes", "有｜保存后重新研判，案件不重开"))),
    "new_dispute": ("有无新的矛盾", (("no", "没有"), ("yes", f"有｜{REOPENS}"))),
    "escalation": ("有无激化迹象", (("no", "没有"), ("yes", "有｜重新跟踪，预警色不低于橙"))),
}
PLACES: Final = "一二三四五"
FORM_ID: Final = "follow-up-form"
ANSWERED, DECLINED, UNREACHED, LATER = "answered", "declined", "unreached", "later"


def _choice(label: str, choices: Iterable[tuple[str, str]], **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=list(choices), required=False, widget=forms.RadioSelect, **more
    )


class CallForm(SubmittedForm):
    """Both sides apart: reached or not, the four questions, signs of escalation, satisfaction, a note.

    Sides that were asked before are left out; family violence, stalking and minors are not asked about
    satisfaction and get no message (handbook 10).
    """

    def __init__(
        self, *args: Any, follow_up: FollowUp, asked: set[str], with_agreement: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.left = [side for side in Side if side not in asked]
        self.with_agreement, self.is_sensitive = with_agreement, follow_up.is_sensitive
        modes = [pair for pair in Mode.choices if pair[0] != Mode.MESSAGE or not follow_up.is_sensitive]
        self.fields["mode"] = forms.ChoiceField(
            label="方式",
            choices=modes,
            initial=follow_up.mode,
            widget=forms.RadioSelect(attrs={"autofocus": True}),
        )
        for side in self.left:
            self._add(side, follow_up)
        self.fields["text"] = area(
            "本次回访小结和下一步", 2000, 2, required=False, help_text="不写姓名、电话和身份证号。"
        )
        for field in self.fields.values():
            # The sides hold forms of their own (the number behind a tap), so the fields stand outside.
            field.widget.attrs["form"] = FORM_ID

    def _add(self, side: str, follow_up: FollowUp) -> None:
        contacts = (
            (ANSWERED, "已回访"),
            (DECLINED, "不愿回访｜问清有无激化即可"),
            (UNREACHED, f"未接通、未见到｜已试{follow_up.tries}天，满3天改上门"),
            (LATER, "本次不访｜留待下次"),
        )
        self.fields[f"{side}_contact"] = _choice("联系情况", contacts, initial=ANSWERED)
        for place, name in zip(PLACES, self.questions, strict=False):
            label, choices = QUESTIONS[name]
            self.fields[f"{side}_{name}"] = _choice(f"{place}、{label}", choices)
        if not self.is_sensitive:
            self.fields[f"{side}_satisfaction"] = _choice("满意度（选填）", Satisfaction.choices)
        self.fields[f"{side}_text"] = area("记录", 2000, 2, required=False)

    @property
    def questions(self) -> list[str]:
        return [name for name in QUESTIONS if self.with_agreement or name != "agreement_performed"]

    @property
    def sides(self) -> list[dict[str, Any]]:
        """What the page draws: each side with its bound fields in the order of the script."""
        return [
            {"code": str(side), "title": side.label, "fields": self._of(side), "note": self[f"{side}_text"]}
            for side in self.left
        ]

    def _of(self, side: str) -> list[BoundField]:
        names = ["contact", *self.questions, *([] if self.is_sensitive else ["satisfaction"])]
        return [self[f"{side}_{name}"] for name in names]

    def clean(self) -> dict[str, Any]:
        """Name every question that was left out, at its side."""
        given = self.cleaned_data
        for side in self.left:
            contact = given.get(f"{side}_contact")
            needed = {ANSWERED: self.questions, DECLINED: ["escalation"]}.get(str(contact), [])
            for name in needed:
                if not given.get(f"{side}_{name}"):
                    self.add_error(f"{side}_{name}", f"请问{side.label}：{QUESTIONS[name][0]}。")
        return given

    def wanted(self) -> dict[str, Any]:
        """Arguments of `services.record_result`."""
        given = self.cleaned_data
        contact = {side: given[f"{side}_contact"] for side in self.left}
        return {
            "answers": [self._answers(side) for side in self.left if contact[side] in (ANSWERED, DECLINED)],
            "unreached": [side for side in self.left if contact[side] == UNREACHED],
            "text": given["text"],
        }

    def _answers(self, side: str) -> Answers:
        given = self.cleaned_data
        known = {"yes": True, "no": False}
        told: dict[str, Any] = {name: known.get(given[f"{side}_{name}"]) for name in self.questions}
        return Answers(
            side=side,
            mode=given["mode"],
            declined=given[f"{side}_contact"] == DECLINED,
            satisfaction=given.get(f"{side}_satisfaction", ""),
            text=given[f"{side}_text"],
            **told | {"escalation": bool(told["escalation"])},
        )


class SafeContactForm(SubmittedForm):
    text = area(
        "安全联系方式", 200, 2, required=False,
        help_text="可联系的时间、号码、暗语，或经妇联、亲属转达；他人接听时只说中性的话。",
    )  # fmt: skip


class WaiveForm(SubmittedForm):
    reason = area("免除回访的理由", 200, 2, help_text="写明为何不再回访；理由留痕。")


class RefuseCloseForm(SubmittedForm):
    reason = area("退回理由", 200, 2, required=False)


class IssueForm(SubmittedForm):
    demand = area("督办要求", 1000, 3, attrs={"autofocus": True}, help_text="要求做什么、何时办结。")


class VerdictForm(SubmittedForm):
    text = area("理由", 500, 2)


class AnswerForm(SubmittedForm):
    text = area(
        "答复内容", 2000, 4, attrs={"autofocus": True}, help_text="原因、已采取的措施和结果。"
    )  # fmt: skip


class CheckForm(SubmittedForm):
    text = area("核验意见", 500, 2, required=False, help_text="退回重新答复时必填。")
