"""Complaints that tell of the same problem: same product family and defect code (DOMAIN 3, R2)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_TOPIC = 40


@dataclass(frozen=True)
class Known:
    """What the list of complaints shows of one."""

    complaint_id: str
    number: str
    description: str
    product_family: str
    defect_code: str
    failure_location: str
    language: str
    coded: bool
    """False for a catch-all code ("other"), which tells nothing about the problem."""
    occurred_on: str

    @property
    def topic(self) -> str:
        """What it is about, in few words: nobody has coded what came by mail."""
        return self.defect_code or self.description.split("\n")[0][:_TOPIC]

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Known":
        return cls(
            complaint_id=item["complaint_id"],
            number=item["number"],
            description=item.get("description") or "",
            product_family=item["product_family"],
            defect_code=item.get("defect_code") or "",
            failure_location=item.get("failure_location") or "",
            language=item.get("language") or "en",
            coded=bool(item.get("signature")),
            occurred_on=(item.get("t_occurred") or item["t_registered"])[:10],
        )


@dataclass(frozen=True)
class Cluster:
    product_family: str
    defect_code: str
    complaints: tuple[Known, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.product_family, self.defect_code

    @property
    def name(self) -> str:
        return f"{self.product_family} · {self.defect_code}"

    @property
    def language(self) -> str:
        """Of the larger part of its complaints; what is written about it is written in that language."""
        chinese = sum(one.language == "zh" for one in self.complaints)
        return "zh" if chinese * 2 >= len(self.complaints) else "en"

    @property
    def location(self) -> str:
        """Where most of its complaints say that it failed."""
        places = [one.failure_location for one in self.complaints if one.failure_location]
        return max(places, key=places.count) if places else self.product_family


def find_clusters(complaints: Iterable[Known], *, smallest: int = 3) -> list[Cluster]:
    """Largest first, ties in the order of their names; a catch-all code forms no cluster."""
    groups: dict[tuple[str, str], list[Known]] = defaultdict(list)
    for one in complaints:
        if one.coded:
            groups[one.product_family, one.defect_code].append(one)
    found = [Cluster(*key, tuple(sorted(group, key=_oldest))) for key, group in groups.items()]
    large = [cluster for cluster in found if len(cluster.complaints) >= smallest]
    return sorted(large, key=lambda cluster: (-len(cluster.complaints), cluster.key))


def _oldest(one: Known) -> tuple[str, str]:
    return one.occurred_on, one.number
