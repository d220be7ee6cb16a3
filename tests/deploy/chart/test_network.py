"""Who may talk to whom: every ordered pair of everybody on the network, by every port somebody listens on."""

import pytest

from tests.deploy.chart import network_places as around
from tests.deploy.chart.network import Place, pairs, passes
from tests.deploy.chart.profiles import LOCKED, ci, release_of
from tests.deploy.chart.release import Document, Release, merged, render

Edge = tuple[str, str, int]

PROFILES = ("locked-network", "locked-split", "minimal", "split", "dev-bundled", "jobs", "gitops", "ha", "all-on")
# The chart's own profiles name other peers than stand around here.
_DOOR = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}
_HERE = {"networkPolicy": {**LOCKED, "ingressController": _DOOR, "extraGatewayFrom": [], "extraEgress": []}}


def amid(profile: str) -> Release:
    """The release among the places of this test."""
    return render(merged(ci(profile), _HERE)) if profile in ("ha", "all-on") else release_of(profile)


def everybody(release: Release) -> list[Place]:
    own = list(around.of_the_release(release))
    names = {place.name for place in own}
    servers = list(around.SERVERS)
    return [*own, *(s for s in servers if s.name not in names), *around.OUTSIDE, around.stranger_in(release)]


def passing(release: Release, places: list[Place]) -> set[Edge]:
    """What the policies let through, pairs that are nobody's business here left out."""
    own = {place.name for place in around.of_the_release(release)}
    return {
        (sender.name, receiver.name, port)
        for sender, receiver in pairs(places)
        if {sender.name, receiver.name} & own
        for port in around.PORTS
        if passes(release, sender, receiver, port, "UDP" if port == around.DNS else "TCP")
    }


def wanted(release: Release, places: list[Place]) -> set[Edge]:
    """What must pass. Where the operator named no address of a server, anybody may be called on its port."""
    edges = around.needed(places, release.values)
    own = {place.name for place in around.of_the_release(release)}
    to_anyone = {(sender, port) for sender, receiver, port in edges if receiver in unnamed_servers(release) - own}
    return edges | {
        (sender, place.name, port) for sender, port in to_anyone for place in places if place.name not in own
    }


def unnamed_servers(release: Release) -> set[str]:
    peers = release.values["networkPolicy"]
    return {server for server, key in _SERVERS.items() if not peers[key]["to"]}


_SERVERS = {
    "postgres": "postgresql",
    "nats": "nats",
    "smtp": "smtp",
    "objects": "objects",
    "scanner": "virusScan",
    "mailboxes": "mailboxes",
}


@pytest.mark.parametrize("profile", PROFILES)
def test_exactly_what_is_needed_passes(profile: str) -> None:
    release = amid(profile)
    places = everybody(release)
    found, needed = passing(release, places), wanted(release, places)
    assert {"barred": sorted(needed - found), "open": sorted(found - needed)} == {"barred": [], "open": []}


def test_names_are_resolved_over_tcp_too() -> None:
    release = release_of("minimal")
    dns = next(place for place in around.OUTSIDE if place.name == "dns")
    served = [place for place in around.of_the_release(release) if place.name != "unforeseen"]
    assert all(passes(release, place, dns, 53) for place in served)


def test_without_policies_everybody_reaches_everybody() -> None:
    release = release_of("open-network")
    assert release.of("NetworkPolicy") == []


@pytest.mark.parametrize("policy", [p["metadata"]["name"] for p in release_of("locked-network").of("NetworkPolicy")])
def test_no_policy_can_go_missing_unnoticed(policy: str) -> None:
    whole = release_of("locked-network")
    torn = whole.changed(lambda documents: _without(documents, policy))
    places = everybody(whole)
    assert passing(torn, places) != wanted(whole, places)


def _without(documents: list[Document], policy: str) -> None:
    documents.remove(next(d for d in documents if d["kind"] == "NetworkPolicy" and d["metadata"]["name"] == policy))
