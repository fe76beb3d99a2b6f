"""电话请示: who was asked, when, and what he said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms

from dispute_hub.accounts.models import Post
from dispute_hub.common import time
from dispute_hub.common.forms import area
from routing.forms._order_base import ReadForm
from routing.services import PhoneAnswer

MINUTE: Final = "%Y-%m-%dT%H:%M"


class PhoneForm(ReadForm):
    """The record of one call; Beijing time, as on the wall."""

    title, submit_label = "电话请示", "记录答复"
    leader = forms.ModelChoiceField(Post.objects.none(), label="请示对象", empty_label="请选择")
    asked_at = forms.DateTimeField(
        label="通话时间",
        input_formats=[MINUTE],
        widget=forms.DateTimeInput(format=MINUTE, attrs={"type": "datetime-local"}),
    )
    agreed = forms.ChoiceField(
        label="领导答复",
        choices=[("yes", "同意先发｜立即发出，次日12:00前补书面审批"), ("no", "不同意｜退回责任民警")],
        widget=forms.RadioSelect,
    )
    answer = area("答复要点", 500, 3, help_text="记录原话或要点，作为书面审批的依据。")

    @classmethod
    def on(cls, leaders: Sequence[Post], data: Any = None, *, at: datetime) -> PhoneForm:
        """The form with the leaders who may be asked now, the duty leader first."""
        form = cls(data, initial={"asked_at": at.astimezone(time.BEIJING)})
        field: Any = form.fields["leader"]
        field.queryset = Post.objects.filter(pk__in=[post.pk for post in leaders])
        field.label_from_instance = label_of
        named = [(post.pk, label_of(post)) for post in leaders]
        field.widget.choices = [("", "请选择"), *named]
        return form

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        answer = PhoneAnswer(
            leader=given["leader"], asked_at=given["asked_at"], agreed=given["agreed"] == "yes",
            answer=given["answer"],
        )  # fmt: skip
        return {"said": answer, "seen": given["seen"]}


def label_of(post: Post) -> str:
    """As it stands in the list: unit, role, name."""
    return f"{post.unit} {post.get_role_display()} {post.user.full_name}"
