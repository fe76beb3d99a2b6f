"""Chinese words of codes that pages show. A code without a word is shown as it is, never hidden.

Names are those of the handbook (sections 3, 4 and 6); a TextChoices label wins over this table.
"""

from __future__ import annotations

from typing import Final

COLOURS: Final = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝"}
LEVELS: Final = {"high": "高", "medium": "中", "low": "低"}

CASE: Final = {
    "pool": "待分派",
    "scene": "现场处置",
    "tracking": "跟踪化解",
    "review": "三推待审批",
    "joint": "联动化解",
    "verifying": "待核查",
    "settled": "已化解(回访中)",
    "closed": "办结",
    "not_dispute": "非纠纷",
    "void": "无效",
    "absorbed": "已并入",
}
ALERT: Final = {
    "awaiting": "待派",
    "dispatched": "已派警",
    "signed": "已签收",
    "arrived": "已到场",
    "reported": "已反馈",
    "none": "不派",
}
ORDER: Final = {
    "proposed": "待审批",
    "rejected": "未批准",
    "sent": "待签收",
    "accepted": "办理中",
    "returned": "已退回",
    "recalled": "已撤回",
    "to_verify": "待核查",
    "done": "已办结",
}
PUSH: Final = {
    "queued": "待汇总下发",
    "issued": "待签收",
    "signed": "已签收",
    "arrived": "已到场",
    "reported": "已反馈",
    "ended": "已终止",
}
FOLLOW_UP: Final = {
    "planned": "未到期",
    "due": "待回访",
    "overdue": "已超期",
    "done": "已回访",
    "waived": "已免访",
}
STATUSES: Final = {"case": CASE, "alert": ALERT, "order": ORDER, "push": PUSH, "follow_up": FOLLOW_UP}

ROLES: Final = {
    "dispatcher": "110接警员",
    "duty_commander": "110值班长",
    "officer": "处警民警",
    "community_officer": "责任民警",
    "station_command": "综合指挥室",
    "station_chief": "派出所领导",
    "bureau": "防控办",
    "political_legal": "政法委",
    "centre": "街道综治中心",
    "county_centre": "县级综治中心",
    "department": "部门承办人",
    "grid_worker": "网格员",
    "mediator": "调解员",
    "leader": "领导",
    "office_clerk": "办公室",
    "system_admin": "系统管理员",
    "security_admin": "安全管理员",
    "auditor": "审计管理员",
}

STAGES: Final = (
    ("接警研判", ("pool",)),
    ("现场处置", ("scene",)),
    ("跟踪化解", ("tracking", "review")),
    ("联动化解", ("joint", "verifying")),
    ("化解回访", ("settled",)),
    ("办结", ("closed",)),
)

# A person's details are revealed for one of these reasons only (reliability 4.1).
PURPOSES: Final = (
    ("follow_up", "回访"),
    ("dispatch", "出警"),
    ("paper", "制作文书"),
    ("identity", "核实身份"),
)

# Words of the fields whose typed text a refused form gives back; the frame's own fields have none.
FIELDS: Final = {
    "narrative": "警情内容",
    "text": "内容",
    "reason": "理由",
    "address": "地址",
    "name": "姓名",
    "phone": "电话",
    "q": "搜索内容",
    "facts": "基本事实",
    "causes": "原因分析",
    "risk": "风险研判",
    "work_done": "已做工作",
    "suggestions": "意见建议",
}
SILENT_FIELDS: Final = frozenset({"row_version", "next", "post", "username", "cursor", "purpose"})
