"""What is filled in on an order: accepted, returned, assigned, fed back, extended, settled, verified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms

from dispute_hub.accounts.models import Unit
from dispute_hub.cases.models import Party, SettleHow
from dispute_hub.common import time
from dispute_hub.common.errors import Refused
from dispute_hub.common.forms import DAY, PlainText, area, day, line
from routing.forms._order_base import OrderForm, ReadForm, UnitChoice, offer
from routing.models import OrderContact, OrderUnit, ReturnReason
from routing.selectors import OrderPage
from routing.services import MOST_ASSISTING, SideSaid, TaskDraft


def _text(label: str, rows: int = 3, **options: Any) -> PlainText:
    return area(label, 2000, rows, **options)


class ApproveForm(ReadForm):
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
    """Who leads and who assists, each with its task and day; an empty row is nobody."""

    title, submit_label = "分类交办", "分派办理"
    named = {"due_on": "lead_due_on"}
    lead_unit = UnitChoice("牵头单位", empty_label="请选择")
    lead_task = line("任务", 200, required=False, help_text="不填即按交办要求办理。")
    lead_due_on = day("完成日期", required=False, help_text="不填即为交办单期限。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, MOST_ASSISTING + 1):
            self.fields[f"unit_{number}"] = UnitChoice("协同单位或网格", required=False, empty_label="无")
            self.fields[f"task_{number}"] = line("任务", 200, required=False)
            self.fields[f"due_{number}"] = day("完成日期", required=False)

    @property
    def assisting(self) -> list[list[forms.BoundField]]:
        """One row of three fields for each assisting unit."""
        return [
            [self[f"{name}_{number}"] for name in ("unit", "task", "due")]
            for number in range(1, MOST_ASSISTING + 1)
        ]

    @property
    def shown(self) -> list[list[forms.BoundField]]:
        """The rows in use, and one more."""
        used = [number for number, row in enumerate(self.assisting, start=1) if row[0].value()]
        return self.assisting[: max(used, default=0) + 1]

    @property
    def spare(self) -> list[list[forms.BoundField]]:
        return self.assisting[len(self.shown) :]

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        lead = TaskDraft(given["lead_unit"], OrderUnit.Part.LEAD, given["lead_task"], given["lead_due_on"])
        rows = [
            TaskDraft(given[f"unit_{number}"], task=given[f"task_{number}"], due_on=given[f"due_{number}"])
            for number in self._rows()
        ]
        return {"tasks": [lead, *rows]}

    def _rows(self) -> list[int]:
        """The rows with a unit; the service counts them from one, whatever was left empty between."""
        return [n for n in range(1, MOST_ASSISTING + 1) if self.cleaned_data.get(f"unit_{n}")]

    def refuse(self, refusal: Refused) -> None:
        """Each refusal at its own row."""
        rows = {
            f"{name}_{place}": f"{name}_{number}"
            for place, number in enumerate(self._rows(), start=1)
            for name in ("unit", "due")
        }
        refusal.fields = {rows.get(name, name): texts for name, texts in refusal.fields.items()}
        super().refuse(refusal)


class SideContactForm(OrderForm):
    """One side called or visited after 签收, and what he said."""

    title, submit_label = "联系当事人", "保存联系记录"
    named = {f"{name}_{number}": name for name in ("mode", "said") for number in range(1, 21)}
    side = forms.ChoiceField(label="联系了谁", widget=forms.RadioSelect)
    mode = forms.ChoiceField(label="方式", choices=OrderContact.Mode.choices, widget=forms.RadioSelect)
    said = area("其本人怎么说", 1000, 2)

    def ask(self, sides: Sequence[Party]) -> None:
        """Offer the sides of the case, by role and what may be shown of the name."""
        self.fields["side"].choices = [  # type: ignore[attr-defined]
            (str(number), f"{party.get_role_display()} {party.shown_name(clear=True)}")
            for number, party in enumerate(sides, start=1)
        ]
        self.fields["mode"].initial = OrderContact.Mode.PHONE

    def wanted(self) -> dict[str, Any]:
        return {**self.cleaned_data, "side": int(self.cleaned_data["side"])}


class TriedForm(SideContactForm):
    """One side called or looked for at 核查 and not reached."""

    title, submit_label = "登记联系未果", "保存联系未果"
    said = area("联系经过", 1000, 2, help_text="如无人接听、已停机、上门无人、邻居称已搬离。")


class CompleteForm(OrderForm):
    title, submit_label = "本单位任务办结", "报任务办结"
    text = _text("完成情况", help_text="做了什么、双方怎么说、有无遗留问题。")


class TaskForm(OrderForm):
    """The centre's word on one unit's part."""

    text = line("说明", 1000)


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
    """Both sides, each what he said; then the conclusion."""

    title, submit_label = "核查", "提交核查结果"
    accepted = forms.ChoiceField(
        label="核查结果",
        choices=[("yes", "属实，同意办结｜转入回访"), ("no", "不属实，退回继续办理｜综治中心重新办理")],
        widget=forms.RadioSelect,
    )
    text = _text("核查结论", 2, help_text="不属实的，写明哪些还要继续办理。")

    def ask(self, sides: Sequence[Party]) -> None:
        """Two questions a side, before the conclusion."""
        asked: dict[str, forms.Field] = {}
        for number, party in enumerate(sides, start=1):
            who = f"{party.get_role_display()} {party.shown_name(clear=True)}"
            asked[f"mode_{number}"] = forms.ChoiceField(
                label=f"联系{who}", choices=OrderContact.Mode.choices, initial=OrderContact.Mode.PHONE
            )
            asked[f"said_{number}"] = area("本人怎么说", 1000, 2, required=False)
        self.fields = {**asked, **self.fields}
        self.sides = len(sides)

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"accepted": given["accepted"] == "yes", "text": given["text"], "contacts": self.said()}

    def said(self) -> list[SideSaid]:
        """The sides that were reached."""
        given = self.cleaned_data
        return [
            SideSaid(number, given[f"mode_{number}"], given[f"said_{number}"])
            for number in range(1, self.sides + 1)
            if given[f"said_{number}"].strip()
        ]


class LostForm(VerifyForm):
    """Whoever was reached, with his words; for the others a leader is asked."""

    title, submit_label = "失去联系，提请办结", "提请所领导审批"
    accepted = None  # type: ignore[assignment]
    text = _text(
        "联系经过和结论", 2, help_text="联系不上的一方留空；须已在3个不同日期登记联系未果，再上门一次。"
    )

    def wanted(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"], "contacts": self.said()}


class DecideForm(OrderForm):
    """A leader's word where refusing needs a reason."""

    text = line("审批意见", 500, required=False)


