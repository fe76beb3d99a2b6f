"""What the parts and fields of a rule set are called on a page."""

from __future__ import annotations

from typing import Final

from triage.selectors._grammar_words import grammar_name

KIND_NAMES: Final[dict[str, str]] = {
    "factor": "危险因素",
    "learned": "学习部分",
    "harmless": "无害词语",
    "lexicon": "词表",
    "stages": "情景词",
    "thresholds": "阈值",
    "items": "事项线索",
    "advice": "告知用语",
    "grammar": "句读词",
}
KIND_HELP: Final[dict[str, str]] = {
    "factor": "每个因素的最低预警色、分值和识别词语。多个因素同时出现，取最高的预警色。",
    "learned": "从仓库内语料训练的小模型：给事项排序，确认或质疑词语，不单独决定预警色。这里选模型和门槛。",
    "harmless": "习惯说法和无害用法，读警情前先遮去，其中的字不会触发任何因素。",
    "lexicon": "一组同类词，在词语中用 {名称} 引用；词表之间可以互相引用，但不能成环。",
    "stages": "判断是否已经说和、是否虚惊的词语。",
    "thresholds": "金额、人数、天数、次数的界线。",
    "items": "每行一条线索：行首写权重，空一格写词语；| 或，& 并且，! 除外。",
    "advice": "给处警民警看的话：降级条件、各色处置提示、因素提示。每行一句。",
    "grammar": "读句子用的词：否定、过去、担心、听说，以及谁对谁做了什么。改动影响全部因素，请多试几条。",
}
PART_NAMES: Final[dict[str, str]] = {
    "lexicon/spouse": "配偶", "lexicon/kin": "直系亲属", "lexicon/sibling": "兄弟姐妹和旁系亲属",
    "lexicon/lover": "恋爱对象", "lexicon/stranger": "家庭以外的人", "lexicon/self": "报警人自己",
    "lexicon/person": "人称", "lexicon/blade": "刀具", "lexicon/club": "棍棒和钝器",
    "lexicon/fuel": "易燃易爆物", "lexicon/hold": "拿持动作", "lexicon/child": "孩子",
    "lexicon/quarrel_over": "争执动作", "lexicon/helper": "调处人员",
    "lexicon/not_kept": "没有兑现", "lexicon/promise": "约定和承诺", "lexicon/quarrel_on": "持续争执",
    "lexicon/years_on": "多年", "lexicon/labour": "劳务和用工", "lexicon/salary": "工资款",
    "lexicon/door": "门和通道", "lexicon/reported": "报过警或反映过", "lexicon/lately": "近期",
    "lexicon/in_vain": "没有结果", "lexicon/go_between": "调解说和", "lexicon/wreck": "毁坏动作",
    "lexicon/ruined": "毁坏结果", "lexicon/asset": "财物", "lexicon/misery": "不让人安生",
    "lexicon/you": "你我他", "lexicon/saying": "说、写、发消息", "lexicon/edge": "带刃的器物",
    "lexicon/blunt": "钝器", "lexicon/burning": "易燃物", "lexicon/motor": "机动车辆",
    "lexicon/body": "身体部位", "lexicon/minor_word": "未成年人称呼", "lexicon/aged_word": "老年人称呼",
    "lexicon/disabled_word": "残疾和失能说法", "lexicon/pregnant_word": "怀孕说法",
    "lexicon/helpless": "弱势受害人", "lexicon/hurt": "打伤一类", "lexicon/kill": "杀害一类",
    "lexicon/maim": "致残一类", "lexicon/speak": "扬言和说话", "lexicon/near_of_kin": "近亲属",
    "stages/fiction": "游戏影视等虚构", "stages/fiction_shown": "查明是虚构", "stages/settled": "已经说和",
    "stages/unsettled_after": "说和后又反复",
    "advice/lower": "降一级的条件", "advice/colour": "各预警色的处置提示",
    "advice/factor": "各因素的处置提示", "advice/item_class": "各类事项的处置提示",
    "advice/sentence": "一句话结论", "advice/urgency": "紧急程度的叫法",
    "grammar/reading": "断句、否定、过去和转述", "grammar/violence": "谁对谁动手",
    "grammar/harm": "伤情和受害人", "grammar/facts": "次数、人数和金额", "grammar/outside": "是否纠纷",
    "grammar/choosing": "事项取舍", "grammar/spelling": "方言和错别字",
}  # fmt: skip
FIELD_NAMES: Final[dict[str, str]] = {
    "code": "代码", "name": "名称", "short": "简称", "floor": "最低预警色", "points": "分值",
    "reason": "依据", "why": "依据", "model": "学习模型", "sure_from": "认定门槛",
    "doubt_below": "存疑门槛",
    "patterns": "识别词语", "hints": "提示词语",
    "find": "识别词语", "scope": "识别方式",
    "lead": "前面要有", "near": "同句要有", "unless": "同小句不能有", "requires": "全文要有",
    "context": "全文背景要有", "means": "有手段或在高处", "behaviour": "当前的冲突行为",
    "record": "以往警情里的暴力记录", "words": "词语", "cues": "线索", "weighted": "带权重的词语",
    "large_amount": "大额纠纷（元，含以上）", "crowd_30": "聚集30人因素的人数",
    "crowd_10": "聚集10人因素的人数", "crowd_5": "聚集5人因素的人数", "repeat_within_days": "重复报警：天数",
    "repeat_count": "重复报警：次数", "frequent_within_days": "频繁报警：天数",
    "frequent_count": "频繁报警：次数",
    "grudge_days": "积怨：自首次警情起天数", "aged_from": "老年人：周岁起",
    "minor_below": "未成年人：不满周岁",
    "points_deep": "按本色上限处置的分值", "red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝",
    "outside": "非纠纷", "first": "一级", "second": "二级", "third": "三级", "removed": "删除理由",
}  # fmt: skip
SCOPE_NAMES: Final[dict[str, str]] = {
    "event": "当前发生的事（否定、过去、担心、听说、玩笑不算）",
    "act": "已经动手（只是扬言不算）",
    "speech": "说出的话（带条件的威胁也算）",
    "state": "状态或记录（过去开始的也算）",
    "topic": "争执的话题（只有否认才不算）",
    "any": "出现就算",
}


def field_name(name: str, part: str = "") -> str:
    """The label of a field, of a list of the grammar by its part; a name without one stays itself."""
    kind, _, section = part.partition("/")
    if kind == "grammar":
        return grammar_name(section, name)
    return FIELD_NAMES.get(name, name)
