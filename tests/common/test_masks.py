"""Masks of the handbook, and redaction of free text measured on seeded strings (bad-input 56)."""

import random
import string

import pytest

from dispute_hub.common.masks import mask_address, mask_id, mask_name, mask_phone, redact

SIZE = 2_000
ABC = string.ascii_lowercase
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
FRAMES = [
    "报警人称对方多次上门催讨，留下{}后离开。",
    "联系方式{}，请民警尽快联系",
    "{}，双方因停车发生口角",
    "其丈夫（{}）酒后到店里闹事",
    "当事人说：“{}就是他的”，现场无人受伤。",
    "纠纷起因是货款，{}。",
]


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳修", "欧阳*"),
        ("司马相如", "司马**"),
        ("欧阳", "欧*"),
        ("买买提·艾力", "买**"),
        ("𠮷田", "𠮷*"),
        ("张", "张*"),
        (" 李四 ", "李*"),
        ("", ""),
    ],
)
def test_names_keep_the_surname(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("0579-87112233", "057****2233"),
        ("87112233", "****33"),
        ("110", "****"),
        ("", ""),
    ],
)
def test_phones_keep_three_and_four(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


def test_id_numbers_keep_three_and_one_at_a_fixed_length() -> None:
    assert mask_id("11010519491231002X") == "110**************X"
    assert len(mask_id("110105491231002")) == len(mask_id("11010519491231002X"))
    assert mask_id("") == ""


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("永康市丽州北路88号3幢201室", "永康市丽州北路***"),
        ("永康市象珠镇象珠一村12号", "永康市象珠镇象珠一村***"),
        ("象珠镇阳光小区３幢２单元", "象珠镇阳光小区***"),
        ("解放街十二号", "解放街***"),
        ("象珠镇", "象珠镇"),
        ("金胜国际大厦A座1201", "***"),
        ("永康市金胜国际大厦", "永康市***"),
        ("", ""),
    ],
)
def test_addresses_stop_at_community_or_road(address: str, masked: str) -> None:
    assert mask_address(address) == masked


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def _grouped(rng: random.Random, text: str, sizes: list[int]) -> str:
    joint, parts = rng.choice(["", "", " ", "-"]), []
    for size in sizes:
        parts.append(text[:size])
        text = text[size:]
    return joint.join(parts)


def _mobile(rng: random.Random) -> str:
    number = "1" + rng.choice("3456789") + _digits(rng, 9)
    written = _grouped(rng, number, [3, 4, 4])
    written = rng.choice(["", "", "+86", "+86 ", "86"]) + written
    return written.translate(FULL_WIDTH) if rng.random() < 0.15 else written


def _landline(rng: random.Random) -> str:
    area = rng.choice(["0579", "010", "021", "0571", "0755"])
    written = rng.choice([f"{area}-", f"({area})", f"{area} ", area])
    return written + rng.choice("2345678") + _digits(rng, 7)


def _born(rng: random.Random) -> str:
    return f"{rng.randint(1935, 2012)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"


def _id_18(rng: random.Random) -> str:
    number = rng.choice(["330784", "999900", "110105"]) + _born(rng) + _digits(rng, 3)
    number = _grouped(rng, number + rng.choice("0123456789Xx"), [6, 8, 4])
    return number.translate(FULL_WIDTH) if rng.random() < 0.1 else number


def _id_15(rng: random.Random) -> str:
    return rng.choice(["330784", "110105"]) + _born(rng)[2:] + _digits(rng, 3)


def _card(rng: random.Random) -> str:
    body = rng.choice(["622202", "621700", "622848", "623052"]) + _digits(rng, rng.choice([9, 12]))
    for last in string.digits:
        total = 0
        for place, digit in enumerate(reversed(body + last)):
            value = int(digit) * (1 + place % 2)
            total += value - 9 if value > 9 else value
        if total % 10 == 0:
            return _grouped(rng, body + last, [4, 4, 4, 4, 3]).rstrip(" -")
    raise AssertionError("one of ten digits fits")