class DecideInListForm(DecideForm):
    """The same, one line a row: what is wrong stands at its head."""

    named = {"text": "head"}


# The forms of the order page by the name of the act; `routing.selectors.possible_acts` says which show.
ORDER_FORMS: dict[str, type[OrderForm]] = {
    "approve": ApproveForm,
    "reject": RejectForm,
    "accept": AcceptForm,
    "return": ReturnForm,
    "recall": RecallForm,
    "contact": SideContactForm,
    "complete": CompleteForm,
    "assign": AssignForm,
    "feedback": ProgressForm,
    "settle": SettleOrderForm,
    "extend": ExtendForm,
    "verify": VerifyForm,
    "tried": TriedForm,
    "lost": LostForm,
}


def until_of(text: str) -> datetime:
    """An instant, or a day that counts until its 24:00. Raises Invalid."""
    try:
        on = datetime.strptime(text, DAY).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return time.parse_instant(text)
    return time.day_bounds(on)[1]


def order_form(
    name: str, units: Iterable[Unit], data: Any = None, *, sides: Sequence[Party], **initial: Any
) -> OrderForm:
    """The form of one act, offering `units` and asking about `sides` where it needs them."""
    form = ORDER_FORMS[name](data, initial=initial, prefix=None, auto_id=f"id_{name}_%s")
    offer(form, units, *(field for field in form.fields if field.startswith(("lead_unit", "unit_"))))
    if isinstance(form, SideContactForm | VerifyForm):
        form.ask(sides)
    return form


def order_forms(page: OrderPage, *, refused: Mapping[str, OrderForm]) -> dict[str, OrderForm]:
    """The forms of the acts possible now, by name; a refused one stands in with what was typed."""
    start = _split(page)
    shown = {
        name: refused.get(name) or order_form(name, page.assignable, sides=page.sides, **start)
        for name in page.acts
    }
    for form in shown.values():
        if isinstance(form, ReadForm):
            form.show(page.seen)
    return shown


def _split(page: OrderPage) -> dict[str, Any]:
    """The parts as they stand, before the first split as the station proposed them."""
    order = page.order
    start: dict[str, Any] = {"lead_unit": order.lead_unit.code if order.lead_unit else ""}
    others = [one.task for one in page.lines if one.task.part != OrderUnit.Part.LEAD]
    for one in page.lines:
        if one.task.part == OrderUnit.Part.LEAD:
            start |= {"lead_task": one.task.task, "lead_due_on": one.task.due_on}
    for number, task in enumerate(others, start=1):
        start |= {f"unit_{number}": task.unit.code, f"task_{number}": task.task, f"due_{number}": task.due_on}
    if not page.lines:
        proposed = (unit for unit in page.proposed_assisting if unit != order.lead_unit)
        start |= {f"unit_{number}": unit.code for number, unit in enumerate(proposed, start=1)}
    return start
