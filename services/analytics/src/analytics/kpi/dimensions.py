from collections.abc import Iterable, Sequence

from analytics.kpi.figures import Counted


def complete(counted: Iterable[Counted], among: Sequence[str]) -> list[Counted]:
    """Every `X/part` for each X that is there at all, with nought where nothing was counted; by dimension.

    An absent category of cost would look like one that nobody asked about. Without `among` all stay as they are.
    """
    there = {one.dimension: one for one in counted}
    heads = {dimension.rpartition("/")[0] for dimension in there} if among else set()
    named = (f"{head}/{part}" for head in heads for part in among)
    missing = {name: Counted(name, 0, 0.0) for name in named if name not in there}
    return [one for _, one in sorted((there | missing).items())]