def _plate(rng: random.Random) -> str:
    tail = "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=1)) + _digits(rng, rng.choice([4, 5]))
    return rng.choice("浙京沪苏闽粤") + rng.choice("ABCGK") + rng.choice(["", "·", " "]) + tail


def _wechat(rng: random.Random) -> str:
    cue = rng.choice(["微信", "微信号：", "微信号是", "vx:", "VX ", "wx：", "加v信 ", "微信ID:"])
    return cue + rng.choice(ABC) + "".join(rng.choices(ABC + string.digits + "_-", k=rng.randint(6, 15)))


PERSONAL = [_mobile, _landline, _id_18, _id_15, _card, _plate, _wechat]


def _secret(text: str) -> str:
    """What must not survive: the middle of the number or id, whatever its writing."""
    core = text.split("：")[-1].split(":")[-1]
    return core[len(core) // 2 - 2 : len(core) // 2 + 2]


def test_recall_is_at_least_98_percent() -> None:
    rng = random.Random(20261121)
    leaked = []
    for number in range(SIZE):
        secret = PERSONAL[number % len(PERSONAL)](rng)
        sentence = rng.choice(FRAMES).format(secret)
        assert _secret(secret) in sentence
        if _secret(secret) in redact(sentence):
            leaked.append((sentence, redact(sentence)))
    assert len(leaked) <= SIZE * 0.02, leaked[:20]


HARMLESS = [
    lambda rng: f"欠款{rng.randint(100, 99_999_999)}元",
    lambda rng: f"{rng.randint(2000, 2027)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日",
    lambda rng: f"{rng.randint(2000, 2027)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02} 08:30:05",
    lambda rng: f"{rng.randint(1, 30)}幢{rng.randint(1, 4)}单元{rng.randint(101, 3301)}室",
    lambda rng: f"警情编号J330784{rng.randint(2020, 2026)}{rng.randint(1, 12):02}{_digits(rng, 8)}",
    lambda rng: f"案件编号330784{rng.randint(2020, 2026)}1121{_digits(rng, 4)}",
    lambda rng: f"订单号{rng.randint(10**18, 2 * 10**18)}",
    lambda rng: f"快递单号SF{_digits(rng, 13)}",
    lambda rng: f"身高{rng.randint(150, 190)}厘米，{rng.randint(18, 90)}岁",
    lambda rng: f"坐标120.{_digits(rng, 6)},28.{_digits(rng, 6)}",
    lambda rng: f"微信转账{rng.randint(100, 9999)}元未到账",
    lambda rng: f"型号{rng.choice(['XR', 'GT', 'A'])}{rng.randint(100, 9999)}",
    lambda rng: "京东自营店，云南白药三盒，川菜馆",
    lambda rng: f"{rng.randint(1, 99)}人聚集，持续{rng.randint(1, 9)}小时，拨打110和12345",
    lambda rng: f"合同编号HT-{rng.randint(2019, 2026)}-{_digits(rng, 4)}",
]


def test_false_hits_are_at_most_2_percent() -> None:
    rng = random.Random(42)
    changed = []
    for number in range(SIZE):
        sentence = rng.choice(FRAMES).format(HARMLESS[number % len(HARMLESS)](rng))
        if redact(sentence) != sentence:
            changed.append((sentence, redact(sentence)))
    assert len(changed) <= SIZE * 0.02, changed[:20]


@pytest.mark.parametrize("text", ["1" * 50_000, "a" * 50_000, "微信" * 25_000, "浙A" * 25_000, "1 " * 25_000])
def test_redaction_of_hostile_text_is_linear(text: str) -> None:
    import time

    started = time.perf_counter()
    redact(text)
    assert time.perf_counter() - started < 0.5


def test_two_mentions_of_one_number_still_look_alike() -> None:
    assert redact("13812345678 又用 138 1234 5678 来电") == "138****5678 又用 138****5678 来电"
