"""What the holder of a tracked case fills in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from dispute_hub.accounts.models import Post
from dispute_hub.cases.models import Case, SettleHow, Status
from dispute_hub.common.forms import SubmittedForm, area, row_version
from routing import selectors
from routing.services import ContactMode


class ContactForm(SubmittedForm):
    """电话记录 or 走访, one tap and a sentence."""

    title, submit_label = "电话、走访记录", "保存记录"

    mode = forms.ChoiceField(
        label="方式", choices=ContactMode.choices, widget=forms.RadioSelect, initial=ContactMode.PHONE
    )
    text = area("联系情况", 2000, 3, help_text="联系了谁、说了什么、下一步怎么办。")


class OfficerChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A person by name, unit and role, as the sheet lists them."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user.full_name}（{obj.unit} {obj.get_role_display()}）"


class AssignForm(SubmittedForm):
    """分派: whom the station's leaders give a tracked case to."""

    title = submit_label = "分派"

    post = OfficerChoice(Post.objects.none(), label="分派给", empty_label="请选择")

    @classmethod
    def of(cls, case: Case, *, at: datetime, data: Any = None) -> AssignForm:
        form = cls(data, auto_id="id_assign_%s")
        post: Any = form.fields["post"]
        post.queryset = selectors.assignable_posts(case.station_id, at=at)
        return form


class SettleForm(SubmittedForm):
    """已化解: how it ended, and what was agreed."""

    title, submit_label = "已化解", "确认已化解"

    how = forms.ChoiceField(label="化解方式", choices=SettleHow.choices)
    text = area("化解情况", 2000, 3)
    row_version = row_version()


class ConfirmForm(SubmittedForm):
    """The command room's word on 非纠纷 or 无效."""

    as_status = forms.ChoiceField(
        label="确认为",
        choices=[(Status.NOT_DISPUTE.value, "非纠纷"), (Status.VOID.value, "无效（已回拨核实）")],
        widget=forms.RadioSelect,
    )
    text = area("核实情况", 2000, 2)
