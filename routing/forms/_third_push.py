"""提请三推 and 分流: what a station fills in before something leaves the police side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms

from dispute_hub.accounts.models import Unit
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Invalid
from dispute_hub.common.forms import PlainText, area, line, row_version
from dispute_hub.common.text import clean_text
from routing import selectors
from routing.forms._order_base import OrderForm, UnitChoice, UnitChoices, offer
from routing.models import AnalysisReport, HandoverNotice, OrderKind, ReportDraft, WorkOrder
from routing.selectors import Brief
from routing.services import Diversion, ReportText, ThirdPushDraft

SECTIONS: Final = ("facts", "causes", "risk", "work_done", "suggestions")
KINDS: Final = (
    (OrderKind.THIRD_PUSH.value, "三推交办｜由综治中心牵头化解，限时反馈"),
    (OrderKind.NOTICE_ONLY.value, "抄告｜仅供知悉，只用于诉讼、仲裁、复议、信访正在进行的案件"),
)
# What a draft keeps; tokens, versions and the word that the packet was read belong to one page only.
KEPT: Final = (
    *SECTIONS, "attachments", "grade", "difficulty", "kind", "addressee", "lead_unit", "assisting_units",
    "both_applied", "applied_text",
)  # fmt: skip


def _section(label: str, rows: int, **options: Any) -> PlainText:
    return area(label, 4000, rows, **options)


class ThirdPushForm(OrderForm):
    """The analysis report in six sections, grade and difficulty, who leads and who assists."""

    facts = _section("一、基本事实", 5, attrs={"autofocus": True})
    causes = _section("二、原因分析", 3)
    risk = _section("三、风险研判", 3)
    work_done = _section("四、已做工作", 4)
    suggestions = _section("五、意见建议", 3)
    attachments = area("六、附件", 500, 2, required=False, help_text="材料名称，逐行填写。")
    grade = forms.ChoiceField(label="紧急程度", widget=forms.RadioSelect)
    difficulty = forms.ChoiceField(
        label="难易程度", widget=forms.RadioSelect, help_text="办理期限随紧急程度；难易程度供分派和会诊参考。"
    )
    addressee = UnitChoice("交办对象", required=False, empty_label="按案发地街道自动确定")
    lead_unit = UnitChoice("建议牵头单位", required=False, empty_label="由综治中心确定")
    assisting_units = UnitChoices("建议协同单位", required=False, help_text="可多选；综治中心可以调整。")
    kind = forms.ChoiceField(label="交办类型", choices=KINDS, widget=forms.RadioSelect)
    both_applied = forms.BooleanField(
        label="双方当事人均书面申请调解（申请后可以交办，否则只作抄告）", required=False
    )
    applied_text = area(
        "双方申请情况", 500, 2, required=False, help_text="何时、以何种方式申请，材料存放何处。"
    )
    confirmed = forms.BooleanField(
        label="已核对推送内容预览，确认可以发出",
        error_messages={"required": "请核对“推送内容预览”后勾选确认。"},
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    draft_edition = forms.IntegerField(widget=forms.HiddenInput, required=False)
    row_version = row_version()

    @classmethod
    def on(
        cls,
        case: Case,
        brief: Brief,
        units: Sequence[Unit],
        data: Any = None,
        *,
        at: datetime,
        draft: ReportDraft | None = None,
    ) -> ThirdPushForm:
        """The form of one case: what was typed before, else what the system knows."""
        initial: dict[str, Any] = {**brief.draft, "grade": "normal", "difficulty": "general"}
        initial["attachments"] = "\n".join(brief.attachments)
        initial["kind"] = OrderKind.NOTICE_ONLY if brief.procedure else OrderKind.THIRD_PUSH
        initial["lead_unit"] = brief.lead.unit.code if brief.lead.unit else ""
        initial["assisting_units"] = [unit.code for unit in brief.lead.assisting]
        initial |= selectors.typed_before(draft)
        initial |= {"row_version": case.version, "draft_edition": draft.edition if draft else 0}
        form = cls(data, initial=initial)
        for name, choices in (
            ("grade", selectors.grade_choices(at)),
            ("difficulty", selectors.difficulty_choices()),
        ):
            said = [(one.code, f"{one.name}｜{one.means}") for one in choices]
            form.fields[name].choices = said  # type: ignore[attr-defined]
        offer(form, [brief.county] if brief.county else selectors.addressees_of(case), "addressee")
        offer(form, units, "lead_unit", "assisting_units")
        if brief.county:
            form.fields["addressee"].empty_label = f"由{brief.county.name}指定"  # type: ignore[attr-defined]
        if not brief.procedure:
            del form.fields["both_applied"], form.fields["applied_text"]
        return form

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("confirmed") and not given.get("seen"):
            self.add_error("confirmed", "请刷新“推送内容预览”，核对后再勾选。")
        return given

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        report = ReportText(
            **{name: _lines(given[name]) for name in SECTIONS},
            attachments=tuple(line.strip() for line in given["attachments"].splitlines() if line.strip()),
        )
        draft = ThirdPushDraft(
            grade=given["grade"],
            difficulty=given["difficulty"],
            report=report,
            addressee=given["addressee"],
            lead_unit=given["lead_unit"],
            assisting=tuple(given["assisting_units"]),
            kind=given["kind"],
            both_applied=given.get("both_applied", False),
            applied_text=given.get("applied_text", ""),
            seen=given["seen"],
        )
        return {"draft": draft, "version": given["row_version"]}

    def preview(self, case: Case) -> selectors.PacketPreview:
        """推送内容预览: the very packet, before and after 签收, from what stands in the form now."""
        said = {name: _lines(self[name].value() or "") for name in (*SECTIONS, "grade", "difficulty", "kind")}
        kind = OrderKind.THIRD_PUSH if self.data.get("both_applied") else said["kind"]
        order = WorkOrder(
            case=case, no="（批准后编号）", kind=kind, grade=said["grade"],
            difficulty=said["difficulty"], demand=said["suggestions"][:1000],
        )  # fmt: skip
        report = AnalysisReport(work_done=said["work_done"], suggestions=said["suggestions"])
        return selectors.preview_of(order, case, report=report)


def _lines(text: Any) -> str:
    """One writing for what is previewed as it was typed and for what is stored; both have one hash."""
    try:
        return clean_text(str(text), field="text")
    except Invalid:
        # What cannot be stored is refused at its own field when it is submitted.
        return str(text).strip()


def typed(data: Any) -> tuple[dict[str, list[str]], int]:
    """What a draft keeps of a posted form, and the edition the page has read."""
    content = {name: data.getlist(name) for name in KEPT if name in data}
    edition = data.get("draft_edition", "")
    return content, int(edition) if edition.isdecimal() and len(edition) < 9 else 0


class DiversionForm(OrderForm):
    """非警务分流: to whom, why the police do not handle it, and how the parties were told."""

    title, submit_label = "非警务分流", "分流并出具移交告知单"
    target = UnitChoice("接收单位", empty_label="请选择")
    demand = area("当事人诉求", 1000, 2, required=False, help_text="不写姓名、电话；接收单位签收后另行提供。")
    reason = area("不属公安职责的理由", 500, 2)
    delivery = forms.ChoiceField(
        label="告知方式", choices=[("", "尚未告知"), *HandoverNotice.Delivery.choices], required=False,
        help_text="尚未告知的，可稍后在移交告知单页登记。",
    )  # fmt: skip
    second_officer = line(
        "另一名在场民警", 80, required=False, help_text="选“拒签注明”时必填，须两名民警当面。"
    )
    row_version = row_version()

    @classmethod
    def on(cls, case: Case, data: Any = None) -> DiversionForm:
        """The form of one case; the demand starts from what the case is about."""
        form = cls(data, initial={"demand": case.title, "row_version": case.version})
        offer(form, selectors.receivers_of(case), "target")
        return form

    def wanted(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        version = given.pop("row_version")
        return {"diversion": Diversion(**given), "version": version}
