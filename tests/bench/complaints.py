"""Complaints as customers write them, in Chinese and English, each different: 80-400 characters, coded faults of
several product families, most safety questions answered and some not."""

import json
import random
from importlib import resources
from typing import Any

import msgspec

_PHRASES: dict[str, Any] = json.loads((resources.files(__package__) / "phrases.json").read_text(encoding="utf-8"))
_REMEDIES = ("repair", "replacement", "refund", "price_cut", "information")
_ANSWERS = ("no",) * 56 + ("unknown",) * 3 + ("yes",)
_QUESTIONS = ("injury_or_fire", "legal", "main_function_lost", "several_affected", "core_business_stopped")
_NUMBER = b"00000000"


class Complaints:
    """A stock of bodies made beforehand, so that measuring does not pay for writing them."""

    def __init__(self, seed: int, stock: int = 2_000) -> None:
        dice = random.Random(seed)
        self._stock = [make_complaint(dice) for _ in range(stock)]

    def body(self, number: int) -> bytes:
        """Of a customer of its own for each number."""
        return self._stock[number % len(self._stock)].replace(_NUMBER, b"%08d" % number)


def make_complaint(dice: random.Random) -> bytes:
    """The JSON body, with 00000000 where the customer's number goes."""
    language = dice.choice(("zh", "en"))
    product = dice.choice(_PHRASES["products"])
    fault = dice.choice(product["faults"])
    return msgspec.json.encode(
        {
            "channel": "api",
            "language": language,
            "customer_name": f"顾客 {_NUMBER.decode()}" if language == "zh" else f"Customer {_NUMBER.decode()}",
            "customer_email": f"customer-{_NUMBER.decode()}@customers.example",
            "customer_ref": f"K{_NUMBER.decode()}",
            "product_family": product["family"],
            "product_model": dice.choice(product["models"]),
            "serial": f"SN{_NUMBER.decode()}",
            "description": describe(language, fault, dice),
            "defect_code": fault["code"],
            "failure_location": fault["place"],
            "remedy_wanted": dice.choice(_REMEDIES),
            **{question: dice.choice(_ANSWERS) for question in _QUESTIONS},
        }
    )


def describe(language: str, fault: dict[str, str], dice: random.Random) -> str:
    phrases = _PHRASES[language]
    opening, circumstance = dice.choice(phrases["openings"]), dice.choice(phrases["circumstances"])
    details = "".join(dice.sample(phrases["details"], dice.randint(4, 6) if language == "zh" else dice.randint(0, 2)))
    core = f"{circumstance}{fault[language]}。" if language == "zh" else f"{fault[language]} {circumstance}."
    return f"{opening}{core}{details}{dice.choice(phrases['closings'])}"
