"""What a person fills in on the roster's page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from django import forms

from dispute_hub.accounts.models import DutyRoster, Post
from dispute_hub.accounts.roster_selectors import SHIFTS, span_of
from dispute_hub.common.forms import SubmittedForm, day, line
from dispute_hub.common.time import BEIJING


def _label(post: Post) -> str:
    return f"{post.user.full_name}（{post.unit} {post.get_role_display()}）"


def _of_posts(
    label: str, staff: Iterable[Post], *, required: bool = True, none: str = ""
) -> forms.TypedChoiceField:
    by_id = {str(post.pk): post for post in staff}
    choices = [("", none)] if none else []
    return forms.TypedChoiceField(
        label=label,
        choices=[*choices, *((number, _label(post)) for number, post in by_id.items())],
        coerce=by_id.get,
        empty_value=None,
        required=required,
    )


class RosterForm(SubmittedForm):
    """A form of the roster's page, which shows the same week again afterwards."""

    # Several forms stand on the page; their fields need names of their own.
    auto_ids: ClassVar[str]
    week = forms.CharField(max_length=10, required=False, widget=forms.HiddenInput)

    def wanted(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "week"}


class TurnForm(RosterForm):
    """One more turn."""

    title, submit_label, auto_ids = "排班", "排入值班表", "id_turn_%s"

    shift = forms.ChoiceField(label="班次", choices=[(code, name) for code, (name, *_) in SHIFTS.items()])
    day = day("日期")

    def __init__(
        self, data: Any = None, *, duties: Iterable[str] = (), staff: Iterable[Post] = (), **options: Any
    ) -> None:
        super().__init__(data, **options)
        named = [(code, DutyRoster.Duty(code).label) for code in duties]
        self.fields["duty"] = forms.ChoiceField(label="职责", choices=named)
        self.fields["post"] = _of_posts("人员", staff)
        self.order_fields(["duty", "shift", "day", "post"])

    def wanted(self) -> dict[str, Any]:
        given = super().wanted()
        starts_at, ends_at = span_of(given["day"], given["shift"])
        return {"post": given["post"], "duty": given["duty"], "starts_at": starts_at, "ends_at": ends_at}


class StandInForm(RosterForm):
    """A post and its B岗."""

    title, submit_label, auto_ids = "B岗", "保存B岗", "id_stand_in_%s"

    def __init__(self, data: Any = None, *, staff: Iterable[Post] = (), **options: Any) -> None:
        super().__init__(data, **options)
        staff = list(staff)
        self.fields["post"] = _of_posts("A岗", staff)
        self.fields["stand_in"] = _of_posts("B岗", staff, required=False, none="不设B岗")


class AbsenceForm(RosterForm):
    """Who is away from when until when."""

    title, submit_label, auto_ids = "离岗", "登记离岗", "id_absence_%s"

    from_on = day("离岗开始")
    until_on = day("离岗结束", help_text="含当日。离岗期间由B岗承担。")
    reason = line("事由", 40, help_text="例如：年休、培训、病假。")

    def __init__(self, data: Any = None, *, staff: Iterable[Post] = (), **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["post"] = _of_posts("人员", staff)
        self.order_fields(["post", "from_on", "until_on", "reason"])

    def wanted(self) -> dict[str, Any]:
        given = super().wanted()
        ends_at = datetime.combine(given["until_on"] + timedelta(days=1), time(), BEIJING)
        starts_at = datetime.combine(given["from_on"], time(), BEIJING)
        return {"post": given["post"], "starts_at": starts_at, "ends_at": ends_at, "reason": given["reason"]}


class WeekForm(SubmittedForm):
    """The week to fill from the one before."""

    week = day("周")

    def wanted(self) -> dict[str, Any]:
        return {"to_on": self.cleaned_data["week"]}
