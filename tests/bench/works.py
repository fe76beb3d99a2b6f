"""What is measured: pages with the SQL that finds the same rows, and alerts sent by machines."""

from __future__ import annotations

import itertools
import json
import time as clock
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from django.db import connection, transaction

from dispute_hub.cases.models import Case
from dispute_hub.common.paging import keyset_page
from dispute_hub.common.time import beijing_date
from dispute_hub.demo.seeding import SECRET_110
from dispute_hub.demo.units import COUNTY
from intake import signatures
from tests.bench.subjects import Subjects

ORDER = ("-opened_at", "-id")
LIST = "SELECT * FROM cases_case WHERE {where} ORDER BY opened_at DESC, id DESC LIMIT 51"
# The words of the search page: two that stand in many narratives, as an officer would type them.
WORDS = "邻居 漏水"


@dataclass(frozen=True)
class Work:
    """One page: who opens it, where, and the statements that read the same rows without us."""

    name: str
    who: str
    path: str
    bare: tuple[tuple[str, list[Any]], ...]


def pages(subjects: Subjects, *, at: datetime) -> list[Work]:
    """Every page that is measured, in the order of the table."""
    station, found = subjects.station.pk, []
    mine = "station_id = %s"
    found.append(_listed("case list, first page", {}, mine, [station]))
    found.append(
        _listed(
            "case list, deep page",
            {"cursor": _deep(station)},
            f"{mine} AND opened_at < %s",
            [station, _middle(station)],
        )
    )
    for name, value in (("status", "closed"), ("colour", "yellow"), ("level", "low"), ("item", "N02")):
        column, wanted = (name, value) if name != "item" else ("item_code LIKE", "N02%")
        where = f"{mine} AND {column} {'' if 'LIKE' in column else '='} %s"
        found.append(_listed(f"case list, {name}={value}", {name: value}, where, [station, wanted]))
    found.append(
        Work(
            "case list of the bureau",
            "bureau",
            "/cases/",
            ((LIST.format(where="bureau_id = %s"), [subjects.bureau.pk]),),
        )
    )
    terms = " & ".join(f"'{word}'" for word in ("邻居", "漏水"))
    found.append(
        _listed("Chinese search", {"q": WORDS}, f"{mine} AND search @@ %s::tsquery", [station, terms])
    )
    found.append(_file(subjects.case))
    found.append(_workbench(subjects))
    found.append(_sheet(subjects, at))
    found.append(_board(subjects, at))
    return found


def _listed(name: str, params: dict[str, str], where: str, values: list[Any]) -> Work:
    query = f"?{urlencode(params)}" if params else ""
    return Work(name, "station_command", f"/cases/{query}", ((LIST.format(where=where), values),))


