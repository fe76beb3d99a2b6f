"""The timeline in Chinese: what an event's kind and its codes say to a person.

An event keeps codes and texts; here they become one sentence and, where somebody wrote something, his
words as detail. A kind without words is shown by its code, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dispute_hub.cases import clock_table
from dispute_hub.cases.models import RESOLVING, CaseEvent, Colour, Level, SettleHow, Status
from mediation.models import SessionResult
from routing.models import (
    CaseFile,
    CaseFileStep,
    Emergency,
    EmergencyReport,
    Grade,
    HandoverNotice,
    Push,
    ReturnReason,
)

CHOICES: Final[dict[str, Mapping[str, str]]] = {
    "outcome": dict(Push.Outcome.choices),
    "entry": {**dict(Push.Entry.choices), "placed": "已明确管辖", "notice_only": "抄告"},
    "how": {**dict(SettleHow.choices), "radio": "电台", "phone": "电话"},
    "mode": {"phone": "电话", "call": "电话", "visit": "上门走访", "message": "短信", "office": "来所约谈"},
    "result": dict(SessionResult.choices),
    "grade": dict(Grade.choices),
    "colour": dict(Colour.choices),
    "level": dict(Level.choices),
    "kind": {**dict(CaseFile.Kind.choices), "colour": "预警色", "level": "风险等级"},
    "decision": dict(CaseFileStep.Decision.choices),
    "reason_code": dict(ReturnReason.choices),
    "delivery": dict(HandoverNotice.Delivery.choices),
    "ground": dict(Emergency.Ground.choices),
    "report": dict(EmergencyReport.Kind.choices),
    "form": {"written": "书面", "oral": "口头"},
    "from": {**dict(Status.choices), **dict(Colour.choices), **dict(Level.choices), "": "未定"},
    "to": {**dict(Status.choices), **dict(Colour.choices), **dict(Level.choices)},
    "tier": {"1": "一推送", "2": "二推送", "3": "三推送"},
}

# `{name}` is filled from the event's data; a [bracket] with a missing code drops out.
WORDS: Final[dict[str, str]] = {
    "alert.received": "接报警情",
    "alert.amended": "警情续报或更正[，第{version}版]",
    "alert.version_kept": "收到较早版本，已存未采用[，第{version}版]",
    "alert.repeated": "再次报警，计为重复警情",
    "alert.attached": "警情并入本案[，原案件{from}]",
    "alert.detached": "警情拆出[，归入{to}]",
    "case.assessed": "研判[：{colour}色]",
    "case.reassessed": "重新研判[：{colour}色][，{note}]",
    "case.colour_raised": "预警色升级[：{from}][ → {to}]",
    "case.colour_lowered": "预警色经审批降级[：{from}][ → {to}]",
    "case.level_raised": "风险等级升高[：{from}][ → {to}]",
    "case.level_lowered": "风险等级经审批降低[：{from}][ → {to}]",
    "case.pool": "转待分派",
    "case.scene": "转现场处置",
    "case.tracking": "转跟踪化解[（{entry}）]",
    "case.review": "三推提请审批",
    "case.joint": "转联动化解",
    "case.verifying": "报结，待核查双方当事人",
    "case.settled": "纠纷化解[：{how}]",
    "case.closed": "办结",
    "case.not_dispute": "确认为非纠纷",
    "case.void": "确认为无效警情",
    "case.absorbed": "并入其他案件[：{into}]",
    "case.absorbed_other": "并入另一案件",
    "case.contacted": "联系当事人[（{mode}）]",
    "case.diverted": "非警务分流[至{to}]",
    "case.close_proposed": "回访完成，提请办结审批",
    "case.close_refused": "未同意办结",
    "paper.made": "制作文书[{number}]",
    "push.queued": "列入每日汇总[（{tier}，{entry}）]",
    "push.issued": "下发[{tier}][（{entry}）]",
    "push.entry_added": "二推送增加事由[：{entry}]",
    "push.readdressed": "改派一推送",
    "push.assigned": "所领导分派二推送",
    "push.assignment_undone": "撤销分派，退回原责任民警",
    "push.night_held": "夜间由值班警组代管",
    "push.taken_over": "责任民警接手",
    "third_push.asked": "所领导要求拟报三推",
    "third_push.ask_withdrawn": "撤销拟报三推的要求",
    "consultation.withdrawn": "撤销提交会商",
    "push.signed": "签收[{tier}][（{how}代签）]",
    "push.arrived": "到达现场",
    "push.reported": "处警反馈[：{outcome}]",
    "push.confirmed": "民警确认代录",
    "reinforcement.asked": "请求增援[{officers}人]",
    "reinforcement.sent": "增援已派[{officers}人]",
    "reinforcement.withdrawn": "撤回增援",
    "push.ended": "终止[{tier}]，已无需办理",
    "assist.asked": "请求协助[：{unit}]",
    "assist.signed": "协助二推送已签收[：{unit}]",
    "assist.answered": "协助二推送已反馈[：{unit}]",
    "assist.withdrawn": "协助二推送撤回[：{unit}]",
    "case_file.accepted": "受案(立案)办理[：{kind}]",
    "case_file.detained": "案件办理：拘留",
    "case_file.released": "案件办理：释放",
    "case_file.decided": "案件办理：作出决定[（{decision}）]",
    "sheet.signed": "所领导审签每日汇总",
    "order.proposed": "提请三推[（{grade}）][，交{addressee}]",
    "order.approved": "三推获批准",
    "order.phone_approved": "三推经电话批准，先推后批",
    "order.written_confirmed": "补办书面审批：同意",
    "order.written_refused": "补办书面审批：不同意",
    "order.unwritten": "先推后批逾期未补书面审批",
    "order.risen": "三推升级至分局值班领导审批[（{why}）]",
    "order.redirected": "县级综治中心指定办理单位[：{addressee}]",
    "jurisdiction.raised": "提出管辖争议[，认为应由{unit}管辖]",
    "jurisdiction.decided": "管辖裁定[：由{unit}承办]",
    "complaint.kept": "投诉民警警情转分局督察受理，由分局指定办理单位",
    "case.transferred": "移交管辖[至{unit}]",
    "recusal.declared": "申报回避[（{why}）]",
    "recusal.approved": "批准回避[（{why}）]",
    "recusal.refused": "回避未获同意",
    "order.sent": "发出交办单[{no}]",
    "order.rejected": "三推未批准",
    "order.accepted": "交办单已签收",
    "order.returned": "交办单退回[：{reason_code}]",
    "order.recalled": "交办单撤回",
    "order.assigned": "分派办理[，牵头{lead}]",
    "order.confirmed": "对方平台确认收到",
    "order.fed_back": "反馈办理进展",
    "order.contacted": "承办单位联系当事人[（{mode}）]",
    "order.task_done": "联动任务办结[：{unit}]",
    "order.task_excused": "联动任务免办[：{unit}]",
    "order.watched": "确定盯办人[：{watcher}]",
    "order.watcher_changed": "更换盯办人[：{watcher}]",
    "order.urged": "盯办人催办",
    "diversion.proposed": "接警台提请分流[至{to}]",
    "diversion.confirmed": "值班长确认分流",
    "diversion.refused": "值班长不予分流",
    "diversion.three_party_call": "三方通话[：{with}]",
    "notice.delivered": "移交告知[：{delivery}]",
    "counter.sent": "综治中心反向交办[：{from}]",
    "counter.dispatched": "反向交办紧急情况，已转警情并派警",
    "counter.accepted": "派出所签收反向交办",
    "counter.returned": "反向交办退回[：{reason_code}]",
    "counter.done": "反向交办反馈结果",
    "order.to_verify": "交办单报结[：{how}]",
    "order.verify_failed": "核查未通过[（第{times}次）]，继续办理",
    "order.contact_tried": "核查联系未果[（{mode}）]",
    "order.lost_proposed": "提请按失去联系办结",
    "order.lost_refused": "未同意按失去联系办结",
    "order.lost_withdrawn": "已提交核查结果，按失去联系办结的提请撤回",
    "order.done": "交办单核查办结[：{how}]",
    "order.extension_asked": "申请延期",
    "order.extended": "同意延期",
    "order.extension_refused": "未同意延期",
    "session.convened": "约定调解[{number}]",
    "session.held": "调解[：{result}]",
    "session.cancelled": "调解取消",
    "mediation.failed": "调解未果",
    "agreement.concluded": "达成[{form}]协议[{number}]",
    "agreement.breached": "协议违约",
    "agreement.performed": "协议履行完毕",
    "agreement.confirm_applied": "已申请司法确认",
    "agreement.confirm_declined": "不申请司法确认",
    "agreement.confirm_lapsed": "司法确认期满未申请",
    "performance.kept": "协议约定事项已履行",
    "consultation.requested": "提交会商",
    "consultation.listed": "列入会商[{number}]",
    "consultation.decided": "会商决定[，交{unit}办理]",
    "consultation.done": "会商任务完成",
    "consultation.held": "会商结束",
    "follow_up.planned": "制定回访计划[，共{visits}次]",
    "follow_up.done": "完成回访[（第{number}次）]",
    "follow_up.answered": "记录一方回访",
    "follow_up.unreached": "回访未接通",
    "follow_up.safe_contact": "登记安全联系方式",
    "follow_up.waived": "免除回访",
    "follow_up.missed": "回访逾期",
    "follow_up.answered_badly": "回访发现反复或新的风险",
    "regrade.proposed": "申请降低[{kind}][：{from}][ → {to}]",
    "regrade.rejected": "降级申请未获同意",
    "regrade.overtaken": "降级申请因风险上升自动失效",
    "supervision.proposed": "提出督办建议",
    "supervision.issued": "签发督办[{number}]",
    "supervision.answered": "答复督办",
    "supervision.closed": "督办销号",
    "supervision.sent_back": "督办答复退回",
    "supervision.dropped": "督办不予签发",
    "deadline.warned": "时限提醒[：{clock}]",
    "deadline.breached": "时限超期[：{clock}]",
    "deadline.repeated": "再次提醒[：{clock}]",
    "deadline.alarmed": "超期告警[：{clock}]",
    "deadline.wait_expired": "约定期限已过[：{clock}]",
    "deadline.approval_expired": "审批时限已过[：{clock}]",
    "deadline.written_expired": "补办书面审批时限已过",
    "deadline.paused": "时限暂停[：{clock}]",
    "deadline.resumed": "时限恢复[：{clock}]",
    "deadline.extension_asked": "申请延期[：{clock}]",
    "deadline.extended": "同意延期[：{clock}]",
    "deadline.extension_refused": "未同意延期[：{clock}]",
    "deadline.all_stopped": "案件时限整体暂停[，共{number}个]",
    "deadline.all_resumed": "案件时限恢复计时[，共{number}个]",
    "deadline.recounted": "时限重新计算[：{clock}]",
    "deadline.supervision_due": "达到督办条件[：{clock}]",
    "deadline.naming_due": "达到通报条件[：{clock}]",
    "emergency.offered": "达到应急处置条件[：{ground}]",
    "emergency.begun": "启动应急处置[：{ground}][，现场指挥单位{unit}]",
    "emergency.commander_changed": "更换现场指挥[，现由{unit}担任]",
    "emergency.received": "确认应急处置指令[：{unit}]",
    "emergency.reported": "应急信息报告[：{report}]",
    "emergency.ended": "解除应急处置",
    "follower.failed": "自动流转出错，已转人工核对",
}
# Only some ends of a case count as 化解; the others end it all the same (handbook 4).
NOT_RESOLVED: Final = "案件办结[：{how}]"
BRACKET: Final = re.compile(r"\[([^]]*)]")
FIELD: Final = re.compile(r"\{(\w+)}")
DETAILS: Final = ("sentence", "text", "reason", "suggested")


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the timeline as a person reads it."""

    text: str
    detail: str


def say(event: CaseEvent) -> Said:
    """The sentence of an event, and what somebody wrote with it."""
    data = event.data
    phrase = WORDS.get(event.kind, f"其他留痕（{event.kind}）")
    if event.kind == "case.settled" and data.get("how") not in RESOLVING:
        phrase = NOT_RESOLVED
    text = _filled(phrase, data)
    detail = next((str(data[name]) for name in DETAILS if data.get(name)), "")
    return Said(f"{text}（值班代批）" if data.get("by_duty") else text, detail)


def _filled(phrase: str, data: Mapping[str, Any]) -> str:
    """The phrase with its codes put in; a bracket drops out when one of its codes is missing."""

    def part(match: re.Match[str]) -> str:
        names = FIELD.findall(match[1])
        if any(data.get(name) in (None, "") for name in names):
            return ""
        return FIELD.sub(lambda field: word_of(field[1], data[field[1]]), match[1])

    return BRACKET.sub(part, phrase)


def word_of(name: str, value: Any) -> str:
    """The word of a code under its name in the data."""
    if name == "clock":
        return clock_table.name_of(str(value))
    return str(CHOICES.get(name, {}).get(str(value), value))
