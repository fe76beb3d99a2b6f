"""What is filled in while an emergency is set, commanded, reported and ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from dispute_hub.accounts.models import Post, Unit
from dispute_hub.common.forms import SubmittedForm, area
from routing.services import Command


class CommanderChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A person by unit, role and name, among those who may command on the spot."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Post.objects.none(), label="现场指挥", **options)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.unit} {obj.get_role_display()} {obj.user.full_name}"


def offer_commanders(form: forms.Form, posts: Iterable[Post]) -> None:
    """Let the form choose among these posts."""
    rows = Post.objects.filter(pk__in=[post.pk for post in posts]).select_related("unit", "user")
    form.fields["commander"].queryset = rows.order_by("unit_id", "role", "id")  # type: ignore[attr-defined]


class BeginForm(SubmittedForm):
    """启动应急处置: who commands, how many are there, what outside units are told."""

    submit_label = "启动应急处置"

    people = forms.IntegerField(label="现场人数", min_value=1, max_value=100_000)
    is_blocked = forms.BooleanField(label="堵门堵路", required=False)
    commander = CommanderChoice(help_text="指定到人；指定后由其持有本案并负责信息报告。")
    lead_unit = forms.ModelChoiceField(
        Unit.objects.none(), label="牵头部门", required=False, to_field_name="code",
        help_text="同时通知局值班领导和街道值班室。",
    )  # fmt: skip
    instruction = area(
        "对外指令", 500, 3,
        help_text="发给街道和部门：地点（到村、路段）、要求做什么、向谁报到。不写姓名、电话、证件号码。",
    )  # fmt: skip

    @classmethod
    def among(
        cls, commanders: Iterable[Post], departments: Any, data: Mapping[str, Any] | None, **initial: Any
    ) -> BeginForm:
        """The form with the people and departments that may be chosen."""
        form = cls(data, initial=initial)
        offer_commanders(form, commanders)
        form.fields["lead_unit"].queryset = departments  # type: ignore[attr-defined]
        return form

    def wanted(self) -> dict[str, Any]:
        return {"command": Command(**self.cleaned_data)}


class CommanderForm(SubmittedForm):
    """Another person commands."""

    submit_label = "更换现场指挥"

    commander = CommanderChoice()
    reason = area("更换原因", 200, 2)

    @classmethod
    def among(cls, commanders: Iterable[Post], data: Mapping[str, Any] | None = None) -> CommanderForm:
        """The form with the people who may be chosen."""
        form = cls(data)
        offer_commanders(form, commanders)
        return form


class ReportForm(SubmittedForm):
    """首报, 续报 or 终报, whichever is due."""

    submit_label = "提交报告"

    # Which report was due when the form was opened: the mode may end while somebody writes.
    expected = forms.CharField(max_length=8, required=False, widget=forms.HiddenInput)
    people = forms.IntegerField(label="现场人数", min_value=0, max_value=100_000, required=False)
    text = area("报告内容", 2000, 4, help_text="现场情况、已采取措施、下一步。")

    def due_again(self, kind: str) -> None:
        """Refused as out of date, the form names what is due now: he has read it and sends it again."""
        self.data = {name: self.data.get(name) for name in self.fields} | {"expected": kind}


class EndForm(SubmittedForm):
    """解除应急处置."""

    submit_label = "解除应急处置"

    text = area("解除理由", 400, 2, help_text="现场如何平息、后续由谁负责。")
