"""Forms as every stage writes them: text that can be stored, and refusals back at their field.

A page form runs ONE service. What the service refuses about the content (409, 422) comes back into the
form with the typed text kept; a refusal about rights or scope goes on to the middleware.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from .errors import Conflict, Invalid, Refused, Stale
from .text import clean_text
from .time import FIRST_DAY, LAST_DAY

Made = TypeVar("Made")
DAY = "%Y-%m-%d"


class PlainText(forms.CharField):
    """Text that can be stored: controls and noncharacters are named at their field."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return clean_text(text, field="text")
        except Invalid as refusal:
            raise forms.ValidationError(refusal.fields["text"]) from refusal


class SubmittedForm(forms.Form):
    """A form that runs one service.

    `named` maps a field as the service calls it to the one that was typed; `tells_places` puts the
    service's name before a message that has no field here (a path inside a message to mend).
    """

    title: ClassVar[str] = ""
    submit_label: ClassVar[str] = "提交"
    named: ClassVar[Mapping[str, str]] = {}
    tells_places: ClassVar[bool] = False
    refused_with = 422
    did = False

    @property
    def status(self) -> int:
        """HTTP status of the page this form is shown on: 200 until something was refused."""
        return self.refused_with if self.is_bound and not self.did else 200

    def submit(self, act: Callable[..., Made]) -> Made | None:
        """Run `act` with `wanted()` and give back what it made; None when it cannot stand.

        `did` tells the two apart where the act itself gives nothing back. NoRight, OutOfScope and
        NotReady go on up.
        """
        if not self.is_valid():
            return None
        try:
            made = act(**self.wanted())
        except (Conflict, Stale, Invalid) as refusal:
            self.refuse(refusal)
            return None
        self.did = True
        return made

    def wanted(self) -> dict[str, Any]:
        """The keyword arguments of the service; the hidden `row_version` is its `version`."""
        given = dict(self.cleaned_data)
        if "row_version" in given:
            given["version"] = given.pop("row_version")
        return given

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at the fields it names, else at the head."""
        self.refused_with = 409 if refusal.status == 409 else 422
        for name, texts in refusal.fields.items():
            field = self.named.get(name, name)
            if field in self.fields:
                self.add_error(field, texts)
            else:
                self.add_error(None, [f"{name}：{text}" if self.tells_places else text for text in texts])
        if not refusal.fields:
            self.add_error(None, refusal.message)


def line(label: str, length: int, **options: Any) -> PlainText:
    """One line of text; `attrs` go to the widget."""
    attrs = options.pop("attrs", {})
    return PlainText(label=label, max_length=length, widget=forms.TextInput(attrs=attrs), **options)


def area(label: str, length: int, rows: int, **options: Any) -> PlainText:
    """Several lines of text; `attrs` go to the widget."""
    attrs = {"rows": rows, **options.pop("attrs", {})}
    return PlainText(label=label, max_length=length, widget=forms.Textarea(attrs=attrs), **options)


def day(label: str, **options: Any) -> forms.DateField:
    """A day, picked or typed as 2026-03-04."""
    widget = forms.DateInput(format=DAY, attrs={"type": "date", **options.pop("attrs", {})})
    said = f"请填写 {FIRST_DAY} 至 {LAST_DAY} 之间的日期。"
    within = [MinValueValidator(FIRST_DAY, said), MaxValueValidator(LAST_DAY, said)]
    return forms.DateField(label=label, widget=widget, input_formats=[DAY], validators=within, **options)


def row_version() -> forms.IntegerField:
    """The version of the row the form was filled against; the service refuses an older one (409)."""
    return forms.IntegerField(required=False, widget=forms.HiddenInput)
