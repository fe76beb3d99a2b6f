"""Filters and tags shared by every page: words, instants, clocks, masks.

None of them reads the clock: "now" is the template variable `now`, an argument, or the instant given
to `_instants.render_at` for the request. Instants are aware datetimes, printed in Beijing time.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms, template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dispute_hub.common import masks
from dispute_hub.common.templatetags import _words
from dispute_hub.common.templatetags._instants import (
    clock_state,
    clock_time,
    due_time,
    full_due_time,
    full_time,
    iso,
    month_day_time,
    part,
    rendering_at,
    short_date,
    short_time,
    span,
)

register = template.Library()
for _filter in (
    clock_time,
    due_time,
    full_due_time,
    full_time,
    iso,
    month_day_time,
    short_date,
    short_time,
    span,
):
    register.filter(_filter)


# Words ------------------------------------------------------------------------------------------------


def _word(code: Any, words: Mapping[str, str]) -> str:
    if code is None or code == "":
        return "—"
    return str(getattr(code, "label", None) or words.get(str(code), code))


@register.filter
def colour_name(code: Any) -> str:
    """Red, orange, yellow, blue in one character; nothing assessed yet reads 未定."""
    return _word(code, _words.COLOURS) if code else "未定"


@register.filter
def level_name(code: Any) -> str:
    """High, medium, low in one character."""
    return _word(code, _words.LEVELS)


@register.filter
def status_name(code: Any, kind: str = "case") -> str:
    """Word of a status; `kind` is case, alert, order, push or follow_up. An unknown code stays itself."""
    return _word(code, _words.STATUSES.get(kind, {}))


@register.filter
def role_name(code: Any) -> str:
    """Word of a role code of the handbook, section 3."""
    return _word(code, _words.ROLES)


@register.filter
def field_word(name: Any) -> str:
    """Word of a form field for giving typed text back; "" for fields that nobody types."""
    return "" if name in _words.SILENT_FIELDS else _words.FIELDS.get(str(name), "填写项")


@register.simple_tag(takes_context=True)
def when(context: Context, instant: datetime | None) -> SafeString | str:
    """A `<time>` element: short in the text, full on hover."""
    if not isinstance(instant, datetime):
        return "—"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        iso(instant),
        full_time(instant),
        short_time(instant, context.get("now")),
    )


@register.inclusion_tag("components/clock.html", takes_context=True)
def clock(
    context: Context, deadline: Any, now: datetime | None = None, why_url: str = "", side: str = ""
) -> dict[str, Any]:
    """A running clock of a Deadline (or a mapping with the same names); nothing where there is none."""
    now = now or context.get("now") or rendering_at()
    due_at = part(deadline, "due_at") if deadline else None
    if due_at is None or now is None:
        return {"due_at": due_at}
    state, text = clock_state(deadline, now)
    starts_at = part(deadline, "starts_at")
    return {
        "due_at": due_at,
        "starts_at": starts_at,
        "state": state,
        "text": text,
        "first_due_at": part(deadline, "first_due_at"),
        "why_url": why_url or part(deadline, "why_url") or "",
        "side": side,
    }


# Badges, steps, marks ---------------------------------------------------------------------------------


@register.inclusion_tag("components/colour_badge.html")
def colour_badge(colour: Any, sentence: str = "", disclaimer: bool = False) -> dict[str, Any]:
    """The risk colour with its word; `sentence` is the engine's "红：持刀 + 扬言杀人"."""
    name = colour_name(colour)
    told = sentence.removeprefix(f"{name}：").removeprefix(f"{name}:").strip() if sentence else ""
    return {"colour": colour or "", "name": name, "sentence": told, "disclaimer": disclaimer}


@register.inclusion_tag("components/level_badge.html")
def level_badge(level: Any) -> dict[str, Any]:
    """A person's grading of the dispute: bars and the word, without a risk colour."""
    return {"level": level or "", "name": level_name(level)}


@register.inclusion_tag("components/status_badge.html")
def status_badge(status: Any, kind: str = "case") -> dict[str, Any]:
    """Status in words; settled and closed ones are quiet."""
    quiet = str(status) in {"closed", "void", "not_dispute", "absorbed", "done", "recalled", "waived", "none"}
    return {"status": status or "", "name": status_name(status, kind), "quiet": quiet}


