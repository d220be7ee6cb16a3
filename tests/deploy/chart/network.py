"""May a packet pass? NetworkPolicy as the API reference says it (networking.k8s.io/v1), for pods and addresses.

A pod that no policy selects for a direction lets everything pass; otherwise some rule of some policy that selects it
must let it pass. Out of the sender and into the receiver must both be allowed.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.deploy.chart.pods import selects
from tests.deploy.chart.release import Document, Release


@dataclass(frozen=True)
class Place:
    """Somebody who sends or receives: a pod of the cluster, or an address outside."""

    name: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    """Named ports."""
    address: str = ""
    namespace_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_pod(self) -> bool:
        return bool(self.namespace)


def passes(release: Release, sender: Place, receiver: Place, port: int, protocol: str = "TCP") -> bool:
    out = _allowed(release, "Egress", "to", sender, receiver, receiver, port, protocol)
    return out and _allowed(release, "Ingress", "from", receiver, sender, receiver, port, protocol)


def _allowed(
    release: Release,
    direction: str,
    peers: str,
    guarded: Place,
    other: Place,
    receiver: Place,
    port: int,
    protocol: str,
) -> bool:
    policies = [policy for policy in release.of("NetworkPolicy") if _guards(release, policy, direction, guarded)]
    rules = [rule for policy in policies for rule in policy["spec"].get(direction.lower()) or []]
    return not policies or any(
        _peer_fits(release, rule.get(peers), other) and _port_fits(rule.get("ports"), receiver, port, protocol)
        for rule in rules
    )


def _guards(release: Release, policy: Document, direction: str, place: Place) -> bool:
    spec = policy["spec"]
    if not place.is_pod or place.namespace != policy["metadata"].get("namespace", release.home):
        return False
    default = ["Ingress", "Egress"] if "egress" in spec else ["Ingress"]
    return direction in spec.get("policyTypes", default) and selects(spec.get("podSelector", {}), place.labels)


def _peer_fits(release: Release, peers: list[Document] | None, place: Place) -> bool:
    return not peers or any(_is_peer(release, peer, place) for peer in peers)


def _is_peer(release: Release, peer: Mapping[str, Any], place: Place) -> bool:
    if "ipBlock" in peer:
        return bool(place.address) and _in_block(peer["ipBlock"], place.address)
    if not place.is_pod:
        return False
    here = place.namespace == release.home
    near = selects(peer["namespaceSelector"], place.namespace_labels) if "namespaceSelector" in peer else here
    return near and selects(peer.get("podSelector", {}), place.labels)


def _in_block(block: Mapping[str, Any], address: str) -> bool:
    found = ipaddress.ip_address(address)
    return found in ipaddress.ip_network(block["cidr"]) and not any(
        found in ipaddress.ip_network(hole) for hole in block.get("except", [])
    )


def _port_fits(ports: list[Document] | None, receiver: Place, port: int, protocol: str) -> bool:
    return not ports or any(
        protocol == given.get("protocol", "TCP") and _in_range(given, receiver, port) for given in ports
    )


def _in_range(given: Mapping[str, Any], receiver: Place, port: int) -> bool:
    if "port" not in given:
        return True
    first = receiver.ports.get(given["port"]) if isinstance(given["port"], str) else given["port"]
    return first is not None and first <= port <= given.get("endPort", first)


def pairs(places: list[Place]) -> Iterator[tuple[Place, Place]]:
    """Every ordered pair; a place with itself means two pods of one workload."""
    return ((sender, receiver) for sender in places for receiver in places)
