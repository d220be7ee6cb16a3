"""Made-up complaints: words as common and as rare as in real texts (Zipf), sentences of our own, half Chinese."""

import random
from dataclasses import dataclass
from itertools import accumulate


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_PARTS = _words("""
pump seal shaft motor valve display cable filter hose bearing switch battery charger door handle hinge lamp sensor
housing cover screw gasket fan belt gear brake clutch pedal mirror window lock key screen button board plug socket
leak crack break smoke burn rattle vibrate stop start fail drop lose turn open close stick jam rust peel fade smell
customer dealer driver technician workshop factory line batch box pallet label manual invoice delivery warranty
after before during while when again twice always never still since until morning night week month year
loud hot cold wet dry loose tight black red yellow wrong missing broken empty dirty late new old same
""")
_ZH_PARTS = _words("""
水泵 密封 轴承 电机 阀门 显示屏 电缆 滤芯 软管 开关 电池 充电器 车门 把手 灯泡 传感器 外壳 螺丝 垫片 风扇
皮带 齿轮 刹车 离合器 后视镜 车窗 门锁 钥匙 屏幕 按钮 线路板 插头 漏水 漏油 断裂 冒烟 烧毁 异响 抖动 停机
启动 失灵 脱落 打不开 卡住 生锈 掉漆 褪色 异味 黑屏 客户 经销商 司机 技师 车间 工厂 生产线 批次 包装 标签
说明书 发票 送货 保修 之后 之前 期间 再次 两次 一直 从未 仍然 早上 晚上 上周 上月 声音大 过热 冰凉 潮湿 松动
发红 发黄 错误 缺少 损坏 空的 脏污 迟到 新的 旧的 相同
""")
_SYLLABLES = _words("""
ba be bi bo da de di do fa fe ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe ra re ri ro sa se si so ta te ti
to va ve vi
""")
_CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全"
    "表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象"
)
FAMILIES = tuple(f"{name} {n}" for name in ("Pump", "Fan", "Valve", "Drive") for n in range(1, 51))
DEFECTS = tuple(f"{what}_{how}" for what in _PARTS[:25] for how in ("leak", "noise", "crack", "failure"))


@dataclass(frozen=True)
class Vocabulary:
    """Words by rank; `pick` takes them as often as Zipf's law has it (exponent 1)."""

    words: tuple[str, ...]
    weights: tuple[float, ...]

    def pick(self, chance: random.Random, n: int) -> list[str]:
        return chance.choices(self.words, cum_weights=self.weights, k=n)


def vocabulary(parts: tuple[str, ...], made: list[str]) -> Vocabulary:
    words = tuple(dict.fromkeys([*parts, *made]))
    return Vocabulary(words, tuple(accumulate(1 / (rank + 3) for rank in range(len(words)))))


def english() -> Vocabulary:
    chance = random.Random(1)
    return vocabulary(_PARTS, ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(40_000)])


def chinese() -> Vocabulary:
    chance = random.Random(2)
    return vocabulary(
        _ZH_PARTS, ["".join(chance.choices(_CHARACTERS, k=chance.choice((2, 2, 2, 3)))) for _ in range(30_000)]
    )


def english_text(words: Vocabulary, chance: random.Random) -> str:
    sentences = (" ".join(words.pick(chance, chance.randint(6, 14))) for _ in range(chance.randint(2, 6)))
    return ". ".join(sentence.capitalize() for sentence in sentences) + "."


def chinese_text(words: Vocabulary, chance: random.Random) -> str:
    sentences = ("".join(words.pick(chance, chance.randint(4, 9))) for _ in range(chance.randint(2, 5)))
    return ",".join(sentences) + "。"
