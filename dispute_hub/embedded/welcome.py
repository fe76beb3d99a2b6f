"""What `make run` prints when everything answers: the address and the demo log-ins."""

import unicodedata

from django.db import connections

from dispute_hub.accounts.models import Role, User

PASSWORD = "dispute-hub-demo"  # noqa: S105 - printed on purpose; never made in production settings


def welcome(url: str) -> str:
    """Address and a table of the demo log-ins that exist in this database."""
    known = set(User.objects.filter(username__in=Role.values).values_list("username", flat=True))
    connections.close_all()
    rows = [(role.value, str(role.label)) for role in Role if role.value in known]
    lines = ["", f"  矛盾纠纷警情三推平台已启动：{url}", "  Ctrl-C 停止", ""]
    if rows:
        lines += [f"  演示账号（密码均为 {PASSWORD}）", f"  {_pad('账号', 18)}岗位"]
        lines += [f"  {_pad(code, 18)}{label}" for code, label in rows]
    return "\n".join([*lines, ""])


def _pad(text: str, width: int) -> str:
    shown = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * (width - shown)
