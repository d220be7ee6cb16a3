"""The people of the demo: invented, of every role, Chinese and English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    account: str
    name: str
    roles: tuple[str, ...]
    department: str
    language: str
    lead: bool = False

    @property
    def email(self) -> str:
        return f"{self.account}@staff.example"


_SERVICE, _ENGINEER, _QUALITY = ("customer_service",), ("engineer",), ("quality",)

CAST = (
    Part("lin.xiaowen", "林晓雯", _SERVICE, "customer_service", "zh", lead=True),
    Part("zhou.min", "周敏", _SERVICE, "customer_service", "zh"),
    Part("emma.clarke", "Emma Clarke", _SERVICE, "customer_service", "en"),
    Part("wang.lei", "王磊", _ENGINEER, "technical_support", "zh", lead=True),
    Part("jonas.weber", "Jonas Weber", _ENGINEER, "technical_support", "en"),
    Part("liu.fang", "刘芳", _QUALITY, "quality", "zh"),
    Part("anna.kovacs", "Anna Kovács", _QUALITY, "quality", "en"),
    Part("chen.hao", "陈浩", ("quality", "manager"), "quality", "zh", lead=True),
    Part("zhang.wei", "张伟", _ENGINEER, "production", "zh", lead=True),
    Part("marta.silva", "Marta Silva", _ENGINEER, "production", "en"),
    Part("sun.qiang", "孙强", _ENGINEER, "rd", "zh", lead=True),
    Part("web.shop", "Web shop", ("channel",), "", "en"),
    Part("helen.brooks", "Helen Brooks", ("manager",), "management", "en", lead=True),
)
SHOP = "web.shop"
"""No employee: a channel, that hands in what its customers write."""
APPROVER = "chen.hao"
"""The quality manager approves what others planned."""
