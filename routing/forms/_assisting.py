"""协助二推送: what is asked of a party's home station, its answer, why it is withdrawn."""

from __future__ import annotations

from typing import Any

from django import forms

from dispute_hub.cases.models import Case, Party
from dispute_hub.common.forms import area
from routing import selectors
from routing.forms._order_base import OrderForm, UnitChoice
from routing.models import AssistingPush


class AssistForm(OrderForm):
    """The leading station names the party, his home station and what is asked."""

    title, submit_label = "请求协助", "发出协助请求"
    party = forms.ModelChoiceField(Party.objects.none(), label="当事人", empty_label="请选择")
    home = forms.ChoiceField(
        label="协助派出所为", choices=AssistingPush.Home.choices, widget=forms.RadioSelect
    )
    station = UnitChoice("协助派出所", empty_label="请选择")
    text = area("请求协助事项", 500, 4, help_text="请对方做什么、需要了解什么；不写身份证号、电话。")

    @classmethod
    def on(cls, case: Case, people: list[tuple[Party, str]], data: Any = None) -> AssistForm:
        form = cls(data)
        party: Any = form.fields["party"]
        party.queryset = Party.objects.filter(case=case)
        party.choices = [("", "请选择"), *((one.pk, name) for one, name in people)]
        station: Any = form.fields["station"]
        station.queryset = selectors.aside.stations_of(case.bureau_id).exclude(pk=case.station_id or 0)
        return form


class AssistSignForm(OrderForm):
    title, submit_label = "签收", "签收"


class AssistAnswerForm(OrderForm):
    title, submit_label = "反馈协助情况", "反馈主办派出所"
    text = area("协助情况", 1000, 3, help_text="联系或走访情况、了解到的情况；不写身份证号、电话。")


class AssistWithdrawForm(OrderForm):
    title, submit_label = "撤回", "撤回协助请求"
    text = area("撤回原因", 500, 2)


ASSIST_FORMS: dict[str, type[OrderForm]] = {
    "sign": AssistSignForm,
    "answer": AssistAnswerForm,
    "withdraw": AssistWithdrawForm,
}


def assist_forms(task: Any, *, refused: dict[str, OrderForm]) -> dict[str, OrderForm]:
    """The forms of what may be done with a task now; a refused one stands in with what was typed."""
    names = {"issued": ["sign"], "signed": ["answer"]}.get(task.row.status, []) if task.helps else []
    names = names + (["withdraw"] if task.leads else [])
    return {
        name: refused.get(name) or ASSIST_FORMS[name](auto_id=f"id_{name}_{task.row.pk}_%s") for name in names
    }
