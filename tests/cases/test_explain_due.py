"""`manage.py explain_due`: reasons above, the due instant on the last line; no database."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def command(*, start: str, limit: str) -> list[str]:
    out = StringIO()
    call_command("explain_due", "--from", start, "--limit", limit, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_ends_with_the_due_instant() -> None:
    lines = command(start="2026-09-30T15:00+08:00", limit="3 working_days")
    assert lines[-1] == "2026-10-11T00:00:00+08:00"
    assert lines[-2] == "2026-10-10 周六 24:00 到期"
    assert command(start="2026-09-30T07:00Z", limit="3 working_days")[-1] == lines[-1]


@pytest.mark.parametrize(
    ("limit", "last", "said"),
    [
        ("3 working_days", "2026-10-11T00:00:00+08:00", "国庆节休息，不计入"),
        ("7 natural_days", "2026-10-09T00:00:00+08:00", "最后一日遇国庆节休息，顺延"),
        ("24 hours", "2026-10-01T15:00:00+08:00", "含夜间和节假日"),
        ("4 working_hours", "2026-10-08T10:00:00+08:00", "2026-09-30 周三 15:00 至 17:30 计 2小时30分"),
    ],
)
def test_every_unit_is_explained_above_the_last_line(limit: str, last: str, said: str) -> None:
    *lines, end = command(start="2026-09-30T15:00+08:00", limit=limit)
    assert end == last
    assert any(said in line for line in lines)


def test_a_year_without_table_is_warned_of_above_the_last_line() -> None:
    lines = command(start="2026-12-30T15:00+08:00", limit="3 working_days")
    assert "2027 年节假日安排尚未载入" in lines[-2]
    assert lines[-1] == "2027-01-05T00:00:00+08:00"


@pytest.mark.parametrize(
    ("start", "limit"),
    [
        ("2026-09-30T15:00", "3 working_days"),
        ("yesterday", "3 working_days"),
        ("2026-09-30T15:00+08:00", "soon"),
        ("9999-12-31T15:00+08:00", "9 natural_days"),
    ],
)
def test_the_command_refuses_in_words(start: str, limit: str) -> None:
    with pytest.raises(CommandError, match=r"[\u4e00-\u9fff]"):
        command(start=start, limit=limit)
