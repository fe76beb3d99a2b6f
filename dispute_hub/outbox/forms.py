"""What people may send on the pages of deliveries and platforms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from dispute_hub.accounts.models import Unit
from dispute_hub.common.forms import SubmittedForm, area, line, row_version
from dispute_hub.outbox.models import Connector, Difference
from dispute_hub.outbox.services import Setting
from dispute_hub.outbox.topics import FOR_MESSAGES, FOR_PLATFORMS


class RowsField(forms.TypedMultipleChoiceField):
    """Ids of rows; which of them are in reach is the service's question."""

    def valid_value(self, value: Any) -> bool:
        """A number the database can hold."""
        text = str(value)
        return text.isascii() and text.isdigit() and len(text) < 19


class UnitsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Receivers of orders, each by its name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class ReplayForm(SubmittedForm):
    """Ticked dead letters, or every one of a platform."""

    title = "重新投递"
    rows = RowsField(coerce=int, required=False)
    all_of = forms.CharField(max_length=80, required=False)


class AsideForm(SubmittedForm):
    """Ticked dead letters that no longer hold."""

    title = "不再投递"
    rows = RowsField(coerce=int, required=False)


class CureForm(SubmittedForm):
    """What was done about one difference."""

    title = "处理差异"
    # The list has one such form a row: what is wrong stands at its head.
    named = {"cure": "head", "note": "head"}
    cure = forms.ChoiceField(label="处理办法", choices=Difference.Cure.choices)
    note = line("核实情况", 400, required=False)


class ReconcileForm(SubmittedForm):
    """One platform, or all."""

    title = "立即对账"
    target = forms.CharField(max_length=40, required=False)


class ConnectorForm(SubmittedForm):
    """A platform's settings; its addresses are never shown again, because they may hold tokens."""

    title = "平台设置"
    name = line("名称", 60)
    kind = forms.ChoiceField(label="类型", choices=Connector.Kind.choices)
    url = line("接口地址", 500, required=False, help_text="保存后不再显示；不改请留空。")
    query_url = line(
        "查询地址", 500, required=False, help_text="供每日核对；保存后不再显示，没有或不改请留空。"
    )
    clears_query_url = forms.BooleanField(label="清除已存的查询地址", required=False)
    allowed = area("允许对接清单", 2000, 3, help_text="每行“主机:端口:网段”，连接时按解析到的地址核对。")
    topics = forms.MultipleChoiceField(
        label="发送内容",
        choices=[*FOR_PLATFORMS.items(), *FOR_MESSAGES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    mapping = area(
        "字段对应",
        4000,
        4,
        required=False,
        help_text="每行“对方字段=本方字段”，只用于某类内容的，在行首加该类代码和冒号（见对接说明）；留空则按本方字段。",
    )
    receipt_path = line("收据中消息编号的位置", 80, initial="id")
    serves = UnitsField(
        queryset=Unit.objects.none(), label="服务的单位", required=False, help_text="不选为全局各街道和部门。"
    )
    rate_per_minute = forms.IntegerField(label="每分钟至多发送", min_value=1, max_value=6000, initial=300)
    opens_at = forms.TimeField(label="发送时段起", required=False, help_text="留空为全天。")
    closes_at = forms.TimeField(label="发送时段止", required=False)
    row_version = row_version()

    def __init__(self, *args: Any, units: QuerySet[Unit] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if units is not None:
            self.fields["serves"].queryset = units  # type: ignore[attr-defined]

    def clean_mapping(self) -> dict[str, str]:
        """Lines of `theirs=ours` as a mapping."""
        made: dict[str, str] = {}
        for text in filter(None, (one.strip() for one in self.cleaned_data["mapping"].splitlines())):
            theirs, sign, ours = (part.strip() for part in text.partition("="))
            if not (theirs and sign and ours) or theirs in made or len(made) >= 60:
                raise forms.ValidationError(f"“{text[:40]}”应写作“对方字段=本方字段”，且不得重复。")
            made[theirs] = ours
        return made

    def wanted(self) -> dict[str, Any]:
        """The service's `setting`, with the version the form was filled against."""
        given = super().wanted()
        version = given.pop("version", None)
        given["allowed"] = tuple(filter(None, (one.strip() for one in given["allowed"].splitlines())))
        given["topics"] = tuple(given["topics"])
        given["serves"] = tuple(sorted(unit.pk for unit in given["serves"]))
        said = {"code": given.pop("code")} if "code" in given else {"version": version}
        return {**said, "setting": Setting(**given)}


class NewConnectorForm(ConnectorForm):
    """A platform that is not there yet."""

    title = "新增平台"
    code = forms.SlugField(label="代码", max_length=40, help_text="英文字母、数字和短横线，设定后不改。")
    field_order = ("code", "name", "kind")
    # There is none yet: Django takes a field set to None away.
    clears_query_url = None  # type: ignore[assignment]

    def clean_code(self) -> str:
        """Not the word that stands in the address of this very page."""
        code = str(self.cleaned_data["code"])
        if code == "new":
            raise forms.ValidationError("该代码不可用，请换一个。")
        return code


class VersionForm(SubmittedForm):
    """A button on the page of one platform."""

    row_version = row_version()


def form_of(connector: Connector, data: Any, units: QuerySet[Unit]) -> ConnectorForm:
    """The form of a platform, filled with what may be shown of it."""
    shown = {
        "name": connector.name, "kind": connector.kind,
        "allowed": "\n".join(connector.allowed), "topics": connector.topics, "serves": connector.serves,
        "mapping": "\n".join(f"{theirs}={ours}" for theirs, ours in connector.mapping.items()),
        "receipt_path": connector.receipt_path, "rate_per_minute": connector.rate_per_minute,
        "opens_at": connector.opens_at, "closes_at": connector.closes_at, "row_version": connector.version,
    }  # fmt: skip
    return ConnectorForm(data, initial=shown, units=units)
