"""What the words by which sentences are read are called on a page, each with a line of help."""

from __future__ import annotations

from typing import Final

_SPELT: Final = "每项“方言=通用语”，字数相同，以 | 分隔；先换成通用语再识别。"
GRAMMAR_WORDS: Final[dict[str, tuple[str, str]]] = {
    # 断句、否定、过去和转述
    "reading/threat_lead": ("扬言词", "在动作前面出现时只是说说，不算已经动手。"),
    "reading/clause_end": ("小句界", "句子在这里断成小句。"),
    "reading/negator": ("否定词", "后面的事算没有发生。"),
    "reading/negation_ends": ("否定止处", "否定到这里为止，再往后又算发生。"),
    "reading/carry": ("往事开头", "整句都算过去的事，到出现当前词为止。"),
    "reading/past": ("过去词", "所在小句算过去的事。"),
    "reading/present": ("当前词", "出现以后又算当前的事。"),
    "reading/feared": ("担心词", "只是担心、怀疑的事不算发生。"),
    "reading/condition": ("条件词", "“如果”之后的事不算发生。"),
    "reading/hearsay": ("听说和虚构", "整句是听来的、戏里的或别处的事，不算。"),
    "reading/told": ("转述词", "后面的小句是听来的，不算。"),
    "reading/joke": ("玩笑词", "玩笑、口误、气话不算。"),
    "reading/denied_after": ("事后否认", "紧跟在后面时，前面的事算没有发生。"),
    "reading/experience": ("经历用法", "“打过”一类说的是以往的经历。"),
    # 谁对谁动手
    "violence/strong": ("明确动手", "单凭这些词就是动手。"),
    "violence/weak": ("轻微动手", "推搡、拉扯等，算动手但不算殴打。"),
    "violence/animal": ("动物", "做动作的是动物时不算人动手。"),
    "violence/calls": ("报警说法", "跟在称呼后面时，这个人是报警人。"),
    "violence/thing_suffers": ("物品受损", "小句说的是物品受损时不算对人动手。"),
    "violence/objects": ("动作对象是物", "动作后面跟着物品时不算对人动手。"),
    "violence/accident": ("意外", "意外、事故、动物所致不算动手。"),
    "violence/named": ("化名写法", "“王某”“李某某”一类的称呼。"),
    "violence/cruel": ("虐待", "不给吃饭、罚跪等，没有动手也算。"),
    "violence/thing_moved": ("搬动物品", "推倒、搬走东西不算对人动手。"),
    # 伤情和受害人
    "harm/not_by_hand": ("非人为伤", "机器、车祸、手术等所致，不算人身伤害。"),
    "harm/by_animal": ("动物致伤", "被动物咬伤、扑倒，不算人身伤害。"),
    "harm/injury": ("伤情词", "说明有人受伤。"),
    "harm/injury_by_hand": ("人为伤", "词语本身说明是人打的。"),
    "harm/grown_up": ("成年人说法", "带“学生”“孩子”字样但已成年的人。"),
    "harm/order_not_made": ("文书未出具", "在文书前面出现时，告诫书等还没有出具。"),
    "harm/aged": ("老年人", "受害人是老年人的说法。"),
    "harm/minor": ("未成年人", "受害人是未成年人的说法。"),
    "harm/school": ("在校说法", "说明“儿子”“女儿”还未成年。"),
    "harm/child": ("子女称呼", "年龄不明，要看在校说法或岁数。"),
    "harm/parent": ("父母长辈", "同岁数一起判断是否老年人。"),
    "harm/pregnant": ("怀孕", "受害人怀孕的说法。"),
    "harm/disabled": ("残疾和失能", "受害人残疾、行动不便的说法。"),
    "harm/order": ("告诫和保护文书", "告诫书、人身安全保护令等。"),
    "harm/order_asked": ("询问文书", "在文书前面出现时只是咨询或申请。"),
    "harm/approach": ("再次接近", "文书出具后又靠近、纠缠的动作。"),
    "harm/together": ("共同居住", "说明恋爱对象住在一起，按家庭看。"),
    "harm/gas": ("燃气和农药", "用来伤害自己时不算持械。"),
    "harm/forced": ("强行动作", "砸门、打、威胁等，单独出现就算违反文书。"),
    "harm/punished": ("已受处罚", "以往的暴力已经处罚过。"),
    "harm/turned_out": ("查看结果", "到场一看的说法，后面是真相。"),
    "harm/harmless_truth": ("虚惊真相", "练功、排练、切菜等，查明后不算。"),
    "harm/stands_for": ("代指受害人", "动作后面指受害人的字词。"),
    "harm/turns_to": ("转向他人", "出现后动作转到另一个人。"),
    "harm/one_roof": ("同一屋檐", "说明没有称呼的人是家里人。"),
    "harm/couple": ("夫妻说法", "全文说的是夫妻之间的事。"),
    "harm/outsider": ("外人", "出现外人时，“他”“她”不一定是配偶。"),
    # 次数、人数和金额
    "facts/several": ("多次", "调解不止一次的说法。"),
    "facts/onlookers": ("旁观者", "围观、路过的人不计入人数。"),
    "facts/standing": ("到场动作", "说明这些人在场并参与。"),
    "facts/stock": ("固定人数", "单位、小区的总人数，不计入。"),
    "facts/family_size": ("一家几口", "家庭人口不算聚集人数。"),
    "facts/live": ("现场冲突", "说明人群处在冲突之中。"),
    "facts/mishap": ("事故", "人数出自事故时不算聚集。"),
    "facts/other_side": ("对方", "冲突另一方的说法，两方人数相加。"),
    "facts/peaceful": ("和平聚集", "查明是排队、领取等，人数不算聚集。"),
    "facts/house_price": ("标的价格", "房价、产值一类，不是争议金额。"),
    "facts/conflict": ("冲突词", "有冲突时以往的暴力记录才计入。"),
    # 是否纠纷
    "outside/dispute": ("纠纷词", "说明双方有争执。"),
    "outside/nothing_found": ("查无异常", "核实没有纠纷，不按纠纷处理。"),
    "outside/no_quarrel": ("声明无矛盾", "报警人说没有矛盾。"),
    "outside/service": ("窗口服务", "咨询、告知，不按纠纷处理。"),
    "outside/urgent_first": ("一级紧急", "非纠纷警情中要立即出警的。"),
    "outside/urgent_second": ("二级紧急", "非纠纷警情中要尽快出警的。"),
    "outside/weighted": ("非纠纷词", "每行的权重越大，越像非纠纷警情。"),
    # 事项取舍
    "choosing/fire": ("放火爆炸撞人", "以此相威胁的，归危害公共安全事项。"),
    "choosing/high": ("高处和自伤", "以跳楼、喝药等方式的，归扬言极端事项。"),
    "choosing/road": ("道路", "在路上聚集或拦阻的。"),
    "choosing/hospital_school": ("医院和学校", "扰乱医院、学校秩序的。"),
    "choosing/petition": ("党政机关门前", "在机关门前聚集的。"),
    "choosing/noise": ("噪声", "区分噪声纠纷和滋事。"),
    "choosing/aged": ("老年和弱势者", "受害人是老人、病残、孕妇的。"),
    "choosing/staff": ("工作人员", "受害人是店员、保安等。"),
    "choosing/drunk_alone": ("酒后滋事", "酒后闹事、拦人等动作。"),
    "choosing/wounded": ("重伤手段", "捅、砍等手段或重伤。"),
    "choosing/wilful": ("故意毁坏", "故意损毁财物的说法。"),
    "choosing/material": ("钱物起因", "因钱物起的纠纷，优先归民事事项。"),
    "choosing/sex": ("性侵害", "猥亵、性侵一类。"),
    "choosing/pupils": ("同学之间", "学生之间的冲突和欺凌。"),
    "choosing/young": ("未成年人", "受害人未成年的称呼。"),
    "choosing/grown": ("成年加害人", "加害的是成年人。"),
    "choosing/spouse_order": ("配偶和家暴", "违反文书的人是配偶。"),
    "choosing/young_victim": ("未成年受害人", "性侵害的受害人未成年。"),
    "choosing/gate": ("厂门校门", "堵的是门而不是路。"),
    "choosing/struck_staff": ("殴打工作人员", "对店员、保安等动手。"),
    "choosing/brawl": ("打架", "多人互殴的说法。"),
    # 方言和错别字
    "spelling/wu": ("吴语", _SPELT),
    "spelling/north": ("北方话", _SPELT),
    "spelling/southwest": ("西南官话", _SPELT),
    "spelling/south": ("粤语闽语", _SPELT),
    "spelling/slips": ("常见错别字", _SPELT),
}


def grammar_name(section: str, name: str) -> str:
    """The label of a list of the grammar; a list without one stays itself."""
    return GRAMMAR_WORDS.get(f"{section}/{name}", (name, ""))[0]


def grammar_help(section: str, name: str) -> str:
    """What a list of the grammar is for, in one line."""
    return GRAMMAR_WORDS.get(f"{section}/{name}", ("", ""))[1]
