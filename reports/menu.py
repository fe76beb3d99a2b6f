"""The left menu: at most eight entries for a role, and how much is open behind each.

`MENU` is the table; counts are running clocks of the post by kind, so that each open object counts
once, read in one query by the fragment that follows the page (design, rule 10).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import CharField, Count, Value
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import selectors as cases
from dispute_hub.outbox import selectors as outbox
from dispute_hub.outbox.models import Notice

R = Role
MOST_ENTRIES = 8
# More unread than this is "many": counting on would read the whole inbox of years.
MOST_UNREAD = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu. `kinds` are the clocks whose number is shown."""

    title: str
    page: str
    icon: str
    kinds: tuple[str, ...] = ()
    url: str = ""
    is_current: bool = False
    count: int = 0


WORKBENCH: Final = Entry("工作台", "workbench", "layout-dashboard")
DESK: Final = Entry("接警台", "desk", "headset")
ALERTS: Final = Entry("今日警情", "alerts_today", "bell-ringing")
IMPORT: Final = Entry("警情导入", "import", "file-import")
QUARANTINE: Final = Entry("异常报文箱", "quarantine", "mail-exclamation")
PUSHES: Final = Entry("待办警情", "push_list", "device-mobile", ("push_first.sign", "push_first.feed_back"))
REINFORCEMENTS: Final = Entry("增援请求", "reinforcement_list", "users-plus", ("push_first.reinforce",))
TRACKING: Final = Entry(
    "跟踪化解台账", "tracking_list", "list-check",
    ("push_second.sign", "push_second.contact", "order.verify", "assist.sign", "assist.answer"),
)  # fmt: skip
SHEET: Final = Entry("每日汇总", "sheet_today", "report")
APPROVALS: Final = Entry(
    "审批",
    "approvals",
    "checkbox",
    ("order.approve", "regrade.approve", "close.approve"),
)
ORDERS: Final = Entry(
    "交办单",
    "order_list",
    "transfer",
    ("order.accept", "order.result", "diversion.accept", "order.task", "order.watch", "counter.accept",
     "counter.result"),
)  # fmt: skip
COUNTERS: Final = Entry("反向交办", "counter_list", "arrow-back-up")
DIVERSIONS: Final = Entry("分流确认", "diversion_list", "arrows-split", ("diversion.confirm",))
SESSIONS: Final = Entry("调解", "session_list", "users-group", ("performance.due", "agreement.confirm"))
CONSULTATIONS: Final = Entry("会商", "consultation_list", "messages", ("decision.due",))
FOLLOW_UPS: Final = Entry("回访", "follow_up_list", "phone-check", ("follow_up.visit",))
SUPERVISIONS: Final = Entry("督办", "supervision_list", "alert-triangle", ("supervision.answer",))
EMERGENCIES: Final = Entry(
    "应急处置", "emergency_list", "urgent", ("emergency.first", "emergency.progress", "emergency.final")
)
CASES: Final = Entry("案件查询", "case_list", "search")
LIVE: Final = Entry("实时态势", "live_board", "activity")
BOARD: Final = Entry("清零看板", "board", "chart-bar")
UNITS: Final = Entry("单位与人员", "unit_list", "building")
HOLIDAYS: Final = Entry("节假日", "calendar", "calendar-event")
ROSTER: Final = Entry("值班表", "roster", "calendar")
SOURCES: Final = Entry("来源与对接", "source_list", "plug-connected")
DEAD: Final = Entry("投递失败待处理", "dead_letters", "mail-off")
RECONCILIATION: Final = Entry("对账", "reconciliation", "arrows-diff")
AGREEMENT: Final = Entry("研判符合情况", "agreement_report", "scale")
RULES: Final = Entry("研判规则", "rules", "adjustments")
CLOCKS: Final = Entry("时限表", "clock_table", "clock")
AUDIT: Final = Entry("审计", "audit_log", "shield-check")

