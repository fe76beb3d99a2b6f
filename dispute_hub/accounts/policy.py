"""The one matrix of rights: which role may do which act. Nothing is allowed that is not written here.

Acts are dotted `object.verb`. Whether the *case* is in reach is not decided here but by `visible_to`;
this table answers only "may this post do such a thing at all" (handbook, section 3).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dispute_hub.accounts import selectors
from dispute_hub.accounts.actor import Actor, PlatformActor, PostActor, SourceActor
from dispute_hub.accounts.models import Role, Unit
from dispute_hub.common.errors import NoRight

R = Role
EVERYBODY: Final = frozenset(R)
POLICE_DESK: Final = frozenset({R.DISPATCHER, R.DUTY_COMMANDER})
STATION_LEAD: Final = frozenset({R.STATION_COMMAND, R.STATION_CHIEF})
STATION: Final = STATION_LEAD | {R.OFFICER, R.COMMUNITY_OFFICER}
ORDER_SIDE: Final = frozenset({R.CENTRE, R.COUNTY_CENTRE, R.DEPARTMENT, R.GRID_WORKER})
# Whoever an order or a diversion was sent to; the service checks that it was sent to this very unit.
ADDRESSEES: Final = frozenset({R.CENTRE, R.COUNTY_CENTRE, R.DEPARTMENT})
CASE_READERS: Final = (
    STATION | ORDER_SIDE | {R.BUREAU, R.POLITICAL_LEGAL, R.MEDIATOR, R.LEADER, R.OFFICE_CLERK}
)

MATRIX: Final[dict[str, frozenset[Role]]] = {
    # accounts and the frame
    "self.use": EVERYBODY,
    "worklist.read": EVERYBODY,
    # intake
    "alert.log": POLICE_DESK,
    "alert.read": POLICE_DESK | STATION | {R.BUREAU},
    "alert.dispatch": POLICE_DESK,
    "alert.attach": POLICE_DESK | {R.STATION_COMMAND},
    "alert.import": frozenset({R.STATION_COMMAND, R.DUTY_COMMANDER, R.BUREAU}),
    "quarantine.repair": frozenset({R.DUTY_COMMANDER, R.STATION_COMMAND, R.BUREAU}),
    # triage
    "triage.preview": POLICE_DESK | STATION | {R.BUREAU},
    # Factors and marked words stay on the police side: outside units get the instruction (handbook 3).
    "assessment.read": STATION | {R.BUREAU},
    "colour.raise": STATION | {R.DUTY_COMMANDER, R.BUREAU},
    "colour.propose_lower": frozenset({R.COMMUNITY_OFFICER, R.STATION_COMMAND}),
    "level.propose": frozenset({R.COMMUNITY_OFFICER, R.STATION_COMMAND}),
    "grade.approve": frozenset({R.STATION_CHIEF}),
    # cases
    "case.read": CASE_READERS,
    "case.reveal": STATION | {R.BUREAU, R.POLITICAL_LEGAL, R.MEDIATOR, R.CENTRE, R.DISPATCHER},
    "case.settle": frozenset({R.COMMUNITY_OFFICER, R.STATION_COMMAND}),
    "case.contact": frozenset({R.COMMUNITY_OFFICER, R.STATION_COMMAND, R.OFFICER}),
    "case.confirm_not_dispute": frozenset({R.STATION_COMMAND}),
    "case.assign": STATION_LEAD,
    "case.approve_close": frozenset({R.STATION_CHIEF}),
    # clocks: everybody who works by one may see why; stopping or moving one is the leaders'
    "clock.read": CASE_READERS | POLICE_DESK,
    "clock.extend": STATION | ADDRESSEES | {R.MEDIATOR, R.BUREAU},
    "clock.pause": frozenset({R.STATION_CHIEF, R.BUREAU}),
    "clock.approve_extension": frozenset({R.STATION_CHIEF, R.BUREAU}),
    "calendar.manage": frozenset({R.SYSTEM_ADMIN}),
    # A station may be stricter than the table; somebody else at the bureau brings it into force.
    "unit_limits.read": STATION_LEAD | {R.BUREAU},
    "unit_limits.propose": frozenset({R.STATION_CHIEF, R.BUREAU}),
    "unit_limits.approve": frozenset({R.BUREAU}),
    "clocks.manage": frozenset({R.SECURITY_ADMIN, R.BUREAU}),
    # routing
    "push.read": STATION | {R.BUREAU},
    "push.sign": STATION,
    "push.sign_on_behalf": STATION_LEAD,
    # Whoever may sign a push 1 may go on with it: a responsible officer in the car is crew.
    "push.arrive": frozenset({R.OFFICER, R.COMMUNITY_OFFICER, R.STATION_COMMAND}),
    "push.feed_back": frozenset({R.OFFICER, R.COMMUNITY_OFFICER, R.STATION_COMMAND}),
    "push.reinforce": frozenset({R.OFFICER, R.COMMUNITY_OFFICER, R.STATION_COMMAND}),
    "push.add_text": frozenset({R.OFFICER, R.COMMUNITY_OFFICER, R.STATION_COMMAND}),
    "push.confirm_on_behalf": STATION,
    "reinforcement.answer": POLICE_DESK | STATION_LEAD,
    "case.dispatch_pool": frozenset({R.DUTY_COMMANDER, R.BUREAU, R.STATION_COMMAND}),
    "case_file.record": STATION,
    # 应急处置 is set and ended by the 110's or the bureau's duty commander (handbook 4).
    "emergency.read": STATION | {R.DUTY_COMMANDER, R.BUREAU, R.LEADER},
    "emergency.command": frozenset({R.DUTY_COMMANDER, R.BUREAU}),
    "emergency.report": STATION | {R.DUTY_COMMANDER, R.BUREAU, R.LEADER},
    # The units that were called get the instruction and nothing else.
    "emergency.receive": frozenset({R.BUREAU, R.CENTRE, R.DEPARTMENT}),
    "handover.sign": STATION_LEAD | {R.OFFICER},
    "handover.read": STATION_LEAD | {R.OFFICER},
    "sheet.read": STATION_LEAD | {R.BUREAU},
    "sheet.sign": frozenset({R.STATION_CHIEF}),
    "third_push.propose": frozenset({R.STATION_COMMAND, R.STATION_CHIEF, R.COMMUNITY_OFFICER}),
    # The bureau's duty leader once a proposal rose to him, or where no second leader is; the service checks.
    "third_push.approve": frozenset({R.STATION_CHIEF, R.BUREAU}),
    "third_push.record_phone": frozenset({R.STATION_COMMAND, R.STATION_CHIEF, R.COMMUNITY_OFFICER}),
    "order.redirect": frozenset({R.COUNTY_CENTRE}),
    "jurisdiction.raise": STATION_LEAD,
    "jurisdiction.decide": frozenset({R.BUREAU}),
    "recusal.declare": STATION | {R.BUREAU},
    "recusal.read": STATION_LEAD | {R.BUREAU},
    "recusal.approve": frozenset({R.STATION_CHIEF, R.BUREAU}),
    "order.read": STATION | ORDER_SIDE | {R.BUREAU},
    "order.recall": STATION_LEAD,
    "order.accept": ADDRESSEES,
    "order.return": ADDRESSEES,
    "order.assign": frozenset({R.CENTRE, R.COUNTY_CENTRE}),
    "order.feed_back": frozenset(ORDER_SIDE),
    "order.settle": ADDRESSEES,
    "order.extend": ADDRESSEES,
    "order.approve_extension": frozenset({R.STATION_CHIEF}),
    "order.verify": frozenset({R.COMMUNITY_OFFICER, R.STATION_COMMAND}),
    # The bureau's duty leader where no other leader is; the service checks.
    "order.approve_lost_contact": frozenset({R.STATION_CHIEF, R.BUREAU}),
    # After 签收 the centre and the departments on the order call both sides; grid workers see no number.
    "order.contact": ADDRESSEES,
    "diversion.propose": frozenset({R.DISPATCHER}),
    "diversion.confirm": frozenset({R.DUTY_COMMANDER}),
    "notice.deliver": STATION,
    "counter.read": STATION | {R.CENTRE, R.COUNTY_CENTRE, R.BUREAU},
    "counter.send": frozenset({R.CENTRE, R.COUNTY_CENTRE}),
    "counter.accept": STATION_LEAD,
    # 首接负责: the home station of a party helps and sees its task only; the selector keeps to that.
    "assist.read": STATION_LEAD | {R.COMMUNITY_OFFICER},
    "assist.ask": STATION_LEAD | {R.COMMUNITY_OFFICER},
    "assist.answer": STATION_LEAD | {R.COMMUNITY_OFFICER},
    "watch.keep": frozenset({R.BUREAU}),
    "case.divert": STATION_LEAD | {R.DUTY_COMMANDER, R.OFFICER, R.COMMUNITY_OFFICER},
    # mediation
    "session.read": STATION | {R.MEDIATOR, R.CENTRE},
    "session.hold": frozenset({R.MEDIATOR, R.COMMUNITY_OFFICER, R.CENTRE}),
    "session.assign_mediator": frozenset({R.COMMUNITY_OFFICER, R.STATION_COMMAND, R.CENTRE}),
    "session.convene": frozenset({R.MEDIATOR, R.COMMUNITY_OFFICER, R.STATION_COMMAND, R.CENTRE}),
    # The number behind a mask; the centre has its own way after it accepted an order.
    "party.reveal": STATION | {R.MEDIATOR},
    # Papers print ID numbers: they stay with police and mediators (handbook 3).
    "paper.make": STATION_LEAD | {R.COMMUNITY_OFFICER, R.MEDIATOR},
    "agreement.conclude": frozenset({R.MEDIATOR, R.COMMUNITY_OFFICER}),
    "agreement.read": STATION | {R.MEDIATOR, R.CENTRE},
    "consultation.read": STATION_LEAD | {R.BUREAU, R.POLITICAL_LEGAL, R.COMMUNITY_OFFICER},
    "decision.complete": STATION | ORDER_SIDE | {R.BUREAU},
    "consultation.convene": STATION_LEAD | {R.BUREAU, R.POLITICAL_LEGAL},
    # followup
    "follow_up.read": STATION | {R.MEDIATOR},
    "follow_up.record": frozenset({R.COMMUNITY_OFFICER, R.MEDIATOR, R.STATION_COMMAND}),
    "follow_up.waive": frozenset({R.STATION_CHIEF}),
    "performance.record": frozenset({R.COMMUNITY_OFFICER, R.MEDIATOR}),
    "supervision.read": STATION_LEAD | {R.BUREAU, R.CENTRE, R.COUNTY_CENTRE},
    "supervision.answer": STATION_LEAD | {R.CENTRE, R.COUNTY_CENTRE},
    "supervision.issue": frozenset({R.BUREAU, R.STATION_CHIEF}),
    # reports
    "live.read": frozenset({R.STATION_COMMAND, R.DUTY_COMMANDER, R.BUREAU}),
    "board.read": STATION_LEAD
    | {R.BUREAU, R.POLITICAL_LEGAL, R.LEADER, R.OFFICE_CLERK, R.CENTRE, R.COUNTY_CENTRE},
    # Lists behind the numbers are cases: they stay on the police side, masked (handbook 3).
    "board.list": STATION_LEAD | {R.BUREAU, R.LEADER, R.OFFICE_CLERK},
    # administration: the three administrators see no case content (三权分立)
    # Deliveries that failed: technical for the one, the bureau answers for what they were (reliability O5).
    "delivery.replay": frozenset({R.SYSTEM_ADMIN, R.BUREAU}),
    "connector.read": frozenset({R.SYSTEM_ADMIN, R.BUREAU}),
    "connector.manage": frozenset({R.SYSTEM_ADMIN}),
    "connector.approve": frozenset({R.BUREAU}),
    # Differences with a platform: both see them; what moves a case is not the administrator's (三权分立).
    "reconciliation.read": frozenset({R.SYSTEM_ADMIN, R.BUREAU}),
    "reconciliation.run": frozenset({R.SYSTEM_ADMIN, R.BUREAU}),
    "reconciliation.cure": frozenset({R.BUREAU}),
    "unit.manage": frozenset({R.SYSTEM_ADMIN}),
    "roster.read": STATION | POLICE_DESK | {R.BUREAU, R.CENTRE, R.COUNTY_CENTRE, R.SYSTEM_ADMIN},
    "roster.manage": STATION_LEAD | {R.DUTY_COMMANDER, R.BUREAU, R.CENTRE, R.COUNTY_CENTRE, R.SYSTEM_ADMIN},
    "audit.read": frozenset({R.AUDITOR}),
    "rules.manage": frozenset({R.SECURITY_ADMIN, R.BUREAU}),
    # What a replay would change, alert by alert, is case content: figures alone are for the administrator.
    "replay.list": frozenset({R.BUREAU}),
    # Engine against people: figures for those who answer for them, the cases behind on the police side.
    "triage.report": frozenset({R.BUREAU, R.STATION_CHIEF, R.LEADER}),
    "triage.report_list": frozenset({R.BUREAU, R.STATION_CHIEF}),
}

# What a platform may tell of an order that was sent to it; the unit is checked by the service.
BY_PLATFORM: Final = frozenset({"order.accept", "order.return", "order.feed_back", "order.settle"})

# What the chief may approve, the duty leader may while on duty; printed 值班代批 (handbook 3).
BY_DUTY_LEADER: Final = frozenset(act for act, roles in MATRIX.items() if R.STATION_CHIEF in roles)


def allows(role: str, act: str) -> bool:
    """True if the role as such may do the act. An act missing from the matrix is allowed to nobody."""
    return role in MATRIX.get(act, frozenset())


def require(actor: Actor, act: str, *, at: datetime) -> bool:
    """Refuse with NoRight unless the actor may do the act now; True if only as duty leader (值班代批).

    The system may do everything: it acts by rule, and the rule's cause is in the event.
    A machine source may log alerts and nothing else, a platform only tell how its orders go.
    """
    if isinstance(actor, PostActor):
        if allows(actor.role, act):
            return False
        if act in BY_DUTY_LEADER and selectors.leads_duty(actor.post, at):
            return True
        raise NoRight(f"当前岗位（{actor.role_name}）不能办理此事项。请切换岗位或联系所领导。")
    if isinstance(actor, SourceActor) and act != "alert.log":
        raise NoRight("该来源只能上报警情。")
    if isinstance(actor, PlatformActor) and act not in BY_PLATFORM:
        raise NoRight("对接平台不能办理此事项。")
    return False


def leave_to_station(
    by_duty: bool, actor: PostActor, station: Unit | None, *, besides_user_id: int | None, at: datetime
) -> None:
    """Refuse a duty leader of the bureau with NoRight while the station has a leader to decide.

    `by_duty` is what `require` answered; the person besides is who proposed, and decides nothing
    (handbook 3).
    """
    if not by_duty or station is None or actor.post.unit_id == station.pk:
        return
    left = selectors.leaders_on_duty(station, at, besides_user_id=besides_user_id)
    if any(post.unit_id == station.pk for post in left):
        raise NoRight("本件由派出所领导审批；所内没有其他领导时，才由分局值班领导审批。", code="not_risen")
