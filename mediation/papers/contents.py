"""What each paper says, as blocks that Word and the print view lay out alike (handbook 9, fields)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal

import cn2an

from dispute_hub.common import time
from mediation.models import (
    Agreement,
    AgreementParty,
    MediationSession,
    PaperKind,
    PerformanceItem,
)
from mediation.papers import clauses

NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a paper. `kind`: heading, text, note, table (header and rows), facts (rows), sign."""

    kind: str
    text: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A whole paper before it has a look."""

    kind: str
    title: str
    number: str
    unit: str
    blocks: tuple[Block, ...] = field(default=())

    @property
    def sha256(self) -> str:
        """Hash of what the paper says, whatever file it is put into."""
        said = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def of_agreement(agreement: Agreement) -> Content:
    """人民调解协议书, 治安调解协议书, or the form that records an oral agreement."""
    parties = list(agreement.parties.order_by("id"))
    items = list(agreement.items.order_by("number"))
    if agreement.form == Agreement.Form.ORAL:
        kind, blocks = PaperKind.ORAL_AGREEMENT, list(_oral(agreement, parties, items))
    else:
        kind = PaperKind.POLICE_AGREEMENT if agreement.is_police else PaperKind.AGREEMENT
        blocks = [*_written(agreement, parties, items), *_signatures(agreement, parties)]
    unit = agreement.concluded_by.unit.name
    return Content(kind, PaperKind(kind).label, agreement.number, unit, tuple(blocks))


def _written(
    agreement: Agreement, parties: list[AgreementParty], items: list[PerformanceItem]
) -> Iterator[Block]:
    yield from (Block("text", party_line(number, one)) for number, one in enumerate(parties, start=1))
    heads = iter(NUMERALS)
    yield Block("heading", f"{next(heads)}、纠纷主要事实、争议事项")
    yield Block("text", agreement.facts)
    if agreement.responsibility:
        yield Block("heading", f"{next(heads)}、各方当事人的责任")
        yield Block("text", agreement.responsibility)
    yield Block("heading", f"{next(heads)}、经调解，各方自愿达成如下协议")
    yield from (Block("text", f"{number}. {term}") for number, term in enumerate(agreement.terms, start=1))
    yield Block("heading", f"{next(heads)}、履行方式、地点和期限")
    yield from _performance(agreement, items)
    yield Block("heading", f"{next(heads)}、其他")
    yield Block("text", f"本协议一式{agreement.copies}份，当事人、调解组织各持一份。")
    yield Block("note", clauses.notice("police" if agreement.is_police else "binding"))
    if agreement.confirm_due_on:
        yield Block("note", clauses.notice("confirm").format(until=in_words(agreement.confirm_due_on)))


def party_line(number: int, party: AgreementParty) -> str:
    """One party with everything the law asks for; what is unknown is left out, never guessed."""
    age = f"{party.age}岁" if party.age is not None else ""
    pairs = (
        ("代表人", party.representative), ("性别", party.sex), ("民族", party.ethnicity), ("年龄", age),
        ("职业", party.occupation), ("证件号码", party.id_number), ("联系电话", party.phone),
        ("住址", party.address),
    )  # fmt: skip
    said = "".join(f"，{label}{value}" for label, value in pairs if value)
    return f"当事人（{number}）：{party.name}{said}。"


def _performance(agreement: Agreement, items: list[PerformanceItem]) -> Iterator[Block]:
    if agreement.performance_way:
        yield Block("text", agreement.performance_way)
    if not items:
        yield Block("text", "本协议于签订时当场履行完毕。")
        return
    header = ("序号", "履行内容", "金额（元）", "履行期限")
    yield Block("table", header=header, rows=tuple(_row(item) for item in items))
    if agreement.total_amount:
        yield Block("text", f"合计人民币{capital(agreement.total_amount)}（{agreement.total_amount}元）。")


def _row(item: PerformanceItem) -> tuple[str, ...]:
    amount = "—" if item.amount is None else str(item.amount)
    return (str(item.number), item.what, amount, f"{in_words(item.due_on)}前")


def _signatures(agreement: Agreement, parties: list[AgreementParty]) -> Iterator[Block]:
    yield from (
        Block("sign", f"当事人（{number}）（签名、盖章或按指印）：") for number in range(1, len(parties) + 1)
    )
    yield Block("sign", "调解员（签名）：")
    yield Block("sign", "记录人（签名）：")
    yield Block("sign", "公安机关（盖章）" if agreement.is_police else "人民调解委员会（盖章）")
    yield Block("sign", in_words(time.beijing_date(agreement.concluded_at)))


def _oral(
    agreement: Agreement, parties: list[AgreementParty], items: list[PerformanceItem]
) -> Iterator[Block]:
    people = "\n".join(party_line(number, one) for number, one in enumerate(parties, start=1))
    terms = "\n".join(f"{number}. {term}" for number, term in enumerate(agreement.terms, start=1))
    promises = "\n".join("　".join(_row(item)[1:]) for item in items) or "当场履行完毕"
    rows = [
        ("当事人", people),
        ("纠纷主要事实、争议事项", agreement.facts),
        ("各方责任", agreement.responsibility or "—"),
        ("协议内容", terms),
        ("履行方式、期限", "\n".join(filter(None, (agreement.performance_way, promises)))),
        ("达成时间", full_time(agreement.concluded_at)),
        ("记录单位", agreement.concluded_by.unit.name),
    ]
    yield Block("facts", rows=tuple(rows))
    yield Block("note", clauses.notice("oral"))
    yield Block("sign", "调解员（签名）：")
    yield Block("sign", "人民调解委员会（盖章）")
    yield Block("sign", in_words(time.beijing_date(agreement.concluded_at)))


def of_record(session: MediationSession) -> Content:
    """调解笔录 of a session that was held."""
    host = session.host_post or session.convened_by
    rows = (
        ("时间", full_time(session.held_at or session.planned_at)),
        ("地点", session.place),
        ("调解类型", session.get_kind_display()),
        ("调解员", f"{host.user.full_name}（{host.unit.name}）"),
        ("到场人员", session.attendance or "—"),
        ("案件编号", session.case.case_no),
    )
    blocks = [
        Block("facts", rows=rows),
        Block("heading", "调解经过"),
        Block("text", session.record),
        Block("heading", "调解结果"),
        Block("text", "：".join(filter(None, (session.get_result_display(), session.result_text)))),
        Block("note", "以上笔录已交当事人核对（或向其宣读），与其所述一致。"),
        Block("sign", "当事人（签名、盖章或按指印）："),
        Block("sign", "当事人（签名、盖章或按指印）："),
        Block("sign", "调解员（签名）："),
        Block("sign", "记录人（签名）："),
        Block("sign", in_words(time.beijing_date(session.held_at or session.planned_at))),
    ]
    title = PaperKind.RECORD.label
    return Content(PaperKind.RECORD, title, session.number, host.unit.name, tuple(blocks))


def capital(amount: Decimal) -> str:
    """An amount of yuan in capital Chinese numerals, as papers write it: 叁万元整."""
    return str(cn2an.an2cn(f"{amount:.2f}", "rmb"))


def in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def full_time(at: datetime) -> str:
    local = at.astimezone(time.BEIJING)
    return f"{in_words(local.date())}{local:%H时%M分}"
