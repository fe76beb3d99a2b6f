"""What is known of a person: supplied with its source and end, found by blind index, read by triage."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases.models import Party
from dispute_hub.common.errors import NoRight
from tests.triage.conftest import CALM
from triage import engine, selectors, services
from triage.models import PartyMarker
from triage.services import MarkerRow, _judgement

PHONE, ID = "13800001111", "11010519491231002X"
SINCE = date(2026, 1, 1)
HEAD = "kind,id_number,phone,valid_from,valid_until,source\n"


def supply(clock: Any, *rows: MarkerRow, actor: Any = SYSTEM) -> Any:
    return services.supply_markers(rows, source="分局法制大队", actor=actor, at=clock.at)


def known(case: Any, on: date) -> list[str]:
    return [fact.text for fact in selectors.markers_of(Party.objects.filter(case=case), on=on)]


# Supplying ------------------------------------------------------------------------------------------------


def test_the_same_fact_again_is_one_fact(clock, db) -> None:
    row = MarkerRow("prior_violence", SINCE, id_number=ID)
    assert (supply(clock, row).added, supply(clock, row).updated) == (1, 1)
    later = MarkerRow("prior_violence", SINCE, id_number=ID.lower(), valid_until=date(2026, 6, 1))
    assert supply(clock, later).updated == 1
    assert PartyMarker.objects.get().valid_until == date(2026, 6, 1)


def test_another_kind_source_or_person_is_another_fact(clock, db) -> None:
    supply(
        clock,
        MarkerRow("prior_violence", SINCE, id_number=ID),
        MarkerRow("admonition_order", SINCE, id_number=ID),
        MarkerRow("prior_violence", SINCE, id_number=ID, source="市局"),
        MarkerRow("prior_violence", SINCE, phone=PHONE),
    )
    assert PartyMarker.objects.count() == 4


@pytest.mark.parametrize("who", ["officer", "station_chief", "leader", "system_admin"])
def test_who_may_not_supply(clock, cast, who: str) -> None:
    with pytest.raises(NoRight):
        supply(clock, MarkerRow("prior_violence", SINCE, id_number=ID), actor=getattr(cast, who))


def test_numbers_are_sealed_and_kinds_are_closed(clock, db) -> None:
    with pytest.raises(ValueError, match="petitioner"):
        supply(clock, MarkerRow("petitioner", SINCE, id_number=ID))
    assert {name for name, _ in PartyMarker.Kind.choices} == {
        "prior_violence", "admonition_order", "protection_order",
    }  # fmt: skip


# Asking ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "found"),
    [
        (date(2025, 12, 31), []),
        (SINCE, ["已知情况：有暴力记录（来源：分局法制大队）"]),
        (date(2026, 6, 1), ["已知情况：有暴力记录（来源：分局法制大队）"]),
        (date(2026, 6, 2), []),
    ],
)
def test_a_fact_holds_from_its_first_to_its_last_day(call, clock, on: date, found: list[str]) -> None:
    case = call(CALM).case
    supply(clock, MarkerRow("prior_violence", SINCE, phone="138 0000 1111", valid_until=date(2026, 6, 1)))
    assert known(case, on) == found


def test_a_witness_brings_nothing(call, clock) -> None:
    case = call(CALM).case
    supply(clock, MarkerRow("prior_violence", SINCE, phone=PHONE))
    Party.objects.filter(case=case).update(role="witness")
    assert known(case, SINCE) == []


def test_one_query_for_all_people(call, clock, django_assert_num_queries) -> None:
    people = list(Party.objects.filter(case=call(CALM).case))
    with django_assert_num_queries(1):
        selectors.markers_of(people * 20, on=SINCE)
    with django_assert_num_queries(0):
        assert selectors.markers_of([], on=SINCE) == []


# Reading --------------------------------------------------------------------------------------------------


@pytest.fixture
def reports(monkeypatch) -> list[engine.Report]:
    given: list[engine.Report] = []
    real = engine.assess
    monkeypatch.setattr(
        engine, "assess", lambda report, rules: (given.append(report), real(report, rules))[1]
    )
    return given


def test_triage_reads_it_with_the_alert(call, clock, reports) -> None:
    supply(
        clock,
        MarkerRow("prior_violence", SINCE, phone=PHONE),
        MarkerRow("admonition_order", SINCE, phone=PHONE),
    )
    call(CALM)
    assert reports[-1].markers == ("admonition_order", "prior_violence")


def test_nobody_else_is_marked(call, clock, reports) -> None:
    supply(clock, MarkerRow("prior_violence", SINCE, phone="13900002222"))
    call(CALM)
    assert reports[-1].markers == ()


def test_the_factor_names_the_source_and_no_number(call, clock) -> None:
    supply(clock, MarkerRow("prior_violence", SINCE, phone=PHONE))
    told = selectors.told_of(call(CALM).case.pk, since=clock.at, on=date(2026, 3, 4))
    found = _judgement.factor("prior_violence", "暴力前科", "orange", "当事人标记：有暴力记录")
    judgement = _judgement.Judgement("orange", "橙：当事人有暴力记录", factors=(found,))
    sourced = _judgement.turning.turned(judgement, told, rules=engine.load_rules())
    assert sourced.factors[0]["evidence"] == [
        {"start": -1, "end": -1, "text": "已知情况：有暴力记录（来源：分局法制大队）"}
    ]


# The file -------------------------------------------------------------------------------------------------


def test_good_lines_are_stored_and_bad_ones_named(clock, db, tmp_path, capsys) -> None:
    file = tmp_path / "known.csv"
    file.write_text(
        HEAD
        + f"prior_violence,{ID},,2026-01-01,,分局法制大队\n"
        + f"家庭暴力告诫书,,{PHONE},2026/01/01,2026/12/31,分局法制大队\n"
        + f"petitioner,{ID},,2026-01-01,,信访局\n"
        + "prior_violence,,,2026-01-01,,分局法制大队\n"
        + "prior_violence,110105194912310021,,2026-01-01,,分局法制大队\n"
        + f"prior_violence,{ID},,2026-13-01,,分局法制大队\n"
        + f"prior_violence,{ID},,2026-02-01,2026-01-01,分局法制大队\n"
        + f"prior_violence,{ID},,2026-01-01,,\n"
        + "prior_violence,,12345,2026-01-01,,分局法制大队\n",
        encoding="gb18030",
    )
    call_command("import_markers", str(file))
    out, err = capsys.readouterr()
    assert "新增 2 条，更新 0 条，未导入 7 行" in out
    for number, words in enumerate(
        (
            "kind 不在允许范围",
            "至少填写一项",
            "校验码不符",
            "valid_from 不是有效日期",
            "早于",
            "来源",
            "个人电话",
        ),
        4,
    ):
        assert any(line.startswith(f"第{number}行") and words in line for line in err.splitlines()), words
    assert ID not in out + err
    call_command("import_markers", str(file))
    assert PartyMarker.objects.count() == 2


@pytest.mark.parametrize(("text", "words"), [("kind,phone\n", "缺少列"), (None, "不能读取")])
def test_what_is_no_such_file(clock, db, tmp_path, text: str | None, words: str) -> None:
    file = tmp_path / "known.csv"
    if text is not None:
        file.write_text(text)
    with pytest.raises(CommandError, match=words):
        call_command("import_markers", str(file))
