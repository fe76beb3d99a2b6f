"""The narrative made uniform without moving a character, so that every offset stays true in the original."""

import re

_FULL = {0xFF01 + shift: 0x21 + shift for shift in range(94)}
_MARKS = {ord(char): "。" for char in "。!?；;！？\n\r…"} | {ord(char): "," for char in "，,:：\t"}
_MARKS |= {ord(char): '"' for char in "“”‘’「」『』《》\"'"} | {0x3000: " "}
# The traditional forms that alerts of overseas Chinese and of older typists carry; one to one by design.
_TRADITIONAL = (
    "報警稱說話過還沒來對給讓與為個們錢開關門車員處東棟樓鄰後麼時間現場請協調糾紛爭執動殺傷斷腳頭臉腫喝醫院護"
    "媽爺爸兒孫親戶號認識買賣價貨債賬帳領導幾點雙單位電視機腦網絡燒燈鐵鋼鎖鑰牆鬧擾聲響亂罵嚇脅復報讎復婚離"
    "離準許養狗貓鳥樹葉園區縣鎮鄉產業務費壞換裝築結構積極經濟貸債財貢獻運輸輪軌壓闖衝撞絞縫紅藍黃橙"
    "綠總頂臺灣邊進遠近達連選舉擇護衛隊團體證據筆錄簽訂續滿號歲齡學習師範圍堵塞揚言劃傷害殘廢氣罐爐瓶"
)
_SIMPLIFIED = (
    "报警称说话过还没来对给让与为个们钱开关门车员处东栋楼邻后么时间现场请协调纠纷争执动杀伤断脚头脸肿喝医院护"
    "妈爷爸儿孙亲户号认识买卖价货债账帐领导几点双单位电视机脑网络烧灯铁钢锁钥墙闹扰声响乱骂吓胁复报仇复婚离"
    "离准许养狗猫鸟树叶园区县镇乡产业务费坏换装筑结构积极经济贷债财贡献运输轮轨压闯冲撞绞缝红蓝黄橙"
    "绿总顶台湾边进远近达连选举择护卫队团体证据笔录签订续满号岁龄学习师范围堵塞扬言划伤害残废气罐炉瓶"
)
_TABLE: dict[int, str | int] = {**_FULL}
_TABLE |= {ord(old): new for old, new in zip(_TRADITIONAL, _SIMPLIFIED, strict=True)}
_TABLE |= dict(_MARKS)
_UPPER = {code: code + 32 for code in range(65, 91)}
_TABLE |= _UPPER
_TABLE |= {0xFF21 + shift: 0x61 + shift for shift in range(26)}

_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")
MASK = "□"


def uniform(narrative: str) -> str:
    """Width, case, traditional forms and marks made one; same length as the narrative.

    Sentence ends become 。 and clause marks become a comma.
    """
    text = narrative.translate(_TABLE)
    if len(text) != len(narrative):  # pragma: no cover - the table is one to one
        raise AssertionError("the table moved a character")
    if "." in text:
        text = _DOT.sub("。", text)
    return text


def masked(text: str, harmless: re.Pattern[str]) -> str:
    """The text with idioms and harmless compounds blanked, same length."""
    return harmless.sub(lambda match: MASK * len(match[0]), text)
