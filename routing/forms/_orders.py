"""What is filled in on an order: accepted, returned, assigned, fed back, extended, settled, verified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms

from dispute_hub.accounts.models import Unit
from dispute_hub.cases.models import SettleHow
from dispute_hub.common import time
from dispute_hub.common.forms import DAY, PlainText, SubmittedForm, area, day, line
from routing.models import ReturnReason
from routing.selectors import OrderPage


class OrderForm(SubmittedForm):
    """An act on an order; several stand on one page, so the browser must not insist on all of them."""

    use_required_attribute = False


def _text(label: str, rows: int = 3, **options: Any) -> PlainText:
    return area(label, 2000, rows, **options)


class UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A unit by its code, among those the page offers."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(Unit.objects.none(), to_field_name="code", label=label, **kwargs)


class UnitChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several units by their codes."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(Unit.objects.none(), to_field_name="code", label=label, **kwargs)


def offer(form: forms.Form, units: Iterable[Unit], *names: str) -> None:
    """Let these fields choose among `units`."""
    offered = Unit.objects.filter(pk__in=[unit.pk for unit in units]).order_by("line", "kind", "name")
    for name in names:
        form.fields[name].queryset = offered  # type: ignore[attr-defined]


class ApproveForm(OrderForm):
    title, submit_label = "批准发出", "批准并发出"


class RejectForm(OrderForm):
    title, submit_label = "不批准", "不批准，退回修改"
    text = _text("不批准的理由", 2)


class AcceptForm(OrderForm):
    title, submit_label = "签收", "签收"


class ReturnForm(OrderForm):
    title, submit_label = "退回", "退回"
    reason_code = forms.ChoiceField(label="退回原因", choices=ReturnReason.choices, widget=forms.RadioSelect)
    text = _text("具体情况")


class RecallForm(OrderForm):
    title, submit_label = "撤回", "撤回交办单"
    text = _text("撤回原因", 2)


class AssignForm(OrderForm):
    title, submit_label = "分类交办", "分派办理"
    lead_unit = UnitChoice("牵头单位", empty_label="请选择")
    assisting_units = UnitChoices("协同单位", required=False, help_text="可多选；按住 Ctrl 键逐个点选。")
    task = line("任务要求", 200, required=False)
    due_on = day("完成日期", required=False)


class ProgressForm(OrderForm):
    title, submit_label = "填报进展", "填报"
    text = _text("进展情况", help_text="联系了谁、做了什么、下一步怎么办。")


class SettleOrderForm(OrderForm):
    title, submit_label = "报结", "报结，送派出所核查"
    how = forms.ChoiceField(label="化解方式", choices=SettleHow.choices)
    text = _text("化解情况", help_text="写明协议内容、履行情况和佐证材料。")


class ExtendForm(OrderForm):
    title, submit_label = "申请延期", "提交申请"
    named = {"until_at": "until"}
    until = day("延至")
    reason = _text("延期理由", 2)

    def wanted(self) -> dict[str, Any]:
        """The last day counts until 24:00 (civil code, counting of time limits)."""
        _, until_at = time.day_bounds(self.cleaned_data["until"])
        return {"until_at": until_at, "reason": self.cleaned_data["reason"]}


class VerifyForm(OrderForm):
    title, submit_label = "核查", "提交核查结果"
    accepted = forms.ChoiceField(
        label="核查结果",
        choices=[("yes", "属实，同意办结｜转入回访"), ("no", "不属实，退回继续办理｜综治中心重新办理")],
        widget=forms.RadioSelect,
    )
    text = _text("与双方核实情况", help_text="须联系到双方当事人，分别写明核实结果。")

    def wanted(self) -> dict[str, Any]:
        return {"accepted": self.cleaned_data["accepted"] == "yes", "text": self.cleaned_data["text"]}


class DecideForm(OrderForm):
    """A leader's word where refusing needs a reason."""

    text = line("审批意见", 500, required=False)


# The forms of the order page by the name of the act; `routing.selectors.possible_acts` says which show.
ORDER_FORMS: dict[str, type[OrderForm]] = {
    "approve": ApproveForm,
    "reject": RejectForm,
    "accept": AcceptForm,
    "return": ReturnForm,
    "recall": RecallForm,
    "assign": AssignForm,
    "feedback": ProgressForm,
    "settle": SettleOrderForm,
    "extend": ExtendForm,
    "verify": VerifyForm,
}


def until_of(text: str) -> datetime:
    """An instant, or a day that counts until its 24:00. Raises Invalid."""
    try:
        on = datetime.strptime(text, DAY).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return time.parse_instant(text)
    return time.day_bounds(on)[1]


def order_form(name: str, units: Iterable[Unit], data: Any = None, **initial: Any) -> OrderForm:
    """The form of one act, offering `units` where one is to be chosen."""
    form = ORDER_FORMS[name](data, initial=initial, prefix=None, auto_id=f"id_{name}_%s")
    chosen = [field for field in ("lead_unit", "assisting_units") if field in form.fields]
    offer(form, units, *chosen)
    return form


def order_forms(page: OrderPage, *, refused: Mapping[str, OrderForm]) -> dict[str, OrderForm]:
    """The forms of the acts possible now, by name; a refused one stands in with what was typed."""
    order = page.order
    lead = order.lead_unit.code if order.lead_unit else ""
    assisting = [unit.code for unit in page.proposed_assisting]
    start = {"lead_unit": lead, "assisting_units": assisting}
    return {name: refused.get(name) or order_form(name, page.assignable, **start) for name in page.acts}
