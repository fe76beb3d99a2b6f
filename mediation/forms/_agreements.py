"""The agreement editor: one form and two tables, parties and promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from dispute_hub.cases.models import Case, Party
from dispute_hub.cases.selectors import parties
from dispute_hub.common import masks
from dispute_hub.common.errors import Conflict, Invalid, Stale
from dispute_hub.common.forms import Made, SubmittedForm, area, day, line, row_version
from mediation import selectors
from mediation.models import Agreement, Confirmation, MediationSession
from mediation.services import AgreementDraft, PartyDetails, Promise

MOST_PARTIES, MOST_PROMISES, MOST_TERMS = 200, 60, 50
NO_TOTAL = "未填总额时以分期合计为准"


class AgreementForm(SubmittedForm):
    """Everything of an agreement but its tables."""

    form = forms.ChoiceField(
        label="协议形式",
        choices=[
            (Agreement.Form.WRITTEN, "书面协议｜制作协议书，双方签字"),
            (Agreement.Form.ORAL, "口头协议｜调解员登记，同样有约束力"),
        ],
        initial=Agreement.Form.WRITTEN,
        widget=forms.RadioSelect,
    )
    session = forms.ModelChoiceField(
        label="所依据的调解",
        queryset=MediationSession.objects.none(),
        required=False,
        empty_label="未另行开会调解",
    )
    facts = area("主要事实和争议事项", 4000, 5, attrs={"autofocus": True})
    responsibility = area("各方责任", 2000, 2, required=False)
    terms = area(
        "协议内容", 20_000, 8, help_text="每行一条，自动编号；可从条款库插入，再把【】内的内容改好。"
    )
    performance_way = line(
        "履行方式、地点", 500, required=False, help_text="如：银行转账；派出所调解室当面交付。"
    )
    total_amount = forms.DecimalField(
        label="总金额（元）", max_digits=12, decimal_places=2, min_value=Decimal("0.01"), required=False,
        help_text=NO_TOTAL,
        widget=forms.NumberInput(attrs={"step": "0.01", "data-hub-total": True}),
    )  # fmt: skip
    copies = forms.IntegerField(label="协议份数", min_value=1, max_value=99, initial=3)
    row_version = row_version()

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = selectors.held_sessions(case)
        self.fields["session"].queryset = held  # type: ignore[attr-defined]
        self.fields["session"].label_from_instance = _named  # type: ignore[attr-defined]
        if not self.is_bound:
            self.initial.setdefault("session", held.values_list("pk", flat=True).first())

    def clean_terms(self) -> tuple[str, ...]:
        """One term a line; a placeholder left open would be signed as it stands."""
        terms = tuple(one.strip() for one in self.cleaned_data["terms"].split("\n") if one.strip())
        if len(terms) > MOST_TERMS:
            raise forms.ValidationError(f"协议内容最多{MOST_TERMS}条。")
        if any("【" in one for one in terms):
            raise forms.ValidationError("还有未改好的【】内容，请补全后再提交。")
        return terms


def _named(session: MediationSession) -> str:
    return f"{session.number} {session.get_result_display()}"


class PartyRow(forms.Form):
    """One party as the paper names it; a row without a name is left out."""

    party_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = line("姓名或名称", 80, required=False)
    representative = line("代表人", 80, required=False)
    sex = forms.ChoiceField(label="性别", choices=[("", "—"), ("男", "男"), ("女", "女")], required=False)
    ethnicity = line("民族", 20, required=False)
    age = forms.IntegerField(label="年龄", min_value=0, max_value=130, required=False)
    occupation = line("职业", 40, required=False)
    phone = line("电话", 30, required=False)
    address = line("住址", 100, required=False)
    id_number = line("证件号码", 30, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = self.initial.get("masked", {})
        for name in ("phone", "id_number"):
            if shown.get(name):
                self.fields[name].widget.attrs["placeholder"] = shown[name]


class PromiseRow(forms.Form):
    """One instalment, repair or apology; an empty row is left out."""

    what = line("履行内容", 200, required=False)
    amount = forms.DecimalField(
        label="金额（元）", max_digits=12, decimal_places=2, required=False,
        widget=forms.NumberInput(attrs={"step": "0.01", "data-hub-amount": True}),
    )  # fmt: skip
    due_on = day("履行期限", required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if any(given.values()) and not (given.get("what") and given.get("due_on")):
            raise forms.ValidationError("履行内容和履行期限都要填写。")
        return given


PartyRows = forms.formset_factory(PartyRow, extra=0, max_num=MOST_PARTIES, validate_max=True)
PromiseRows = forms.formset_factory(PromiseRow, extra=3, max_num=MOST_PROMISES, validate_max=True)


class AgreementEditor:
    """The form with its two tables, bound and checked together."""

    def __init__(self, post: Mapping[str, Any] | None, *, case: Case, session_id: str | None = None) -> None:
        self.known = {party.pk: party for party in parties(case)}
        rows = [_initial(party) for party in self.known.values() if party.role != Party.PartyRole.WITNESS]
        rows += [{}] * max(0, 2 - len(rows))
        chosen = {"session": session_id} if session_id and session_id.isdigit() else {}
        self.form = AgreementForm(post, case=case, initial=chosen)
        self.parties = PartyRows(post, prefix="parties", initial=rows[:MOST_PARTIES])
        self.promises = PromiseRows(post, prefix="promises")

    @property
    def status(self) -> int:
        return self.form.status

    def submit(self, act: Callable[..., Made]) -> Made | None:
        """Run `act(draft, version=)`; None when something must be mended, with the words at its place."""
        valid = [self.form.is_valid(), self.parties.is_valid(), self.promises.is_valid()]
        if not all(valid):
            return None
        try:
            return act(self._draft(), version=self.form.cleaned_data["row_version"])
        except (Conflict, Stale, Invalid) as refusal:
            self.form.refuse(refusal)
            return None

    def _draft(self) -> AgreementDraft:
        given = dict(self.form.cleaned_data)
        given.pop("row_version")
        return AgreementDraft(
            parties=tuple(self._party(row) for row in _filled(self.parties, "name")),
            promises=tuple(Promise(**row) for row in _filled(self.promises, "what")),
            **given,
        )

    def _party(self, row: dict[str, Any]) -> PartyDetails:
        party = self.known.get(row.pop("party_id") or 0)
        for name in ("phone", "id_number"):
            row[name] = row[name] or (getattr(party, name) if party else "")
        return PartyDetails(party=party, **row)


def _filled(rows: Any, name: str) -> list[dict[str, Any]]:
    return [dict(row.cleaned_data) for row in rows if row.cleaned_data.get(name)]


def _initial(party: Party) -> dict[str, Any]:
    """Name and sex as recorded; the numbers stay behind their masks until printed."""
    masked = {"phone": masks.mask_phone(party.phone), "id_number": masks.mask_id(party.id_number)}
    sex = party.sex if party.sex in ("男", "女") else ""
    return {"party_id": party.pk, "name": party.name, "sex": sex, "masked": masked}


class PerformanceForm(SubmittedForm):
    """Kept or broken, with the proof."""

    performed = forms.TypedChoiceField(
        label="履行情况",
        choices=[("yes", "已履行"), ("no", "未履行")],
        coerce=lambda value: value == "yes",
    )
    proof = line("凭据或说明", 200, help_text="如：收条、转账记录编号；未履行的写明原因。")


class ConfirmationForm(SubmittedForm):
    """What the parties chose about judicial confirmation."""

    outcome = forms.ChoiceField(
        label="司法确认",
        choices=[
            (Confirmation.APPLIED, Confirmation.APPLIED.label),
            (Confirmation.DECLINED, Confirmation.DECLINED.label),
        ],
    )
    text = line("说明", 200, required=False, help_text="如：受理法院和案号。")
