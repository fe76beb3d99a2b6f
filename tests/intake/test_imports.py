"""Tables of alerts: judged first, stored once, row by row; what a spreadsheet damages is never guessed."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dispute_hub.audit.models import AccessLog
from dispute_hub.common.errors import Conflict, Invalid
from intake import services, tables
from intake.models import Alert, ImportBatch, ImportRow

HEAD = "警情编号,接警时间,报警人,报警电话,地址,派出所代码,警情内容,涉及人数,涉及金额"
GOOD = "W001,2026-03-03 20:15,徐建国,13905790001,象珠镇象珠一村12号,330784-XZ,邻居因界线争吵。,2,"


def table(*rows: str, head: str = HEAD, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([head, *rows]).encode(encoding)


@pytest.fixture
def judge(cast: Any, clock: Any) -> Any:
    def act(raw: bytes, who: str = "station_command") -> ImportBatch:
        actor = getattr(cast, who)
        return services.judge_table(raw, file_name="警情.csv", kind="12345", actor=actor, at=clock.at)

    return act


def run(batch: ImportBatch, cast: Any, clock: Any, who: str = "station_command") -> ImportBatch:
    services.start_import(batch, actor=getattr(cast, who), at=clock.at)
    while services.import_next_row(batch, classify=lambda facts: "N11", at=clock.at):
        pass
    batch.refresh_from_db()
    return batch


def test_a_dry_run_stores_no_alert(judge: Any) -> None:
    batch = judge(table(GOOD))
    assert (batch.rows_total, batch.rows_bad, batch.rows_known, batch.rows_ready) == (1, 0, 0, 1)
    assert not Alert.objects.exists()


def test_a_row_becomes_an_alert_that_is_not_dispatched(judge: Any, cast: Any, clock: Any) -> None:
    batch = run(judge(table(GOOD)), cast, clock)
    alert = Alert.objects.get()
    assert (batch.state, batch.rows_stored) == ("done", 1)
    assert (alert.alert_no, alert.reporter_name, alert.people_involved) == ("W001", "徐建国", 2)
    assert alert.received_at.isoformat() == "2026-03-03T12:15:00+00:00"
    assert (alert.dispatch_status, alert.case.status, alert.is_late) == ("none", "pool", True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_are_recognised(judge: Any, cast: Any, clock: Any, encoding: str) -> None:
    batch = run(judge(table(GOOD.replace("徐建国", "𠮷田"), encoding=encoding)), cast, clock)
    assert batch.encoding == ("gb18030" if encoding == "gb18030" else "utf-8-sig")
    assert Alert.objects.get().reporter_name == "𠮷田"


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_separators_are_recognised(judge: Any, mark: str) -> None:
    raw = table(GOOD.replace(",", mark), head=HEAD.replace(",", mark))
    assert judge(raw).rows_ready == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("13905790001", "1.39058E+10"), "报警电话：号码被表格软件改成了数字"),
        (("W001", "3.30784E+17"), "警情编号：号码被表格软件改成了数字"),
        (("13905790001", "13905790001.0"), "报警电话：号码被表格软件改成了数字"),
        (("2026-03-03 20:15", "46084"), "接警时间：时间格式有误"),
        (("2026-03-03 20:15", "2026-02-30 20:15"), "接警时间：时间不存在"),
        (("2026-03-03 20:15", "2026-03-05 20:15"), "接警时间：时间晚于当前时间"),
        (("2026-03-03 20:15", "2020-03-03 20:15"), "接警时间：时间过早"),
        (("2026-03-03 20:15", ""), "接警时间：必填"),
        ((",2,", ",二,"), "涉及人数：应为 6 位以内的整数"),
        ((",2,", ",2,一千"), "涉及金额：应为数字"),
        (("330784-XZ", "330784-GS"), "派出所代码：不属于本单位"),
        (("330784-XZ", "no-such"), "派出所代码：不属于本单位"),
        ((",2,", ",2,,多出来的"), "多余列"),
    ],
)
def test_a_bad_row_says_which_column_and_why(judge: Any, change: tuple[str, str], words: str) -> None:
    batch = judge(table(GOOD.replace(*change)))
    row = ImportRow.objects.get()
    assert (batch.rows_bad, row.state, row.number) == (1, "bad", 2)
    assert any(error.startswith(words) for error in row.errors), row.errors


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-03 20:15",
        "2026/3/3 20:15",
        "2026年3月3日 20时15分",
        "2026-03-03T20:15:00+08:00",
        "2026.3.3 20:15:00",
    ],
)
def test_the_documented_ways_to_write_a_time(judge: Any, cast: Any, clock: Any, written: str) -> None:
    run(judge(table(GOOD.replace("2026-03-03 20:15", written))), cast, clock)
    assert Alert.objects.get().received_at.isoformat() == "2026-03-03T12:15:00+00:00"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "文件是空的"),
        ("接警时间,地址\r\n2026-03-03 20:15,某处".encode(), "缺少列：警情内容"),
        ("接警时间,地址,地址,警情内容\r\n".encode(), "列名重复：地址"),
        (b"\xff\xfe" + HEAD.encode("utf-16-le"), "UTF-16"),
        (b"PK\x03\x04junk", "Excel 工作簿"),
        (b"\xff\xff\xff", "无法识别文件编码"),
        (table(GOOD + "\x00"), "空字符"),
        (table(GOOD.replace("邻居", "邻" * 140_000)), "超过 13 万字"),
        (table(*[GOOD] * 5001), "超过 5000 行"),
    ],
)
def test_what_is_no_such_table_is_refused_in_words(judge: Any, raw: bytes, words: str) -> None:
    with pytest.raises(Invalid) as refusal:
        judge(raw)
    assert words in refusal.value.message
    assert not ImportBatch.objects.exists()


def test_the_same_row_has_one_effect_whichever_file_brings_it(judge: Any, cast: Any, clock: Any) -> None:
    other = GOOD.replace("W001", "W002").replace("12号", "13号")
    first = judge(table(GOOD, GOOD, other))
    assert (first.rows_ready, first.rows_known) == (2, 1)
    run(first, cast, clock)
    second = judge(table(other, GOOD))
    assert (second.rows_ready, second.rows_known) == (0, 2)
    run(second, cast, clock)
    assert Alert.objects.count() == 2


def test_a_row_without_a_number_is_known_by_its_content(judge: Any, cast: Any, clock: Any) -> None:
    row = GOOD.replace("W001", "")
    run(judge(table(row)), cast, clock)
    assert judge(table(row)).rows_known == 1
    assert Alert.objects.get().alert_no.startswith("JJ")


def test_an_import_goes_on_where_it_stopped(judge: Any, cast: Any, clock: Any) -> None:
    rows = [GOOD.replace("W001", f"W{number}").replace("12号", f"{number}号") for number in range(100, 104)]
    batch = judge(table(*rows))
    services.start_import(batch, actor=cast.station_command, at=clock.at)
    with pytest.raises(Conflict):
        services.start_import(batch, actor=cast.station_command, at=clock.at)
    assert services.import_next_row(batch, classify=lambda facts: "", at=clock.at)
    assert Alert.objects.count() == 1
    from intake import tasks

    tasks.import_pending()
    batch.refresh_from_db()
    assert (Alert.objects.count(), batch.rows_stored, batch.state) == (4, 4, "done")


def test_a_cancelled_import_takes_no_more_rows(judge: Any, cast: Any, clock: Any) -> None:
    batch = judge(table(GOOD))
    services.start_import(batch, actor=cast.station_command, at=clock.at)
    services.cancel_import(batch, actor=cast.station_command, at=clock.at)
    assert not services.import_next_row(batch, classify=lambda facts: "", at=clock.at)
    assert not Alert.objects.exists()


def test_the_error_file_opens_as_text_and_leaves_a_trace(judge: Any, cast: Any, clock: Any) -> None:
    batch = judge(table(GOOD.replace("徐建国", "=1+1").replace(",2,", ",二,")))
    lines = list(csv.reader(io.StringIO(services.error_file(batch, actor=cast.station_command, at=clock.at))))
    assert lines[0][:3] == ["行号", "错误", "警情编号"]
    assert lines[1][0] == "2" and "'=1+1" in lines[1]
    assert AccessLog.objects.get(kind="export").data == {"rows": 1}
    mended = tables.body_of({"报警人": "'=1+1", "接警时间": "2026-03-03 20:15"})[0]
    assert mended["reporter"]["name"] == "=1+1"


def test_the_pages_lead_from_file_to_alerts(cast: Any, clock: Any) -> None:
    browser = cast.client(cast.station_command)
    assert "警情内容" in browser.get("/alerts/import/template.csv").content.decode("utf-8-sig")
    file = SimpleUploadedFile("警情.csv", table(GOOD, GOOD.replace(",2,", ",二,").replace("W001", "W002")))
    answer = browser.post("/alerts/import/", {"kind": "12345", "file": file})
    batch = ImportBatch.objects.get()
    assert answer["Location"] == f"/alerts/import/{batch.pk}/"
    page = browser.get(answer["Location"]).content.decode()
    assert "第 3 行" in page and "涉及人数：应为 6 位以内的整数" in page
    assert browser.post(f"/alerts/import/{batch.pk}/start/").status_code == 302
    assert browser.get(f"/alerts/import/{batch.pk}/", headers={"HX-Request": "true"}).status_code == 200
    while services.import_next_row(batch, classify=lambda facts: "", at=clock.at):
        pass
    assert browser.get(f"/alerts/import/{batch.pk}/", headers={"HX-Request": "true"}).status_code == 286
    errors = browser.get(f"/alerts/import/{batch.pk}/errors.csv")
    assert errors["Content-Disposition"].startswith("attachment") and "W002" in errors.content.decode()
    assert Alert.objects.get().alert_no == "W001"


def test_a_bad_file_is_refused_on_its_page(cast: Any) -> None:
    browser = cast.client(cast.station_command)
    answer = browser.post(
        "/alerts/import/", {"kind": "12345", "file": SimpleUploadedFile("x.csv", b"PK\x03\x04")}
    )
    assert answer.status_code == 422
    assert "Excel 工作簿" in answer.content.decode()
    assert browser.post("/alerts/import/", {"kind": "12345"}).status_code == 422


def test_tables_of_another_unit_are_404(judge: Any, cast: Any) -> None:
    batch = judge(table(GOOD))
    for path in ("", "errors.csv"):
        assert (
            cast.client(cast.other_station_command).get(f"/alerts/import/{batch.pk}/{path}").status_code
            == 404
        )
    assert cast.client(cast.officer).get(f"/alerts/import/{batch.pk}/").status_code == 403


def test_a_bureau_may_import_for_any_of_its_stations(judge: Any) -> None:
    batch = judge(table(GOOD.replace("330784-XZ", "330784-GS")), "bureau")
    assert batch.rows_ready == 1
