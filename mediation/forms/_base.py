"""What the forms of this stage share: text that can be stored, and refusals back at their field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from django import forms

from dispute_hub.common import time
from dispute_hub.common.errors import Conflict, Invalid, Refused, Stale
from dispute_hub.common.text import clean_text

Made = TypeVar("Made")


class PlainText(forms.CharField):
    """Text that can be stored: controls and noncharacters are named at their field."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return clean_text(text, field="text")
        except Invalid as refusal:
            raise forms.ValidationError(refusal.fields["text"]) from refusal


class SubmittedForm(forms.Form):
    """A form that runs one service; a refusal about the content comes back at its field."""

    refused_with = 422

    @property
    def status(self) -> int:
        """HTTP status of the page this form is shown on: 200 until something was refused."""
        return self.refused_with if self.is_bound else 200

    def submit(self, act: Callable[..., Made]) -> Made | None:
        """Run `act` with the form's arguments; None when it cannot stand. Rights and scope go on up."""
        if not self.is_valid():
            return None
        try:
            return act(**self.wanted())
        except (Conflict, Stale, Invalid) as refusal:
            self.refuse(refusal)
            return None

    def wanted(self) -> dict[str, Any]:
        """The keyword arguments of the service."""
        return dict(self.cleaned_data)

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at the fields it names, else at the head."""
        self.refused_with = refusal.status
        for name, texts in refusal.fields.items():
            self.add_error(name if name in self.fields else None, texts)
        if not refusal.fields:
            self.add_error(None, refusal.message)


def line(label: str, length: int, **options: Any) -> PlainText:
    """One line of text; `attrs` go to the widget."""
    attrs = options.pop("attrs", {})
    return PlainText(label=label, max_length=length, widget=forms.TextInput(attrs=attrs), **options)


def area(label: str, length: int, rows: int, **options: Any) -> PlainText:
    """Several lines of text."""
    attrs = {"rows": rows, **options.pop("attrs", {})}
    return PlainText(label=label, max_length=length, widget=forms.Textarea(attrs=attrs), **options)


def day(label: str, **options: Any) -> forms.DateField:
    """A day, picked or typed as 2026-03-04."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **options.pop("attrs", {})})
    return forms.DateField(label=label, widget=widget, input_formats=["%Y-%m-%d"], **options)


def end_of(on: date) -> datetime:
    """A day limit ends 24:00 of that day (民法典 201–203)."""
    return time.day_bounds(on)[1]
