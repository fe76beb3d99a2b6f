"""反向交办 and 盯办: what a centre hands to the police, what a station answers, what a watcher says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from dispute_hub.accounts.models import Post, Unit
from dispute_hub.common.forms import area, line
from routing.forms._order_base import OrderForm, UnitChoice, offer
from routing.models import ReturnReason, WorkOrder
from routing.services import CounterDraft


class CounterForm(OrderForm):
    """A police-type matter; ticked as an emergency it is an alert at once."""

    title, submit_label = "反向交办", "交派出所办理"
    text = area(
        "情况", 1000, 5, help_text="何时何地发生了什么、现在怎样、请公安做什么。", attrs={"autofocus": True}
    )
    station = UnitChoice("派出所", empty_label="请选择", required=False)
    address = line("事发地址", 100, required=False)
    caller = line("联系人", 80, required=False)
    phone = line("联系电话", 60, required=False)
    urgency = forms.ChoiceField(
        label="缓急",
        choices=[
            ("normal", "一般｜派出所24小时内签收"),
            ("emergency", "紧急｜有人身危险或正在发生，立即转警情派警"),
        ],
        initial="normal",
        required=False,
        widget=forms.RadioSelect,
    )

    @classmethod
    def on(cls, stations: Sequence[Unit], about: WorkOrder | None, data: Any = None) -> CounterForm:
        """About an order in hand station and address are known; else they are asked."""
        only = stations[0].code if len(stations) == 1 else ""
        form = cls(data, initial={"station": only})
        form.about = about
        if about is not None:
            del form.fields["station"], form.fields["address"]
        else:
            offer(form, stations, "station")
        return form

    about: WorkOrder | None = None

    def wanted(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        is_emergency = given.pop("urgency") == "emergency"
        return {"draft": CounterDraft(**given, is_emergency=is_emergency, about=self.about)}


class CounterReturnForm(OrderForm):
    title, submit_label = "退回", "退回综治中心"
    reason_code = forms.ChoiceField(
        label="退回原因",
        choices=[one for one in ReturnReason.choices if one[0] != ReturnReason.POLICE_MATTER],
        widget=forms.RadioSelect,
    )
    text = area("具体情况", 2000, 2)


class CounterAnswerForm(OrderForm):
    title, submit_label = "反馈结果", "反馈综治中心"
    text = area("办理结果", 2000, 3, help_text="综治中心可见；不写涉密警务信息。")


class CounterAcceptForm(OrderForm):
    title, submit_label = "签收", "签收"


class UrgeForm(OrderForm):
    title, submit_label = "催办", "催办"
    text = line("催办内容", 200)


class WatcherForm(OrderForm):
    """Somebody else watches from now on."""

    title, submit_label = "更换盯办人", "更换"
    to = forms.ModelChoiceField(Post.objects.none(), label="盯办人", empty_label="请选择")
    text = line("更换原因", 200)

    def among(self, posts: Sequence[Post]) -> WatcherForm:
        """Offer the bureau's own posts; shown from memory, since every row of the ledger has the form."""
        field: Any = self.fields["to"]
        field.queryset = Post.objects.filter(pk__in=[post.pk for post in posts])
        field.choices = [("", "请选择"), *((post.pk, post.user.full_name) for post in posts)]
        return self


# The station's acts by name, and in which status each is possible.
COUNTER_FORMS: dict[str, type[OrderForm]] = {
    "accept": CounterAcceptForm,
    "answer": CounterAnswerForm,
    "return": CounterReturnForm,
}
COUNTER_ACTS: dict[str, tuple[str, ...]] = {"sent": ("accept", "return"), "accepted": ("answer", "return")}


def counter_forms(order: WorkOrder, *, refused: Mapping[str, OrderForm]) -> dict[str, OrderForm]:
    """The forms of what the station may do now; a refused one stands in with what was typed."""
    names = COUNTER_ACTS.get(order.status, ())
    if order.matter.is_emergency:
        # It was dispatched the second it came; what is left is the feedback.
        names = tuple(name for name in names if name != "return")
    return {name: refused.get(name) or COUNTER_FORMS[name](auto_id=f"id_{name}_%s") for name in names}
