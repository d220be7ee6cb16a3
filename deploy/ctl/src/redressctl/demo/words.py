"""What the demo's customers say by each channel."""

from collections.abc import Mapping

_SAID: Mapping[str, str] = {
    "wechat_oa": "上周买的折叠车，变速器换挡时链条老是掉，已经掉了三次，骑车上坡特别危险，请尽快处理。",
    "wecom": "我们公司采购的二十辆通勤车里有两辆刹车异响，修理工说是刹车片批次问题，请安排更换。",
    "dingtalk_robot": "门店反馈：客户的电池充电到八成就停，换了充电器也一样，请技术支持看一下。",
    "whatsapp": "Hello, the display of my bike goes dark whenever it rains. Twice this week. Please help.",
    "twilio_sms": "My order came with a cracked helmet. I want a replacement, not a refund.",
    "webhook": "The luggage rack came loose on the second ride and scratched the frame. Two screws were missing.",
    "phone": "客户来电：车座的快拆夹不住，骑行中下滑，要求上门更换夹具。",
    "paper": "Letter of 27 February: the customer returns the child seat, whose buckle does not lock any more.",
    "authority_12315": "消费者反映：购买的电动自行车续航与宣传不符，标称八十公里，实际不足四十公里，要求退货。",
    "authority_12345": "市民反映：门店拒绝为在保修期内的电机提供维修，要求督促商家履行三包责任。",
    "heimao": "下单后二十天没有发货，客服一直推脱，要求退款并赔偿。",
    "web_form": "The left pedal broke off after a month. Nobody was hurt. I would like a new pair.",
}


def said_by(kind: str) -> str:
    return _SAID[kind]