def _middle(station_id: int) -> datetime:
    """When the case in the middle of the station's list was opened."""
    rows = Case.objects.filter(station=station_id).order_by(*ORDER)
    row = rows[rows.count() // 2]
    return row.opened_at


def _deep(station_id: int) -> str:
    """The cursor of that case's place."""
    rows = Case.objects.filter(station=station_id, opened_at__lte=_middle(station_id))
    return keyset_page(rows, order=ORDER, size=1).next_cursor


def _file(case: Case) -> Work:
    tables = (
        "cases_caseevent",
        "cases_party",
        "intake_alert",
        "triage_assessment",
        "routing_push",
        "followup_followup",
        "routing_workorder",
        "cases_deadline",
    )
    reads = [("SELECT * FROM cases_case WHERE case_no = %s", [case.case_no])]
    reads += [(f"SELECT * FROM {table} WHERE case_id = %s", [case.pk]) for table in tables]
    return Work("case file", "station_command", f"/cases/{case.case_no}/", tuple(reads))


def _workbench(subjects: Subjects) -> Work:
    sql = (
        "SELECT * FROM cases_deadline d JOIN cases_case c ON c.id = d.case_id"
        " WHERE d.state = 'open' AND d.holder_unit_id = %s AND d.holder_role = %s"
        " ORDER BY d.due_at LIMIT 50"
    )
    unit = subjects.area.pk
    return Work("workbench", "community_officer", "/", ((sql, [unit, "community_officer"]),))


def _sheet(subjects: Subjects, at: datetime) -> Work:
    day = beijing_date(at)
    sql = (
        "SELECT r.* FROM routing_dailysheetrow r JOIN routing_dailysheet s ON s.id = r.sheet_id"
        " WHERE s.station_id = %s AND s.sheet_on = %s"
    )
    return Work("morning sheet", "station_chief", f"/sheet/{day}/", ((sql, [subjects.station.pk, day]),))


def _board(subjects: Subjects, at: datetime) -> Work:
    sql = "SELECT figure, sum(value) FROM reports_dayfigure WHERE bureau_id = %s AND day >= %s GROUP BY 1"
    since = beijing_date(at) - timedelta(days=31)
    return Work(
        "clearance board, month", "bureau", "/board/?period=month", ((sql, [subjects.bureau.pk, since]),)
    )


def opened(client: httpx.Client, path: str) -> Callable[[], None]:
    """Opening a page; anything but the page itself ends the measuring."""

    def work() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: HTTP {answer.status_code}\n{answer.text[:600]}")

    return work


def read_bare(work: Work) -> Callable[[], None]:
    """The same rows straight from PostgreSQL."""

    def read() -> None:
        with connection.cursor() as cursor:
            for sql, values in work.bare:
                cursor.execute(sql, values)
                cursor.fetchall()

    return read


_numbers = itertools.count(1)


def sent(client: httpx.Client, at: datetime) -> Callable[[], None]:
    """One new, signed alert by the machine API."""

    def work() -> None:
        number = next(_numbers)
        body = {
            "alert_no": f"BENCH{uuid.uuid4().hex[:18]}",
            "received_at": at.isoformat(),
            "address": f"象珠镇清渭街村大兴路{number}号",
            "station": f"{COUNTY}-XZ",
            "grid": f"{COUNTY}-XZ-C1-W1",
            "narrative": f"报警人称楼上邻居装修声音太大，上门沟通{number}次没有结果，要求民警到场。",
            "reporter": {"name": "胡建明", "phone": f"1380{number:07d}"},
            "parties": [{"name": "徐国强", "phone": f"1390{number:07d}"}],
        }
        raw, message_id, stamp = json.dumps(body).encode(), uuid.uuid4().hex, int(clock.time())
        signed = signatures.sign(SECRET_110, message_id=message_id, timestamp=stamp, raw=raw)
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signed,
        }
        answer = client.post("/api/v1/sources/110/alerts/", content=raw, headers=headers)
        if answer.status_code != 201:
            raise SystemExit(f"intake: HTTP {answer.status_code}\n{answer.text[:600]}")

    return work


COPIED = ("cases_caseevent", "cases_party", "triage_assessment")


def inserted() -> Callable[[], None]:
    """Without us: the rows of an alert's case inserted once more and committed, all but what is unique."""
    source = Case.objects.filter(alerts__alert_no__startswith="BENCH").order_by("-id").first()
    assert source is not None
    listed = {table: ", ".join(_columns(table)) for table in ("cases_case", *COPIED)}

    def work() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO cases_case (case_no, {listed['cases_case']})"
                f" SELECT %s, {listed['cases_case']} FROM cases_case WHERE id = %s RETURNING id",
                [f"B{uuid.uuid4().hex[:24]}", source.pk],
            )
            (made,) = cursor.fetchone()
            for table in COPIED:
                cursor.execute(
                    f"INSERT INTO {table} (case_id, {listed[table]})"
                    f" SELECT %s, {listed[table]} FROM {table} WHERE case_id = %s",
                    [made, source.pk],
                )

    return work


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(column_name) FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s"
            " AND column_name NOT IN ('id', 'case_id', 'case_no')",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]
