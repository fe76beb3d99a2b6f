"""回避, 管辖争议 and 指定办理单位: who keeps away, which station holds, which centre takes."""

from __future__ import annotations

from typing import Any

from django import forms

from dispute_hub.accounts.models import Unit, User
from dispute_hub.cases.models import Case
from dispute_hub.common.forms import area, line
from routing import selectors
from routing.forms._order_base import OrderForm, UnitChoice, offer
from routing.models import Recusal


class JurisdictionForm(OrderForm):
    """The holding station says that another should hold the case."""

    title, submit_label = "提出管辖争议", "提交分局裁定"
    proposed = UnitChoice("认为应由谁管辖", required=False, empty_label="请分局指定")
    text = area("管辖依据和理由", 500, 4, help_text="事发地、当事人住所地、在先受理等情况。")

    @classmethod
    def on(cls, case: Case, data: Any = None) -> JurisdictionForm:
        form = cls(data)
        others = selectors.aside.stations_of(case.bureau_id).exclude(pk=case.station_id or 0)
        form.fields["proposed"].queryset = others  # type: ignore[attr-defined]
        return form


class StationForm(OrderForm):
    """A leader's word on one row of the page: which station takes the case, and why."""

    to = UnitChoice("承办派出所", required=False, empty_label="请选择派出所")
    text = line("理由", 500, required=False)

    @classmethod
    def among(cls, stations: list[Unit], place: str, data: Any = None, *, to: str = "") -> StationForm:
        form = cls(data, auto_id=f"{place}-%s", initial={"to": to})
        offer(form, stations, "to")
        return form


class MoveForm(StationForm):
    """The station an approved complaint is still to move its case to."""

    def wanted(self) -> dict[str, Any]:
        return {"to": self.cleaned_data["to"]}


class RecusalForm(OrderForm):
    """Who should keep away from a case, and why."""

    title, submit_label = "申报回避", "提交审批"
    user = forms.ModelChoiceField(User.objects.none(), label="回避人员", empty_label="请选择")
    why = forms.ChoiceField(label="回避事由", choices=Recusal.Why.choices, widget=forms.RadioSelect)
    text = area("具体情况", 500, 3, help_text="与谁是什么关系，或因何事被投诉；不写身份证号、电话。")

    @classmethod
    def on(cls, posts: list[Any], own_id: int, data: Any = None) -> RecusalForm:
        form = cls(data, initial={"user": own_id})
        field: Any = form.fields["user"]
        field.queryset = selectors.aside.users_among(posts)
        names = {post.user_id: f"{post.user.full_name}（{post.unit}）" for post in posts}
        field.label_from_instance = lambda user: names.get(user.pk, user.full_name)
        return form


class RedirectForm(OrderForm):
    """The county centre names who takes an order that came back twice."""

    title, submit_label = "指定办理单位", "指定并发出"
    addressee = UnitChoice("办理单位", empty_label="请选择街道（乡镇）综治中心")
    text = area("指定理由", 2000, 3)

    @classmethod
    def within(cls, county_id: int, data: Any = None) -> RedirectForm:
        form = cls(data)
        field: Any = form.fields["addressee"]
        field.queryset = selectors.aside.centres_of(county_id)
        return form