@register.inclusion_tag("components/stepper.html")
def stepper(status: Any, visited: Iterable[Any] | None = None) -> dict[str, Any]:
    """The six stages of a case; `visited` are statuses it has had, so that skipped stages show."""
    names = [title for title, _ in _words.STAGES]
    here = next((i for i, (_, codes) in enumerate(_words.STAGES) if str(status) in codes), None)
    seen = None if visited is None else {str(code) for code in visited}
    steps = []
    for index, (title, codes) in enumerate(_words.STAGES):
        been = seen is None or index == 0 or bool(seen & set(codes))
        if here is None:
            state = "done" if seen is not None and been else "todo"
        elif index == here:
            state = "current"
        else:
            state = "todo" if index > here else ("done" if been else "skipped")
        steps.append({"title": title, "state": state})
    return {"steps": steps, "ended_as": status_name(status) if here is None else "", "names": names}


@register.simple_tag
def marked(segments: Iterable[Any], factors: Iterable[Any] = ()) -> SafeString:
    """Narrative with the words of each factor marked; `segments` have `text` and `factor_codes`.

    Text is escaped piece by piece. `factors` (with `code` and `name`) give the marks their titles.
    """
    names = {str(part(factor, "code")): str(part(factor, "name") or "") for factor in factors or ()}
    pieces = []
    for segment in segments or ():
        text, codes = str(part(segment, "text") or ""), [str(c) for c in part(segment, "factor_codes") or ()]
        if codes:
            title = "、".join(names.get(code) or code for code in codes) if names else ""
            pieces.append((format_html('<mark title="{}">{}</mark>', title, text),))
        else:
            pieces.append((format_html("{}", text),))
    return format_html_join("", "{}", pieces)


# Forms ------------------------------------------------------------------------------------------------


@register.filter
def styled(field: forms.BoundField) -> SafeString:
    """The widget of a bound field with the classes of the house; Django adds the aria attributes."""
    widget = field.field.widget
    css = "form-select" if isinstance(widget, forms.Select) else "form-control"
    if isinstance(widget, forms.CheckboxInput):
        css = "form-check-input"
    return field.as_widget(attrs={"class": f"{css} {widget.attrs.get('class', '')}".strip()})


@register.filter
def cures(field: forms.BoundField) -> list[str]:
    """Errors of a field with the cure for those where Django names only the rule."""
    chosen = isinstance(field.field.widget, forms.Select | forms.RadioSelect)
    words = {"required": f"请{'选择' if chosen else '填写'}{field.label}"}
    return [
        words.get(error.code or "", f"{field.label}：{text}")
        for error in field.errors.as_data()
        for text in error.messages
    ]


@register.filter
def choice_parts(label: Any) -> list[str]:
    """A choice label "特急｜2小时内审批" as its word and what choosing it means."""
    word, _, meaning = str(label).partition("｜")
    return [word, meaning]


@register.filter
def is_choices(field: forms.BoundField) -> bool:
    """Whether the field is shown as a few large choices instead of a control."""
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.filter
def is_typed(field: forms.BoundField) -> bool:
    """Whether the field holds words somebody typed, not a code that was chosen."""
    return not isinstance(field.field.widget, forms.widgets.ChoiceWidget | forms.CheckboxInput)


# Masks and tokens --------------------------------------------------------------------------------------


@register.inclusion_tag("components/masked_value.html", takes_context=True)
def masked_value(context: Context, masked: str, reveal_url: str = "", label: str = "") -> dict[str, Any]:
    """A masked value; with `reveal_url` an eye button asks the purpose and fetches the clear value."""
    return {
        "masked": masked or "—",
        "reveal_url": reveal_url if masked else "",
        "label": label,
        "purposes": _words.PURPOSES,
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
def form_token() -> str:
    """A fresh token; a form is effective once per token (reliability, double submit)."""
    return str(uuid.uuid4())


@register.filter
def mask_name(name: str | None) -> str:
    """张*; a compound surname keeps both characters."""
    return masks.mask_name(name) if name else ""


@register.filter
def mask_phone(phone: str | None) -> str:
    """138****1234."""
    return masks.mask_phone(phone) if phone else ""


@register.filter
def mask_id(number: str | None) -> str:
    """First three and last one; birth date and sex stay hidden."""
    return masks.mask_id(number) if number else ""


@register.filter
def as_seen(text: str | None, words: Any) -> str:
    """Free text as its reader may see it now; `words` masks it (`.text`)."""
    return str(words.text(text)) if text else ""


@register.filter
def redact(text: str | None) -> str:
    """Free text without phone, ID, plate, card and account numbers."""
    return masks.redact(text) if text else ""
