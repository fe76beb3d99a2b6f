"""Living gallery of the components, served in embedded settings only: what a page is built from.

People, phones and places are invented.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace as Sample
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from . import time


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component with realistic data; `?wall=1` shows the wall, `?panel=1` the open side panel."""
    return render(request, "components/gallery.html", sample(time.now(), **request.GET.dict()))


gallery.act = "public"  # type: ignore[attr-defined]
gallery.methods = ("GET",)  # type: ignore[attr-defined]


class SampleForm(forms.Form):
    """One field of each kind, as bound forms show them after a refusal."""

    place = forms.CharField(label="在哪里", max_length=200, help_text="写到门牌或路口，民警照此到场。")
    narrative = forms.CharField(label="什么事", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    unit = forms.ChoiceField(label="主责单位", choices=[("", "请选择"), ("1", "市场监管所"), ("2", "司法所")])
    grade = forms.ChoiceField(
        label="等级",
        widget=forms.RadioSelect,
        choices=[("extra_urgent", "特急｜2小时内审批"), ("urgent", "紧急｜12小时内审批"), ("normal", "平急")],
        help_text="特急：2小时内审批，2小时内签收，7日内反馈结果。",
    )
    phone = forms.CharField(label="联系电话", required=False)


def sample(now: datetime, *, wall: str = "", panel: str = "", **_: str) -> dict[str, Any]:
    """Context of the gallery at `now`."""
    form = SampleForm({"place": "", "narrative": "双方为货款争吵，对方扬言砸车。", "grade": "urgent"})
    form.is_valid()
    return {
        **FIXED,
        "now": now,
        "wall": bool(wall),
        "has_panel": bool(panel),
        "actor": _actor(),
        "hub_menu": _menu(),
        "form": form,
        "rows": _rows(now),
        "clocks": _clocks(now),
        "segments": _segments(),
        "phases": _phases(now),
        "figures": _figures(),
        "lanes": _lanes(now),
        "filters": _filters(),
        "chart": _chart(),
    }


FIXED: dict[str, Any] = {
    "actor_posts": [
        Sample(pk=1, unit="象珠派出所", role="officer"),
        Sample(pk=2, unit="象珠派出所", role="station_chief"),
    ],
    "unread_notices": 3,
    "columns": [
        {"title": "编号"},
        {"title": "预警"},
        {"title": "当事人与事由"},
        {"title": "状态", "css": "hub-optional"},
        {"title": "时限"},
        {"title": "在办", "css": "hub-optional"},
        {"title": "下一步", "css": "hub-num hub-actions-cell"},
    ],
    "factors": [{"code": "weapon", "name": "持械"}, {"code": "threat_targeted", "name": "扬言伤害特定人"}],
    "head_figures": [
        {"label": "新增", "value": 18, "url": "?new"},
        {"label": "未化解", "value": 7},
        {"label": "超期", "value": 2},
    ],
    "tabs": [
        {"title": "已超时", "url": "#", "count": 2, "is_current": True},
        {"title": "今天", "url": "#", "count": 5},
        {"title": "本周", "url": "#", "count": 11},
    ],
    "facts": [("地址", "象珠镇清渭街88号"), ("来源", "110"), ("标的", "48,000元"), ("已有程序", "无")],
    "visited": ["scene", "tracking"],
}


def _actor() -> Sample:
    return Sample(user=Sample(full_name="陈立"), post=Sample(pk=1, unit="象珠派出所"), role_name="责任民警")


def _menu() -> list[dict[str, Any]]:
    entries = (
        ("工作台", "layout-dashboard", 0),
        ("跟踪化解台账", "list-check", 23),
        ("待核查", "clipboard-check", 4),
        ("回访", "phone-call", 9),
        ("调解", "users", 2),
        ("案件查询", "search", 0),
    )
    return [
        {"title": title, "icon": icon, "count": count, "url": "#", "is_current": place == 1}
        for place, (title, icon, count) in enumerate(entries)
    ]


def _clock(now: datetime, gone: timedelta, left: timedelta, state: str = "open") -> dict[str, Any]:
    return {"starts_at": now - gone, "due_at": now + left, "state": state}


def _clocks(now: datetime) -> list[dict[str, Any]]:
    hour = timedelta(hours=1)
    return [
        _clock(now, hour, 3.2 * hour),
        _clock(now, 10 * hour, hour * 1.5),
        _clock(now, 60 * hour, -28 * hour),
        _clock(now, 60 * hour, -28 * hour, "met"),
    ]


def _rows(now: datetime) -> list[dict[str, Any]]:
    clocks = _clocks(now)
    told = (
        (
            "red",
            "high",
            "scene",
            "吕某 / 应某",
            "还款纠纷，一方从车内取出菜刀，扬言同归于尽，20:10刚处置过",
            "签收",
        ),
        (
            "orange",
            "medium",
            "tracking",
            "胡某 / 建筑公司",
            "工友十三人讨要工资48万元，在公司大厅不走",
            "约调解",
        ),
        ("yellow", "low", "joint", "楼某 / 楼上住户", "楼上早七点装修砸墙，邻里推搡，未受伤", "催办"),
        ("blue", "low", "settled", "徐某 / 口罩店", "购买口罩质量问题要求退换，当场化解", "回访"),
    )
    return [
        {
            "no": f"330784-XZ-20261121-{place + 1:04d}",
            "colour": colour,
            "level": level,
            "status": status,
            "parties": parties,
            "about": about,
            "next": following,
            "clock": clocks[place],
            "days": place * 3 + 1,
        }
        for place, (colour, level, status, parties, about, following) in enumerate(told)
    ]


def _segments() -> list[dict[str, Any]]:
    return [
        {"text": "报警人称对方欠款不还，双方在清渭街争吵，对方", "factor_codes": []},
        {"text": "从车里拿出一把菜刀", "factor_codes": ["weapon"]},
        {"text": "，", "factor_codes": []},
        {"text": "说要砍死他全家", "factor_codes": ["threat_targeted"]},
        {"text": "，现被旁人拉开。备注：<script>alert(1)</script>", "factor_codes": []},
    ]


def _phases(now: datetime) -> list[dict[str, Any]]:
    hour = timedelta(hours=1)
    return [
        {
            "name": "初期",
            "events": [
                {
                    "at": now - 30 * hour,
                    "who": "110接警员",
                    "text": "接报警情",
                    "detail": "电话报警，地址清渭街88号。",
                },
                {"at": now - 29.9 * hour, "who": "系统", "text": "研判为红色并一推象珠派出所"},
                {"at": now - 29.8 * hour, "who": "象珠派出所 处警民警 李成", "text": "签收一推", "url": "#"},
            ],
        },
        {
            "name": "中期",
            "events": [
                {
                    "at": now - 26 * hour,
                    "who": "象珠派出所 责任民警 陈立",
                    "text": "电话联系双方",
                    "detail": "一方同意调解，另一方要求先付一半货款。",
                },
            ],
        },
    ]


def _figures() -> list[dict[str, Any]]:
    told = (
        ("今日警情", 36, "起", "环比 +4", "本所当日 00:00 起受理"),
        ("日清率", "92.3", "%", "环比 +1.2 百分点", "应清 26 起，已清 24 起"),
        ("按时办结率", "95.0", "%", "—", "到期 20 起，按时 19 起"),
        ("重复报警率", "11.9", "%", "同比 -0.8 百分点", "纠纷警情 126 起，重复 15 起"),
        ("化解率 / 办结率", "86.1", "% / 91.7%", "经回访核实 84.0%", "本期推送 72 起"),
    )
    names = ("label", "value", "unit", "change", "base")
    return [{**dict(zip(names, row, strict=True)), "url": "#"} for row in told]


def _lanes(now: datetime) -> list[dict[str, Any]]:
    rows = _rows(now)
    names = ("待签收", "办理中", "待核查", "已办结", "已退回")
    return [
        {"title": name, "count": len(rows[place : place + 2]), "cards": rows[place : place + 2]}
        for place, name in enumerate(names)
    ]


def _filters() -> list[dict[str, Any]]:
    colours = [("red", "红"), ("orange", "橙"), ("yellow", "黄"), ("blue", "蓝")]
    return [
        {"name": "colour", "label": "预警", "choices": colours, "value": "red"},
        {
            "name": "status",
            "label": "状态",
            "choices": [("tracking", "跟踪化解"), ("joint", "联动化解")],
            "value": "",
        },
        {"name": "since", "label": "受理日期", "type": "date", "value": ""},
    ]


def _chart() -> dict[str, Any]:
    days = [f"11-{day}" for day in range(15, 22)]
    series = (("红", "red", [1, 0, 2, 0, 1, 0, 1]), ("橙", "orange", [3, 2, 4, 3, 2, 5, 3]))
    more = (("黄", "yellow", [8, 9, 7, 11, 8, 10, 9]), ("蓝", "blue", [22, 19, 24, 20, 23, 21, 18]))
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"left": 0, "top": 0},
        "xAxis": {"type": "category", "data": days},
        "yAxis": {"type": "value"},
        "series": [
            {"name": name, "risk": risk, "type": "bar", "stack": "all", "barMaxWidth": 32, "data": counts}
            for name, risk, counts in (*series, *more)
        ],
    }
