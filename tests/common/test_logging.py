"""Log lines: one a record, numbered, without personal data (promise A6; bad-input 50)."""

import json
import logging
import sys

from dispute_hub.common import request_context
from dispute_hub.common.logging import JsonFormatter


def line_of(message: str, *args: object, **extra: object) -> str:
    record = logging.makeLogRecord(
        {"name": "hub", "msg": message, "args": args, "levelname": "INFO", **extra}
    )
    return JsonFormatter().format(record)


def test_a_record_is_one_line_whatever_it_holds() -> None:
    line = line_of('forged\r\n{"level": "info"}\x1b[31m %s', "第二行\n")
    assert "\n" not in line
    assert "\x1b" not in line
    assert json.loads(line)["message"].startswith("forged\r\n")


def test_personal_data_is_masked_in_message_extra_and_exception() -> None:
    try:
        raise ValueError("身份证 11010519491231002X")
    except ValueError:
        line = line_of("来电 %s", "13812345678", reporter="13900001111", exc_info=sys.exc_info())
    for secret in ("13812345678", "13900001111", "11010519491231002X"):
        assert secret not in line
    assert "138****5678" in line


def test_the_request_number_is_on_every_line() -> None:
    token = request_context.request_id.set("abc")
    try:
        assert json.loads(line_of("x", status=200))["request_id"] == "abc"
    finally:
        request_context.request_id.reset(token)
    assert "request_id" not in json.loads(line_of("x"))
