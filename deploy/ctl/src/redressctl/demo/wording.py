"""What people of the demo write, in the language of the cluster, filled with its complaints' own words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Template
from typing import Any

from redressctl.clusters import Cluster, Known
from redressctl.demo.texts import quotes, telling_terms

_SERVICE_WORDS = (
    *("服务", "销售", "承诺", "收费", "价格", "合同", "欺诈", "态度", "宣传", "订金", "定金", "交付"),
    *("service", "sales", "delivery", "billing", "invoice", "contract", "price", "warranty"),
)


@cache
def phrases(language: str) -> dict[str, Any]:
    text = (resources.files("redressctl.demo") / "phrases" / f"{language}.json").read_text()
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def say(language: str, phrase: str, **words: str) -> str:
    return Template(phrases(language)[phrase]).safe_substitute(words)


@dataclass(frozen=True)
class Wording:
    """One cluster's texts: `block` is the kind (product or service), `words` what its complaints say."""

    language: str
    block: Mapping[str, Any]
    words: Mapping[str, str]

    def __call__(self, phrase: str) -> str:
        return self.fill(self.block[phrase])

    def common(self, phrase: str) -> str:
        return self.fill(str(phrases(self.language)[phrase]))

    def fill(self, template: str) -> str:
        return Template(template).safe_substitute(self.words)

    def rows(self, phrase: str) -> list[list[str]]:
        return [[self.fill(cell) for cell in row] for row in self.block[phrase]]

    def texts(self, phrase: str) -> list[str]:
        return [self.fill(text) for text in self.block[phrase]]


def wording_of(cluster: Cluster, background: Sequence[Known]) -> Wording:
    language = cluster.language
    terms = telling_terms(cluster, background) or [cluster.defect_code]
    return Wording(language, phrases(language)[_kind(cluster)], _words(cluster, terms))


def _kind(cluster: Cluster) -> str:
    place = f"{cluster.location} {cluster.defect_code}".casefold()
    return "service" if any(word in place for word in _SERVICE_WORDS) else "product"


def _words(cluster: Cluster, terms: Sequence[str]) -> dict[str, str]:
    cut = quotes(cluster, terms)
    days = [one.occurred_on for one in cluster.complaints]
    words = {
        "family": cluster.product_family,
        "problem": cluster.defect_code,
        "place": cluster.location,
        "n": str(len(cluster.complaints)),
        "from": min(days),
        "to": max(days),
        "terms": "、".join(f"“{term}”" for term in terms)
        if cluster.language == "zh"
        else ", ".join(f'"{term}"' for term in terms),
        "term1": terms[0],
    }
    for position in range(3):
        quote = cut[position % len(cut)]
        words |= {f"quote{position + 1}": quote.text, f"number{position + 1}": quote.number}
    return words
