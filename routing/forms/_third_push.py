"""提请三推 and 分流: what a station fills in before something leaves the police side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms

from dispute_hub.accounts.models import Unit
from dispute_hub.cases.models import Case
from dispute_hub.common.forms import PlainText, area, row_version
from routing import selectors
from routing.forms._orders import OrderForm, UnitChoice, UnitChoices, offer
from routing.models import AnalysisReport, HandoverNotice, WorkOrder
from routing.selectors import Brief
from routing.services import Diversion, ReportText, ThirdPushDraft

SECTIONS: Final = ("facts", "causes", "risk", "work_done", "suggestions")


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
    difficulty = forms.ChoiceField(label="难易程度", widget=forms.RadioSelect)
    addressee = UnitChoice("交办对象", required=False, empty_label="按案发地街道自动确定")
    lead_unit = UnitChoice("建议牵头单位", required=False, empty_label="由综治中心确定")
    assisting_units = UnitChoices("建议协同单位", required=False, help_text="可多选；综治中心可以调整。")
    both_applied = forms.BooleanField(
        label="双方当事人均书面申请调解（已有诉讼、仲裁等程序时，未申请的只作抄告）", required=False
    )
    row_version = row_version()

    @classmethod
    def on(
        cls, case: Case, brief: Brief, units: Sequence[Unit], data: Any = None, *, at: datetime
    ) -> ThirdPushForm:
        """The form of one case, pre-filled with what the system knows."""
        initial = {**brief.draft, "grade": "normal", "difficulty": "general", "row_version": case.version}
        initial["attachments"] = "警情记录\n现场处置反馈"
        initial["lead_unit"] = brief.lead.unit.code if brief.lead.unit else ""
        initial["assisting_units"] = [unit.code for unit in brief.lead.assisting]
        form = cls(data, initial=initial)
        for name, choices in (
            ("grade", selectors.grade_choices(at)),
            ("difficulty", selectors.difficulty_choices()),
        ):
            said = [(one.code, f"{one.name}｜{one.means}") for one in choices]
            form.fields[name].choices = said  # type: ignore[attr-defined]
        offer(form, selectors.addressees_of(case), "addressee")
        offer(form, units, "lead_unit", "assisting_units")
        if not selectors.procedure_under_way(case):
            del form.fields["both_applied"]
        return form

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        report = ReportText(
            **{name: given[name] for name in SECTIONS},
            attachments=tuple(line.strip() for line in given["attachments"].splitlines() if line.strip()),
        )
        draft = ThirdPushDraft(
            grade=given["grade"],
            difficulty=given["difficulty"],
            report=report,
            addressee=given["addressee"],
            lead_unit=given["lead_unit"],
            assisting=tuple(given["assisting_units"]),
            both_applied=given.get("both_applied", False),
        )
        return {"draft": draft, "version": given["row_version"]}

    def preview(self, case: Case) -> dict[str, Any]:
        """推送内容预览: the packet as the centre gets it before 签收, from what stands in the form now."""
        said = {name: self[name].value() or "" for name in (*SECTIONS, "grade", "difficulty")}
        order = WorkOrder(
            case=case, no="（批准后编号）", kind="third_push", grade=said["grade"],
            difficulty=said["difficulty"], demand=said["suggestions"][:1000],
        )  # fmt: skip
        report = AnalysisReport(work_done=said["work_done"], suggestions=said["suggestions"])
        return selectors.packet_of(order, case, sight="masked", report=report)


class DiversionForm(OrderForm):
    """非警务分流: to whom, why the police do not handle it, and how the parties were told."""

    title, submit_label = "非警务分流", "分流并出具移交告知单"
    target = UnitChoice("接收单位", empty_label="请选择")
    demand = area("当事人诉求", 1000, 2, required=False, help_text="不写姓名、电话；接收单位签收后另行提供。")
    reason = area("不属公安职责的理由", 500, 2)
    delivery = forms.ChoiceField(
        label="告知方式", choices=[("", "尚未告知"), *HandoverNotice.Delivery.choices], required=False,
        help_text="当面签收须两名民警在场。",
    )  # fmt: skip
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
