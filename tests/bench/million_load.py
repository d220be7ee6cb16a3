"""Puts complaints straight into intake's tables, sealed and indexed as the product does it; a process of its own.

One order as JSON on stdin; nothing on stdout. Rows are those of docs first..end - 1: any number of processes share the
work and no one waits for another. Keys of persons are made from their number, so that all agree on them.
"""

import asyncio
import hashlib
import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from chassis.sealing import Key, Sealer, key_of
from intake.adapters.personal import Personal, sealed
from intake.domain.complaint import QUESTIONS_ASKED
from intake.domain.search.terms import FACETS, Lexicon
from tests.bench.million_texts import DEFECTS, FAMILIES, chinese, chinese_text, english, english_text

PERSONS = 4
"""Complaints of one person."""
_PER_COPY = 5_000
_APART = timedelta(seconds=90)


class Order(msgspec.Struct):
    dsn: str
    sealing_key: str
    lexicon_key: str
    first: int
    end: int
    total: int
    newest: datetime


_COMPLAINT = (
    *("complaint_id", "number", "version", "state", "channel", "language", "customer_id", "customer_ref"),
    *("product_family", "product_model", "lot", "serial", "quantity", "defect_code", "failure_location"),
    *("remedy_wanted", "t_aware", "t_received", "t_registered", *QUESTIONS_ASKED, "safety_not_asked", "historical"),
    *("grade", "questions", "cell", "signature_base", "signature", "lot_key", "open_proposals", "registered_by"),
)


class Maker:
    def __init__(self, order: Order) -> None:
        self._order = order
        self._sealer = Sealer(key_of(order.sealing_key))
        self._lexicon = Lexicon(bytes.fromhex(order.lexicon_key))
        self._languages = {"zh": (chinese(), chinese_text), "en": (english(), english_text)}
        self._keys: dict[int, Key] = {}

    def persons(self, first: int, end: int) -> list[tuple[Any, ...]]:
        numbers = range(first // PERSONS, (end - 1) // PERSONS + 1)
        return [
            (person_id(n), self._sealer.seal(_key(n), about=f"person/{person_id(n)}"), self._order.newest)
            for n in numbers
        ]

    def one(self, doc: int) -> tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]:
        """The rows of customers, complaints and complaint_terms."""
        chance = random.Random(doc)
        language = "zh" if chance.random() < 0.5 else "en"
        vocabulary, text_of = self._languages[language]
        text, row = text_of(vocabulary, chance), self._coded(doc, language, chance)
        person = doc // PERSONS
        key = self._keys.setdefault(person, Key(_key(person)))
        self._keys = {person: key}
        whole = sealed(key, str(row["customer_id"]), Personal(f"Person {person}", None, None, text))
        terms = (doc, row["complaint_id"], self._lexicon.terms(text), self._lexicon.coded(row, text))
        return (row["customer_id"], "", person_id(person), whole), tuple(row[name] for name in _COMPLAINT), terms

    def _coded(self, doc: int, language: str, chance: random.Random) -> dict[str, Any]:
        family = chance.choices(FAMILIES, weights=_ZIPF[: len(FAMILIES)])[0]
        defect = chance.choices(DEFECTS, weights=_ZIPF[: len(DEFECTS)])[0]
        at = self._order.newest - (self._order.total - doc) * _APART
        cell = f"{family.lower()}|{defect}"
        lot = f"L{chance.randrange(self._order.total // 20)}"
        answers = dict.fromkeys(QUESTIONS_ASKED, "no") | {"key_account": chance.choices(("no", "yes"), (95, 5))[0]}
        named = dict.fromkeys(FACETS) | {
            "complaint_id": _id(b"complaint", doc),
            "customer_id": _id(b"complaint", doc),
            "number": f"C20-{doc:07d}",
            "version": 1,
            "state": chance.choices(("open", "closed", "merged"), (3, 96, 1))[0],
            "channel": chance.choices(("api", "web", "phone", "mail", "social"), (50, 25, 15, 9, 1))[0],
            "language": language,
            "customer_ref": f"K{chance.randrange(self._order.total // 10)}",
            "product_family": family,
            "product_model": f"{family} {chance.randrange(50)}",
            "lot": lot,
            "serial": f"S{doc}",
            "quantity": 1,
            "defect_code": defect,
            "failure_location": chance.choice(("left", "right", "front", "rear", "inside")),
            "remedy_wanted": chance.choice((None, "repair", "replacement", "refund")),
            "grade": chance.choices(("urgent", "important", "routine"), (2, 18, 80))[0],
            "questions": ["safety"] if chance.random() < 0.01 else [],
            "registered_by": chance.choice(("key:crm", "key:web", "person-1", "person-2")),
        }
        times = {"t_aware": at, "t_received": at, "t_registered": at}
        codes = {
            "cell": cell,
            "signature_base": cell + "|",
            "signature": cell + "|",
            "lot_key": f"{family}|{lot}".lower(),
        }
        rest = {"safety_not_asked": False, "historical": False, "open_proposals": 0}
        return named | times | codes | rest | answers


_ZIPF = [1 / (rank + 1) for rank in range(1_000)]


def person_id(number: int) -> UUID:
    return _id(b"person", number)


def _id(kind: bytes, number: int) -> UUID:
    return UUID(bytes=hashlib.blake2b(number.to_bytes(8, "big"), digest_size=16, person=kind).digest())


def _key(number: int) -> bytes:
    return hashlib.blake2b(number.to_bytes(8, "big"), digest_size=32, person=b"key").digest()


def _pieces(order: Order) -> Iterator[range]:
    for first in range(order.first, order.end, _PER_COPY):
        yield range(first, min(first + _PER_COPY, order.end))


async def load(order: Order) -> None:
    connection = await asyncpg.connect(order.dsn)
    # As superuser: nobody has to be asked row by row whether the customer it names is there.
    await connection.execute("SET session_replication_role = replica")
    maker = Maker(order)
    for docs in _pieces(order):
        customers, complaints, terms = zip(*map(maker.one, docs), strict=True)
        persons = maker.persons(docs.start, docs.stop)
        for table, columns, rows in (
            ("persons", ("person_id", "sealed_key", "created_at"), persons),
            ("customers", ("customer_id", "name", "person_id", "sealed"), customers),
            ("complaints", _COMPLAINT, complaints),
            ("complaint_terms", ("doc", "complaint_id", "terms", "coded"), terms),
        ):
            await connection.copy_records_to_table(table, records=rows, columns=columns)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(load(msgspec.json.decode(sys.stdin.buffer.read(), type=Order)))
