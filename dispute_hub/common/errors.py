"""Refusals: what the application says no to, in words for the person and a code for a machine.

A service raises one of these; the door's middleware or exception handler turns it into a page or
JSON. `code` is stable snake_case and part of the API; `message` is Chinese and says what to do;
`fields` maps a field name to its own Chinese messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar


class Refused(Exception):
    """The act was understood and refused. Nothing was written."""

    status: ClassVar[int] = 422
    default_code: ClassVar[str] = "refused"
    default_message: ClassVar[str] = "该操作未被受理，请核对后重试。"

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        fields: Mapping[str, Sequence[str]] | None = None,
        status: int | None = None,
    ) -> None:
        self.code = code or self.default_code
        self.message = message or self.default_message
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in (fields or {}).items()}
        if status is not None:
            self.status = status  # type: ignore[misc]
        super().__init__(self.message)

    def __reduce__(self) -> tuple[object, ...]:
        """Exceptions cross process borders in parallel tests; keyword-only arguments would be lost."""
        return (_rebuild, (type(self), self.message, self.code, self.fields, self.status))


def _rebuild(
    kind: type[Refused], message: str, code: str, fields: dict[str, list[str]], status: int
) -> Refused:
    refusal = kind.__new__(kind)
    Refused.__init__(refusal, message, code=code, fields=fields, status=status)
    return refusal


class NoRight(Refused):
    """In scope, but the post in use may not do this (403)."""

    status = 403
    default_code = "no_right"
    default_message = "您当前的岗位没有办理此项的权限；如确需办理，请联系本单位负责人。"


class OutOfScope(Refused):
    """Outside what the actor may see; told apart from "does not exist" by nobody (404)."""

    status = 404
    default_code = "not_found"
    default_message = "未找到该记录，或该记录不在您的查看范围内。"


class Stale(Refused):
    """The form was filled against an older version of the row (409)."""

    status = 409
    default_code = "stale"
    default_message = "内容已被他人更新，请核对最新内容后再提交；您填写的内容已保留。"

    def __init__(
        self,
        message: str = "",
        *,
        who: str = "",
        at: datetime | None = None,
        what: str = "",
        code: str = "",
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.who, self.at, self.what = who, at, what
        super().__init__(message, code=code, fields=fields)


class Conflict(Refused):
    """Contradicts what is already recorded, e.g. same id with another body (409)."""

    status = 409
    default_code = "conflict"
    default_message = "与已有记录冲突，请刷新后核对。"


class Invalid(Refused):
    """What was sent is not acceptable; `fields` names each place and its cure (422)."""

    status = 422
    default_code = "invalid"
    default_message = "填写内容有误，请按提示修改后重新提交。"


class NotReady(Refused):
    """A part the act needs is down or not configured; trying later may succeed (503)."""

    status = 503
    default_code = "not_ready"
    default_message = "系统暂时无法办理，请稍后重试；紧急情况请电话联系值班室。"
