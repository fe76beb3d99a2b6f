"""What the forms of an order have in common: several on one page, units to choose from, a packet in sight."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from dispute_hub.accounts.models import Unit
from dispute_hub.common.forms import SubmittedForm


class OrderForm(SubmittedForm):
    """An act on an order; several stand on one page, so the browser must not insist on all of them."""

    use_required_attribute = False


class UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A unit by its code, among those the page offers."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(Unit.objects.none(), to_field_name="code", label=label, **kwargs)


class UnitChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several units by their codes."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(Unit.objects.none(), to_field_name="code", label=label, **kwargs)


def offer(form: forms.Form, units: Iterable[Unit], *names: str) -> None:
    """Let these fields choose among `units`; shown from memory, so that ten fields ask no ten times."""
    listed = sorted(units, key=lambda unit: (unit.line, unit.kind, unit.name))
    offered = Unit.objects.filter(pk__in=[unit.pk for unit in listed])
    for name in names:
        field: Any = form.fields[name]
        field.queryset = offered
        empty = [("", field.empty_label)] if getattr(field, "empty_label", None) is not None else []
        field.choices = [*empty, *((unit.code, str(unit)) for unit in listed)]


class ReadForm(OrderForm):
    """An approval of the packet in sight: `seen` is its hash."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def show(self, seen: str) -> None:
        """What this page shows is what is approved next, also after the refusal of an older sight."""
        self.initial["seen"] = seen
        if self.is_bound:
            self.data = {**self.data, "seen": seen}
