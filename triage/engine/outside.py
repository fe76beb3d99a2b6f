"""Whether an alert is a dispute at all: two sides that disagree, or police work and enquiries without one."""

import re

from triage.engine.reading import Reading

# What makes police work of it; the weight says how sure the words alone are.
_OUTSIDE: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"走失|走丢|失踪|找不到人|帮忙找人|找人|未归|没回(?:来|家)|至今未回|联系不上.{0,8}(?:家人|孩子|老人)|寻人|失联|迷路|跑丢|离家出走|还没到家|找不着家"), 5),
    (re.compile(r"遗失|丢失|丢了|落在|忘在|遗落|失物|找不见|不见了|掉在|忘拿|帮忙找(?!人)|捡到|拾到|拾得"), 4),
    (re.compile(r"追尾|剐蹭|刮蹭|蹭到|蹭了|撞(?:上|到)(?:护栏|隔离|树|路灯|电线杆|墙)|单方事故|轻微碰撞|事故认定书|认定书|抛锚|车祸|交通事故"), 3),
    (re.compile(r"误拨|打错|误触|误报|拨错|按错|口袋里|没有事,|无人应答|孩子玩手机|小孩乱按|无声电话|拨号测试|试打"), 7),
    (re.compile(r"被偷|被盗|盗窃|小偷|失窃|扒窃|偷走|撬(?:锁|门)(?:偷|进)|入室|偷东西|电瓶.{0,4}没了|偷了"), 6),
    (re.compile(r"电信诈骗|诈骗电话|刷单|冒充|杀猪盘|诈骗|被骗|验证码|反诈|网络诈骗|陌生(?:来电|电话|短信|链接)|公检法|安全账户|客服退款"), 5),
    (re.compile(r"(?:咨询|询问|想问|请问|打听).{0,24}(?:材料|手续|流程|怎么办理|如何办理|办理|上班时间|地址|电话|证件|身份证|户口|落户|居住证|护照|驾驶证|补办|在哪里办|营业时间|开具|证明)"), 6),
    (re.compile(r"着火|起火|失火|冒烟|火灾|火情|冒浓烟|烧起来"), 5),
    (re.compile(r"溺水|落水|被困|晕倒|昏倒|坠楼|中暑|突发疾病|突然倒地|抽搐|心脏病|求助开锁|反锁在|忘带钥匙|门锁打不开|钥匙(?:断|忘)|马蜂窝|蜂窝|有蛇|一条蛇|流浪|野猪|开锁"), 5),
    (re.compile(r"打游戏|网游|打网游|手游|排练|看球|喝喜酒|放鞭炮|电视剧|演习"), 4),
    (re.compile(r"路灯(?:不亮|坏)|红绿灯|信号灯|井盖(?:丢|没|缺)|树(?:倒|枝掉|断)|电线(?:掉|垂|断)|路面(?:塌|积水)|积水|倒在路上|道路遗撒|交通拥堵|堵车|违停|违章停车|占道停"), 3),
    (re.compile(r"赌博|聚赌|卖淫|嫖娼|吸毒|传销|举报(?!邻居|楼上)|线索|可疑(?:人员|车辆|物品)|酒驾|醉驾"), 4),
    (re.compile(r"感谢|表扬|锦旗|送还|归还失主|已当场告知|给了清单|宣传|防范|求助|护送|迷路|送医|问路|带路"), 3),
    (re.compile(r"没(?:有)?(?:跟|和|与)(?:谁|人|任何人)(?:闹|有|发生|产生)?<?(?:矛盾|纠纷|冲突|争执|吵)|无(?:矛盾|纠纷|争议)|没有(?:别的|其他)车|自己(?:车|摔|倒)|双方(?:均|都)?无(?:异议|争议)|没有异议|均无异议|不追究责任"), 4),
)
# What shows two sides that disagree.
_DISPUTE = re.compile(
    r"吵|争执|争起来|又争|争了|争吵|纠纷|理论|说法|不肯|不给(?!力)|不退|不同意|不认(?!识)|不让(?!孩子)|不还|没还|不赔|不付|不换|不承认|不接受|说不拢|谈不拢|讲不拢|没谈拢|谈不下|僵|拒绝|推脱|推诿|互相推|都说不归|拖着|拖欠|拖了|欠(?!费停)"
    r"|要求退|要求赔|要求换|要求删|想退|退钱|退款|赔偿|索赔|赔多少|怎么赔|理赔|补偿|扣押金|扣了|乱收|多收|多算|少给|克扣|反悔|扰民|吵得|太吵|投诉|反映|不满|有意见|不服|偏心|闹|骂|威胁|扬言|打了|打伤|推搡|推了|殴打|砸|纠缠|骚扰"
    r"|跟踪|分手|离婚|占用|占了|堵|漏水|渗水|渗漏|不管|不修|没人管|没给|没发|没结|没退|不作为|不公|调解|协商|协调|口角|矛盾|分歧|追讨|讨要|讨债|要债|要账|要帐|工资|工钱|彩礼|家暴|不拴|没拴|噪音|噪声|臭|油烟|不签|不履行"
    r"|违约|毁约|索要|维权|不走|围|造谣|闲话|曝光|界|抢占|抢走|接走|带走|断水|断电|换锁|涨价|涨租|清退|赶出|赶走|不搬|不清|不改|照旧|还是照|叫停|停一停|误诊|责任在|公示|收费依据|没效果|不公开|辞退|不续|押金|要求.{0,10}(?:处理|解决|停止|整改|拆除|恢复|道歉)|跳|刀|掐"
)
_NO_QUARREL = re.compile(
    r"没(?:有)?(?:跟|和|与)(?:谁|人|任何人|别人)[^,。]{0,4}(?:矛盾|纠纷|冲突|争执|吵)|没(?:有)?纠纷|无纠纷|不存在纠纷|没有(?:矛盾|争执|冲突)|无异议|没有异议|未发现(?:纠纷|异常)"
)
_SERVICE = re.compile(r"窗口咨询|来窗口咨询|已当场告知|给了清单|咨询.{0,20}(?:材料|手续|流程|怎么办理)")
URGENT_FIRST = re.compile(r"溺水|落水|坠楼|着火|起火|火灾|火情|爆炸|被困|昏迷|昏倒|晕倒|抢劫|绑架|人受伤|伤亡|抽搐|倒地|心脏|正在(?:偷|撬|抢)|泄漏|中毒|大出血")
URGENT_SECOND = re.compile(r"走失|走丢|失踪|没回(?:来|家)|失联|找人|未归|被盗|被偷|入室|盗窃|诈骗|被骗|追尾|事故|刷单|酒驾|醉驾|喊|砍|救|蛇|开锁|反锁")


def is_dispute(reading: Reading, item_score: float, grave: bool, fiction: bool) -> bool:
    """Whether two sides disagree; `grave` says that a red or orange factor of a conflict stands."""
    if fiction:
        return False
    text = reading.text
    outside = sum(weight for pattern, weight in _OUTSIDE if _said(pattern, reading))
    quarrel = {match[0] for match in _DISPUTE.finditer(reading.plain)
               if reading.holds(match.start(), match.end(), "topic")}
    if _NO_QUARREL.search(text) and outside and not grave:
        return len(quarrel) > 3
    if _SERVICE.search(text) and len(quarrel) <= 1:
        return False
    if grave:
        return True
    strength = 2.2 * len(quarrel) + min(item_score, 8.0) * 0.35
    if not quarrel and outside:
        return False
    return strength > outside if outside else bool(quarrel) or item_score >= 3


def _said(pattern: re.Pattern[str], reading: Reading) -> bool:
    match = pattern.search(reading.text)
    return match is not None


def urgency(text: str) -> str:
    """一级 for danger to life, 二级 for what must be met soon, 三级 for the rest."""
    if URGENT_FIRST.search(text):
        return "first"
    return "second" if URGENT_SECOND.search(text) else "third"
