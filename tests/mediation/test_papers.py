"""Papers: everything the law asks for, nothing executed, numbered, versioned, hashed (reliability 94, 95)."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from decimal import Decimal

import pytest
from docx import Document

from dispute_hub.audit.models import AccessLog
from dispute_hub.common.errors import Conflict, NoRight, NotReady
from mediation import selectors, services
from mediation.models import AgreementParty, Paper
from mediation.papers import contents, files
from mediation.services import PartyDetails
from tests.mediation.conftest import draft


def made(agreement, cast, clock) -> Paper:
    return services.make_agreement_paper(agreement, actor=cast.mediator, at=clock.at)


def text_of(paper: Paper) -> str:
    document = Document(io.BytesIO(selectors.file_of(paper)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_the_agreement_says_what_the_law_asks_for(concluded, cast, clock) -> None:
    agreement = concluded(
        parties=(
            PartyDetails(
                "王甲", sex="男", ethnicity="汉族", age=45, occupation="司机", phone="13800000001",
                address="象珠镇象珠一村12号", id_number="999784198001010019",
            ),
            PartyDetails("永康某汽修有限公司", representative="李乙"),
        ),
        responsibility="甲方逾期付款，承担全部责任。",
    )  # fmt: skip
    said = text_of(made(agreement, cast, clock))
    for words in (
        "人民调解协议书",
        agreement.number,
        "王甲，性别男，民族汉族，年龄45岁，职业司机，证件号码999784198001010019",
        "住址象珠镇象珠一村12号",
        "永康某汽修有限公司，代表人李乙",
        "纠纷主要事实",
        "承担全部责任",
        "1. 甲方支付乙方维修费三万元。",
        "银行转账",
        "10000.00",
        "2026年3月31日前",
        "叁万元整",
        "一式3份",
        "2026年4月3日前",
        "第三十三条",
        "记录人（签名）",
        "人民调解委员会（盖章）",
        "2026年3月4日",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("30000.00", "叁万元整"),
        ("0.30", "叁角"),
        ("1050.05", "壹仟零伍拾元零伍分"),
        ("200000000.00", "贰亿元整"),
    ],
)
def test_amounts_in_capitals(amount: str, said: str) -> None:
    assert contents.capital(Decimal(amount)) == said


def test_type_and_paper_follow_the_standard(concluded, cast, clock) -> None:
    document = Document(io.BytesIO(selectors.file_of(made(concluded(), cast, clock))))
    section = document.sections[0]
    assert [round(side.mm) for side in (section.page_width, section.page_height)] == [210, 297]
    assert [round(side.mm) for side in (section.top_margin, section.left_margin)] == [37, 28]
    xml = (
        zipfile.ZipFile(io.BytesIO(selectors.file_of(Paper.objects.get()))).read("word/document.xml").decode()
    )
    assert 'w:eastAsia="仿宋_GB2312"' in xml
    assert 'w:eastAsia="黑体"' in xml


NASTY = [
    "{{ 7*7 }}",
    "${jndi:ldap://x}",
    "{% include 'x' %}",
    "<w:p/>",
    "𠮷野家",
    "a\u202eb",
    "=1+1",
    "&amp;",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_what_was_typed_stays_text(concluded, cast, clock, nasty: str) -> None:
    agreement = concluded(facts=nasty, parties=(PartyDetails(nasty), PartyDetails("李乙")), terms=(nasty,))
    said = text_of(made(agreement, cast, clock))
    assert said.count(nasty) == 3


def test_two_hundred_parties_and_a_very_long_text(held, cast, clock) -> None:
    session = held()
    parties = tuple(PartyDetails(f"当事人{number}", address="象" * 100) for number in range(200))
    agreement = services.conclude_agreement(
        session.case, draft(parties=parties, facts="事实。\n" * 1000), actor=cast.mediator, at=clock.at
    )
    said = text_of(made(agreement, cast, clock))
    assert "当事人（200）：当事人199" in said
    assert said.count("事实。") == 1000


def test_characters_xml_cannot_carry_do_not_cost_the_paper(concluded, cast, clock) -> None:
    agreement = concluded()
    type(agreement).objects.filter(pk=agreement.pk).update(facts="前\x0b后\ufffe")
    agreement.refresh_from_db()
    assert "前后" in text_of(made(agreement, cast, clock))


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"form": "oral"}, "oral_agreement", ["人民调解口头协议登记表", "支付第一期维修费", "第二十八条"]),
        ({"form": "oral", "promises": (), "total_amount": None}, "oral_agreement", ["当场履行完毕"]),
        ({"promises": (), "total_amount": None}, "agreement", ["当场履行完毕"]),
    ],
)
def test_which_paper_an_agreement_gets(concluded, cast, clock, changes, kind: str, words: list[str]) -> None:
    paper = made(concluded(**changes), cast, clock)
    assert paper.kind == kind
    said = text_of(paper)
    assert [word for word in words if word not in said] == []


def test_a_police_agreement_says_what_a_breach_means(concluded, cast, clock) -> None:
    agreement = concluded()
    type(agreement.session).objects.update(kind="police")
    agreement.session.refresh_from_db()
    paper = made(agreement, cast, clock)
    assert paper.kind == "police_agreement"
    assert "治安管理处罚法》第九条" in text_of(paper)


def test_the_record_is_a_paper_once_it_was_held(held, convened, cast, clock) -> None:
    paper = services.make_record_paper(held(), actor=cast.mediator, at=clock.at)
    said = text_of(paper)
    for words in ("调解笔录", "象珠派出所调解室", "王甲、李乙", "愿意分期支付", "达成协议"):
        assert words in said
    with pytest.raises(Conflict):
        services.make_record_paper(convened(), actor=cast.mediator, at=clock.at)


# Versions ---------------------------------------------------------------------------------------------------


def test_the_same_content_is_the_same_paper(concluded, cast, clock) -> None:
    agreement = concluded()
    first = made(agreement, cast, clock)
    clock.advance(days=1)
    assert made(agreement, cast, clock) == first
    assert hashlib.sha256(selectors.file_of(first)).hexdigest() == first.sha256


def test_a_change_makes_a_new_version_and_voids_the_old(concluded, cast, clock) -> None:
    agreement = concluded()
    first = made(agreement, cast, clock)
    AgreementParty.objects.filter(agreement=agreement).first().delete()
    second = made(agreement, cast, clock)
    first.refresh_from_db()
    assert (first.version, second.version, first.number) == (1, 2, second.number)
    assert first.voided_at == clock.at
    assert services.fetch_paper(first, actor=cast.mediator, at=clock.at)


def test_a_lost_or_changed_file_is_never_handed_out(concluded, cast, clock, data_folder) -> None:
    agreement = concluded()
    paper = made(agreement, cast, clock)
    path = data_folder / "papers" / f"{paper.file.hex}.docx"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(NotReady):
        services.fetch_paper(paper, actor=cast.mediator, at=clock.at)
    path.unlink()
    with pytest.raises(NotReady):
        services.fetch_paper(paper, actor=cast.mediator, at=clock.at)
    assert made(agreement, cast, clock).version == 2


def test_only_the_owner_reads_the_folder(concluded, cast, clock, data_folder) -> None:
    made(concluded(), cast, clock)
    assert (data_folder / "papers").stat().st_mode & 0o077 == 0
    assert not list((data_folder / "papers").glob("*.tmp"))


def test_files_without_a_row_are_cleared_after_a_day(concluded, cast, clock, data_folder) -> None:
    paper = made(concluded(), cast, clock)
    folder = data_folder / "papers"
    for name in ("a" * 32 + ".docx", "b" * 32 + ".tmp", f"{'c' * 32}.docx"):
        (folder / name).write_bytes(b"x")
    old = clock.at.timestamp() - 86_401
    for path in folder.iterdir():
        os.utime(path, (old, old) if path.stem != "c" * 32 else (old + 2, old + 2))
    assert services.clear_orphan_files(at=clock.at) == 2
    assert {path.stem for path in folder.iterdir()} == {paper.file.hex, "c" * 32}


def test_every_download_leaves_a_trace(concluded, cast, clock) -> None:
    agreement = concluded()
    for _ in range(2):
        made(agreement, cast, clock)
    rows = AccessLog.objects.filter(kind="export", object_kind="paper")
    assert rows.count() == 2
    assert "王甲" not in str(list(rows.values()))


@pytest.mark.parametrize("who", ["centre", "officer", "bureau", "leader"])
def test_who_gets_no_paper(concluded, cast, clock, who: str) -> None:
    with pytest.raises(NoRight):
        services.make_agreement_paper(concluded(), actor=getattr(cast, who), at=clock.at)


def test_the_clause_library_is_complete() -> None:
    from mediation.papers import clauses

    library = clauses.library()
    assert all(
        clause["title"] and clause["text"] for group in library["groups"] for clause in group["clauses"]
    )
    assert {"confirm", "binding", "oral", "police"} == set(library["notices"])
    assert files.ORPHAN_AFTER.days == 1
