"""How an order gets into each status, through the real services and by the right people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dispute_hub.cases.models import Case
from routing import selectors, services
from routing.models import WorkOrder
from tests.cast import Cast

REPORT = services.ReportText(
    facts="双方因楼道堆物多次争吵。",
    causes="公共空间使用无约定。",
    risk="双方对立，存在升级可能。",
    work_done="民警两次上门，未能达成一致，联系电话13800000002。",
    suggestions="建议由街道牵头，会同社区清理并约定使用。",
    attachments=("警情记录",),
)


class Story:
    """One case of 象珠 on its way through the third push."""

    def __init__(self, cast: Cast, clock: Any, call: Callable[..., Any]) -> None:
        self.cast, self.clock, self.call = cast, clock, call

    def tracked(self, narrative: str | None = None, **fields: Any) -> Case:
        """A case the crew could not settle."""
        alert = self.call(narrative, **fields) if narrative else self.call(**fields)
        push = selectors.first_push_of(alert)
        services.sign_push(push, actor=self.cast.officer, at=self.clock.at)
        services.feed_back(
            push, outcome="unsettled", text="双方各执一词。", actor=self.cast.officer, at=self.clock.at
        )
        return Case.objects.get(pk=alert.case_id)

    def draft(self, **given: Any) -> services.ThirdPushDraft:
        return services.ThirdPushDraft(
            **{"grade": "normal", "difficulty": "general", "report": REPORT, **given}
        )

    def proposed(self, case: Case | None = None, **given: Any) -> WorkOrder:
        draft, actor = self.draft(**given), self.cast.station_command
        return services.propose_third_push(case or self.tracked(), draft, actor=actor, at=self.clock.at)

    def sent(self, **given: Any) -> WorkOrder:
        order = self.proposed(**given)
        return services.approve_order(order, actor=self.cast.station_chief, at=self.clock.at)

    def accepted(self, **given: Any) -> WorkOrder:
        return services.accept_order(self.sent(**given), actor=self.cast.centre, at=self.clock.at)

    def to_verify(self, **given: Any) -> WorkOrder:
        order = self.accepted(**given)
        return services.settle_order(
            order, how="oral_agreement", text="双方约定轮流使用。", actor=self.cast.centre, at=self.clock.at
        )

    def done(self, **given: Any) -> WorkOrder:
        return self.act("verify_yes", self.to_verify(**given))

    def split(self) -> list[services.TaskDraft]:
        """The department leads, the grid worker goes there."""
        return [
            services.TaskDraft(self.cast.units.department, "lead", "核实欠薪并组织调解"),
            services.TaskDraft(self.cast.units.grid, task="上门核实堆物情况"),
        ]

    def both_said(self, order: WorkOrder) -> list[services.SideSaid]:
        """Every side of the case confirms."""
        sides = selectors.sides_of(order.case_id)
        return [services.SideSaid(number, "phone", "双方已和好") for number, _ in enumerate(sides, start=1)]

    def at_status(self, status: str) -> WorkOrder:
        """An order in this status."""
        before, act = {
            "proposed": ("", ""), "sent": ("", ""), "accepted": ("", ""), "to_verify": ("", ""),
            "rejected": ("proposed", "reject"), "returned": ("sent", "return"),
            "recalled": ("sent", "recall"), "done": ("to_verify", "verify_yes"),
        }[status]  # fmt: skip
        return self.act(act, getattr(self, before)()) if act else getattr(self, status)()

    def act(self, name: str, order: WorkOrder) -> WorkOrder:
        """Do one act on an order as the person it belongs to."""
        cast, at = self.cast, self.clock.at
        said = {
            "approve": (services.approve_order, cast.station_chief, {}),
            "reject": (services.reject_order, cast.station_chief, {"text": "请补充调解情况"}),
            "accept": (services.accept_order, cast.centre, {}),
            "return": (services.return_order, cast.centre, {"reason_code": "wrong_unit", "text": "属古山镇"}),
            "recall": (services.recall_order, cast.station_command, {"text": "双方已和解"}),
            "settle": (services.settle_order, cast.centre, {"how": "agreement", "text": "签订协议"}),
            "verify_yes": (
                services.verify_order,
                cast.community_officer,
                {"accepted": True, "text": "属实", "contacts": self.both_said(order)},
            ),
            "verify_no": (services.verify_order, cast.community_officer, {"accepted": False, "text": "否"}),
            "assign": (
                services.assign_order,
                cast.centre,
                {"tasks": self.split()},
            ),
            "feed_back": (services.feed_back_order, cast.centre, {"text": "已约双方"}),
        }  # fmt: skip
        service, actor, told = said[name]
        service(order, actor=actor, at=at, **told)
        return WorkOrder.objects.select_related("case", "addressee").get(pk=order.pk)
