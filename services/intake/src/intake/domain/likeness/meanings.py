"""Chinese complaints and questions are short, and say one thing in many words: these are read as one.

A line is a meaning and the ways of writing it, longest match first. Words that only bind or soften are left out. The
language is that of customer service; what is not known here stays as it is, character by character.
"""

from collections.abc import Iterator

from intake.domain.search.words import folded, is_east_asian, runs

_MEANINGS = """
how 怎么样 怎么 怎样 如何 咋样 咋办 咋 怎么办 怎办 怎么弄 方法 方式 办法
why 为什么 为啥 为何 怎么回事 咋回事 什么原因 啥原因 干嘛 干吗 怎么会 为甚么 是什么原因 怎么搞的
what 什么 啥 甚么 哪些
when 什么时候 啥时候 何时 几时 多久 多长时间 几天 几点 多少天 多少时间 什么时间 啥时间 多长 时候
how-much 多少 几 多大
where 在哪里 在哪儿 在哪 哪里 哪儿 从哪 那里 地方 位置 地点
can 能不能 可不可以 能否 可否 是否可以 可以 能够 能
cannot 不可以 不能 无法 没法 不了 没办法 不让 不给 不到 不上 不出 不成功 失败 不通过 未通过 未成功 没成功 没通过 不行
no 没有 没 无 未 不 非 别 莫 无须 不用 不会
close 关闭 关掉 关了 取消 注销 解除 停用 停止 关 退出 解绑 禁用 封了 封
open 开通 开启 打开 启用 激活 申请 办理 开 办
raise 提高 提升 增加 增长 提额 调升 上调 升高 涨 升级 变高
lower 降低 下降 减少 下调 变少 变低
change 更改 更换 修改 变更 换成 换 改成 改 调整
delay 延迟 延期 推迟 推辞 延后 延长 晚 迟 延伸 拖 缓
early 提前 提早 先
repay 还款 还钱 还清 结清 偿还 还完 还了 还上 归还 付清 还
borrow 借款 贷款 借钱 借出 借 贷 放款 下款
money 资金 金额 钱 款项 款
view 查看 查询 查到 查找 看到 看见 查 看 找到 找
call 电话 来电 打电话 拨打 接听 致电
number 手机号码 手机号 电话号码 号码
account 账号 帐号 账户 帐户 户头
pay 付款 支付 付钱 缴费 缴纳 交费 充值 付 缴 交 充 消费
deduct 扣款 扣费 扣钱 划款 扣了 扣 划扣
use 使用 用了 用
fee 费用 手续费 收费 花费 利率 利息 日息 费率
show 显示 提示 提醒 通知 消息 短信
give-back 退款 退货 退钱 退还 退回 退
late 逾期 超期 过期 超时
wrong 错误 有误 出错 错了 错 不对
same 一样 相同 同样 通用 共用 共同 一致
know 知道 了解 清楚
want 想要 要求 需要 想 要 希望 愿意
tell 告诉 说 讲 告知 介绍
like 喜欢 爱
pretty 漂亮 好看 美丽 美 帅
good 好 棒 厉害 了不起 聪明
bad 坏 差 烂 糟糕
fun 搞笑 幽默 好笑 有趣 逗
child 小孩 孩子 儿童 宝宝
now 现在 目前 当前 如今
today 今天 今日 当天
tomorrow 明天 明日
sunday 周日 星期天 星期日 礼拜天
monthly 每月 每个月
i 我们 我的 咱们 咱俩 咱 本人 自己 俺 我
you 你们 你的 您的 您 你
wife 老婆 媳妇 妻子
friend 朋友 好友 伙伴
song 歌曲 歌 音乐 曲子
telephone 手机 移动电话
computer 电脑 计算机 笔记本
broken 坏了 坏掉 损坏 故障 失灵 不好用 出问题 出现问题 问题 毛病 不工作
screen 屏幕 荧屏 显示屏 屏
noise 异响 响声 噪音 噪声 杂音
leak 漏油 渗油 漏水 渗水 漏
shake 抖动 抖 震动 晃动 震
get 收到 到账 到帐 进款 收 拿到 得到 获得
buy 购买 买 购物 购
card 银行卡 卡片 储蓄卡 借记卡
safe 安全 可靠
again 再次 重新 再 又 从新
finish 完成 完 成功 好了
review 审核 审批 评估 审查
bind 绑定 关联 绑 连接
password 密码 口令
face 刷脸 人脸 脸
limit 额度 限额
kind 种 类型 类
difference 区别 差别 不同 不一样
eat 吃 食用
look 长什么样 样子
delete 删除 删掉 删 清除 清空
install 下载 安装 装
"""
_BINDING = """请问 你好 您好 一下 谢谢 麻烦 的话 请 呢 啊 吗 了 的 吧 呀 哦 嘛 么 哈 啦 噢 哎 地 得 着 个 把 是 就 都 也
还是 那 这 有 在 给 会 到 对 和 跟 与 以 而 里 去 来 上 下 被 让 才 可 很"""

_MEANS = dict.fromkeys(_BINDING.split(), "") | {
    word: meaning for meaning, *words in map(str.split, _MEANINGS.strip().splitlines()) for word in words
}
_LONGEST = max(map(len, _MEANS))


def meanings(text: str) -> list[str]:
    """The text as meanings, characters without one of their own, and words or numbers of other alphabets."""
    return [meaning for run in runs(folded(text)) for meaning in (_of_run(run) if is_east_asian(run) else [run])]


def _of_run(run: str) -> Iterator[str]:
    at = 0
    while at < len(run):
        word = next((w for n in range(_LONGEST, 1, -1) if (w := run[at : at + n]) in _MEANS), run[at])
        if meaning := _MEANS.get(word, word):
            yield meaning
        at += len(word)
