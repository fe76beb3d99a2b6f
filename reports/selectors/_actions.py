"""What this person can do with this case now: links to the stages' own forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.urls import NoReverseMatch, reverse

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases.models import OPEN_STATUSES, Case, Colour, Status
from reports.selectors._case_parts import Part
from routing.selectors import emergencies

S = Status
UNSIGNED, RUNNING = ("issued",), ("issued", "signed", "arrived")


@dataclass(frozen=True, slots=True)
class Action:
    """One button. `is_panel` opens in the side panel; the first action is the main one."""

    title: str
    url: str
    is_panel: bool = False


@dataclass(frozen=True, slots=True)
class _Offer:
    """An action of the case itself: its page, the right it needs, and the statuses it fits."""

    title: str
    page: str
    act: str
    statuses: tuple[str, ...]
    is_panel: bool = False


OFFERS: Final = (
    _Offer("联系当事人", "tracking_panel", "case.contact", (S.TRACKING, S.SETTLED), True),
    _Offer("约调解", "session_new", "session.assign_mediator", (S.SCENE, S.TRACKING, S.JOINT)),
    _Offer("达成协议", "agreement_new", "agreement.conclude", (S.SCENE, S.TRACKING, S.JOINT)),
    _Offer("提请三推", "third_push", "third_push.propose", (S.TRACKING,)),
    _Offer("已化解", "tracking_panel", "case.settle", (S.TRACKING,), True),
    _Offer("调整预警色", "change_colour", "colour.raise", OPEN_STATUSES, True),
    _Offer("调整风险等级", "change_level", "level.propose", OPEN_STATUSES, True),
    _Offer("请求协助", "assist_new", "assist.ask", (S.TRACKING,)),
    _Offer("申报回避", "recusal", "recusal.declare", OPEN_STATUSES),
    _Offer("管辖争议", "jurisdiction", "jurisdiction.raise", (S.POOL, S.SCENE, S.TRACKING)),
)
DIVERTIBLE: Final = (S.POOL, S.SCENE, S.TRACKING)


def actions_for(actor: PostActor, case: Case, parts: dict[str, list[Part]]) -> list[Action]:
    """The possible actions, the most urgent first; a page that does not exist is not offered."""
    found = [*_on_pushes(actor, parts), *_on_orders(actor, parts), *_to_approve(actor, case)]
    found += _on_sessions(actor, parts) + _on_emergency(actor, case, parts)
    found += [
        _link(offer.title, offer.page, case.case_no, is_panel=offer.is_panel)
        for offer in OFFERS
        if policy.allows(actor.role, offer.act) and case.status in offer.statuses
    ]
    if _may_assign(actor, case):
        found.append(_link("分派", "tracking_panel", case.case_no, is_panel=True))
    if _may_divert(actor, case):
        found.append(_link("非警务分流", "diversion", case.case_no))
    return [action for action in found if action.url]


def _link(title: str, page: str, *args: Any, is_panel: bool = False) -> Action:
    try:
        return Action(title, reverse(page, args=args), is_panel)
    except NoReverseMatch:
        return Action(title, "")


def _on_pushes(actor: PostActor, parts: dict[str, list[Part]]) -> list[Action]:
    if not policy.allows(actor.role, "push.sign"):
        return []
    found = []
    for push in parts["pushes"]:
        mine = push["addressee_role"] == actor.role or policy.allows(actor.role, "push.sign_on_behalf")
        if push["status"] in RUNNING and mine and (push["tier"] == 1 or push["status"] in UNSIGNED):
            word = "签收" if push["status"] in UNSIGNED else "反馈"
            found.append(_link(f"{word}{'一推' if push['tier'] == 1 else '二推'}", "push_detail", push["id"]))
    return found[:2]


def _on_orders(actor: PostActor, parts: dict[str, list[Part]]) -> list[Action]:
    words = {"sent": ("撤回交办单", "order.recall"), "to_verify": ("核查双方", "order.verify")}
    ours = [order for order in parts["orders"] if order["kind"] != "counter"]
    return [
        _link(words[order["status"]][0], "order_detail", order["no"])
        for order in ours
        if order["status"] in words and policy.allows(actor.role, words[order["status"]][1])
    ]


def _to_approve(actor: PostActor, case: Case) -> list[Action]:
    waits = case.status == S.REVIEW or (case.close_proposed_at is not None and case.status == S.SETTLED)
    waits = waits and policy.allows(actor.role, "case.approve_close")
    return [_link("去审批", "approvals")] if waits else []


def _on_sessions(actor: PostActor, parts: dict[str, list[Part]]) -> list[Action]:
    found = [
        _link("录入调解", "session_detail", session["id"])
        for session in parts["sessions"]
        if session["status"] == "planned" and policy.allows(actor.role, "session.hold")
    ]
    open_visits = ("planned", "due", "overdue")
    found += [
        _link("回访", "follow_up_call", visit["id"])
        for visit in parts["follow_ups"]
        if visit["status"] in open_visits and policy.allows(actor.role, "follow_up.record")
    ][:1]
    return found


def _on_emergency(actor: PostActor, case: Case, parts: dict[str, list[Part]]) -> list[Action]:
    """The mode where it runs, and where it may be set; only a grave case has such a crowd."""
    if case.colour not in (Colour.RED, Colour.ORANGE) or not policy.allows(actor.role, "emergency.read"):
        return []
    if parts["emergencies"] and not parts["emergencies"][0]["ended_at"]:
        return [_link("应急处置", "emergency_detail", parts["emergencies"][0]["id"])]
    commands = policy.allows(actor.role, "emergency.command")
    is_offered = commands and emergencies.offer_of(case)
    return [_link("启动应急处置", "emergency_new", case.case_no)] if is_offered else []


def _may_assign(actor: PostActor, case: Case) -> bool:
    """A tracked case is given to another officer by its own station."""
    ours = case.status == S.TRACKING and case.station_id == actor.post.unit_id
    return ours and policy.allows(actor.role, "case.assign")


def _may_divert(actor: PostActor, case: Case) -> bool:
    calm = case.colour in ("blue", "yellow") and case.side == "non_police"
    allowed = policy.allows(actor.role, "case.divert") and actor.role != Role.DISPATCHER
    return calm and allowed and case.status in DIVERTIBLE