MENU: Final[dict[str, tuple[Entry, ...]]] = {
    R.DISPATCHER: (DESK, ALERTS, REINFORCEMENTS),
    R.DUTY_COMMANDER: (DESK, LIVE, ALERTS, DIVERSIONS, EMERGENCIES, QUARANTINE, IMPORT, ROSTER),
    R.OFFICER: (PUSHES, ALERTS, CASES),
    R.COMMUNITY_OFFICER: (TRACKING, PUSHES, FOLLOW_UPS, SESSIONS, ORDERS, CONSULTATIONS, CASES),
    R.STATION_COMMAND: (WORKBENCH, PUSHES, TRACKING, SHEET, ORDERS, CONSULTATIONS, QUARANTINE, CASES),
    R.STATION_CHIEF: (SHEET, APPROVALS, TRACKING, ORDERS, CONSULTATIONS, FOLLOW_UPS, BOARD, CASES),
    R.BUREAU: (WORKBENCH, ORDERS, CONSULTATIONS, SUPERVISIONS, QUARANTINE, RULES, BOARD, CASES),
    R.POLITICAL_LEGAL: (WORKBENCH, CONSULTATIONS, BOARD, CASES),
    R.CENTRE: (ORDERS, COUNTERS, SESSIONS, ROSTER, BOARD, CASES),
    R.COUNTY_CENTRE: (ORDERS, COUNTERS, BOARD, CASES),
    R.DEPARTMENT: (ORDERS, CASES),
    R.GRID_WORKER: (ORDERS, CASES),
    R.MEDIATOR: (SESSIONS, FOLLOW_UPS, CASES),
    R.LEADER: (BOARD, AGREEMENT, CASES),
    R.OFFICE_CLERK: (BOARD, CASES),
    R.SYSTEM_ADMIN: (UNITS, ROSTER, HOLIDAYS, SOURCES, DEAD),
    R.SECURITY_ADMIN: (RULES, CLOCKS),
    R.AUDITOR: (AUDIT,),
}


# Pages a role has a right to beyond its eight entries: reached from its workbench.
BEYOND: Final[dict[str, tuple[Entry, ...]]] = {
    R.DUTY_COMMANDER: (REINFORCEMENTS,),
    R.STATION_COMMAND: (LIVE, REINFORCEMENTS),
    R.BUREAU: (LIVE, SOURCES, DEAD, RECONCILIATION),
}


def beyond(role: str) -> list[Entry]:
    """The pages of a role that its menu has no room for."""
    return [replace(entry, url=_url_of(entry.page)) for entry in BEYOND.get(role, ())]


def entries_for(role: str, path: str) -> list[Entry]:
    """The entries of a role whose pages exist; the one that leads to `path` is current."""
    found = [replace(entry, url=url) for entry in MENU.get(role, ()) if (url := _url_of(entry.page))]
    leading = [
        entry for entry in found if path == entry.url or (entry.url != "/" and path.startswith(entry.url))
    ]
    current = max(leading, key=lambda entry: len(entry.url), default=None)
    return [replace(entry, is_current=entry is current) for entry in found]


def home_of(role: str) -> str:
    """Where a role begins its work: the first entry of its menu, or the inbox while it has no page."""
    return next((entry.url for entry in entries_for(role, "")), reverse("notices"))


def counted(actor: PostActor, path: str) -> tuple[list[Entry], int]:
    """The entries with their open counts, and the number of unread notices. One query."""
    numbers = open_counts(actor)
    entries = [
        replace(entry, count=sum(numbers.get(kind, 0) for kind in entry.kinds))
        for entry in entries_for(actor.role, path)
    ]
    return entries, numbers.get("notices", 0)


def open_counts(actor: PostActor) -> dict[str, int]:
    """Running clocks of the post by kind, and under "notices" its unread notices (at most 100)."""
    clocks = cases.clocks_of(actor).order_by().values_list("kind").annotate(number=Count("id"))
    unread = outbox.unread_for(actor).values("pk")[:MOST_UNREAD]
    notices = (
        Notice.objects.filter(pk__in=unread)
        .values_list(Value("notices", CharField()))
        .annotate(number=Count("id"))
    )
    return {kind: number for kind, number in clocks.union(notices, all=True) if number}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: the menu without its counts."""
    actor = getattr(request, "actor", None)
    return {"hub_menu": entries_for(actor.role, request.path) if actor is not None else []}


def _url_of(page: str) -> str:
    try:
        return reverse(page)
    except NoReverseMatch:
        return ""
