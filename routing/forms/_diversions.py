"""What is filled in about a diversion: proposed at the desk, decided by its commander, told to people."""

from __future__ import annotations

from typing import Any

from django import forms

from dispute_hub.common.forms import area, line
from routing.forms._order_base import OrderForm
from routing.forms._third_push import DiversionForm
from routing.models import HandoverNotice
from routing.services import CallOutcome


class ProposeDiversionForm(DiversionForm):
    """提请分流: the commander decides, so nobody has been told yet."""

    title, submit_label = "提请分流", "提请值班长确认"

    @classmethod
    def on(cls, case: Any, data: Any = None) -> Any:
        form = super().on(case, data)
        for name in ("delivery", "second_officer"):
            form.fields.pop(name, None)
        return form


class RefuseDiversionForm(OrderForm):
    title, submit_label = "不予分流", "不予分流"
    text = line("理由", 500)


class ThreePartyCallForm(OrderForm):
    """三方通话: who spoke, what was said, who takes it."""

    title, submit_label = "三方通话记录", "保存通话记录"
    participants = line("通话各方", 200, help_text="写单位和岗位，不写当事人姓名。")
    outcome = forms.ChoiceField(label="通话结果", choices=CallOutcome.choices, widget=forms.RadioSelect)
    text = area("通话情况", 500, 2)


class DeliverForm(OrderForm):
    """How the parties were told of the hand-over."""

    title, submit_label = "送达登记", "保存送达情况"
    delivery = forms.ChoiceField(
        label="告知方式", choices=HandoverNotice.Delivery.choices, widget=forms.RadioSelect
    )
    second_officer = line(
        "另一名在场民警", 80, required=False, help_text="拒签注明须两名民警当面，填写另一名民警姓名。"
    )
    text = line("备注", 400, required=False, help_text="如录音编号、短信发送时间、拒签情形。")
