"""The double must be as strict as a cluster, or what runs on it proves nothing."""

import copy
from typing import Any

import pytest

from tests.deploy.double import admission, workloads
from tests.deploy.double.environment import ConfigError, environment_of, expand
from tests.deploy.double.patching import applied
from tests.deploy.double.probes import Watched
from tests.deploy.double.selecting import Selection
from tests.deploy.double.store import Json, Store

NAMESPACE = "n"


def made(kind: str, name: str, **content: Any) -> Json:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, **content}


def deployment(replicas: int, image: str) -> Json:
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": image}]}}
    rolling = {"maxSurge": 1, "maxUnavailable": 0}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "a"}}, "template": template}
    return made("Deployment", "d", spec=spec | {"strategy": {"rollingUpdate": rolling}})


def become_ready(store: Store) -> None:
    for pod in store.all("Pod"):
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
        store.set_status(pod, {"phase": "Running", "podIP": "127.1.1.1", "conditions": [ready]})


def images(store: Store) -> list[str]:
    pods = [pod for pod in store.all("Pod") if "deletionTimestamp" not in pod["metadata"]]
    return sorted(pod["spec"]["containers"][0]["image"] for pod in pods)


def test_a_rollout_takes_no_old_pod_away_before_a_new_one_is_ready() -> None:
    store = Store()
    store.put(deployment(2, "old"))
    workloads.reconcile(store)
    become_ready(store)
    store.put(deployment(2, "new"))
    for _ in range(3):
        workloads.reconcile(store)
        assert images(store) == ["new", "old", "old"]
    become_ready(store)
    workloads.reconcile(store)
    assert images(store).count("old") == 1
    workloads.reconcile(store)
    assert images(store) == ["new", "new", "old"]


def test_a_job_that_failed_too_often_is_tried_no_more() -> None:
    store = Store()
    spec = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}
    store.put(made("Job", "j", spec={"backoffLimit": 0, "template": {"metadata": {}, "spec": spec}}))
    workloads.reconcile(store)
    [pod] = store.all("Pod")
    store.set_status(pod, {"phase": "Failed", "containerStatuses": []})
    workloads.reconcile(store)
    workloads.reconcile(store)
    assert len(store.all("Pod")) == 1
    assert {one["type"] for one in store.all("Job")[0]["status"]["conditions"]} == {"FailureTarget", "Failed"}


async def test_a_probe_turns_after_its_threshold_in_a_row_and_not_before() -> None:
    answers = iter([False, False, True, False, False, False])

    async def look(_: Json) -> bool:
        return next(answers)

    watched = Watched({"failureThreshold": 3}, passed=True)
    verdicts = []
    for _ in range(6):
        await watched.ask(look)
        verdicts.append((watched.passed, watched.failed))
    assert verdicts == [(True, False)] * 5 + [(False, True)]


def test_what_a_manifest_names_and_nobody_made_keeps_the_container_from_starting() -> None:
    store, pod = Store(), made("Pod", "p", spec={"containers": [], "enableServiceLinks": False})
    wanted = {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    with pytest.raises(ConfigError, match='secret "s" not found'):
        environment_of({"env": [wanted]}, pod, store)
    store.put(made("Secret", "s", stringData={"other": "x"}))
    with pytest.raises(ConfigError, match="couldn't find key k"):
        environment_of({"env": [wanted]}, pod, store)


def test_service_links_collide_unless_they_are_declined() -> None:
    store, pod = Store(), made("Pod", "p", spec={"containers": []})
    store.put(made("Service", "redress-grpc", spec={"clusterIP": "127.1.1.9", "ports": [{"port": 7000}]}))
    assert environment_of({}, pod, store)["REDRESS_GRPC_PORT"] == "tcp://127.1.1.9:7000"
    pod["spec"]["enableServiceLinks"] = False
    assert "REDRESS_GRPC_PORT" not in environment_of({}, pod, store)


def test_references_expand_as_the_kubelet_expands_them() -> None:
    assert expand("$(A)-$$(A)-$(B)", {"A": "1"}) == "1-$(A)-$(B)"


def test_what_an_apply_wants_no_more_goes_and_what_others_wrote_stays() -> None:
    current = {"spec": {"a": 1, "b": 2}, "status": {"x": 1}}
    assert applied(current, {"spec": {"a": 1, "b": 2}}, {"spec": {"a": 3}}) == {"spec": {"a": 3}, "status": {"x": 1}}


def test_a_job_that_ran_cannot_be_changed() -> None:
    store = Store()
    job = made("Job", "j", spec={"template": {"spec": {"containers": []}}})
    store.put(job)
    changed = copy.deepcopy(job)
    changed["spec"]["template"]["spec"]["restartPolicy"] = "Never"
    with pytest.raises(admission.Refused, match="field is immutable"):
        admission.check(store, changed)


def test_a_restricted_namespace_takes_no_pod_that_may_gain_rights() -> None:
    store = Store()
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    store.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}})
    with pytest.raises(admission.Refused, match=r"allowPrivilegeEscalation.*runAsNonRoot.*seccompProfile"):
        admission.check(store, made("Pod", "p", spec={"containers": [{"name": "c"}]}))


@pytest.mark.parametrize(
    ("selector", "taken"),
    [("a=1", True), ("a==1", True), ("a!=1", False), ("a in (1, 2),b", True), ("!b", False), ("a notin (1)", False)],
)
def test_selectors_choose_as_the_api_server_does(selector: str, taken: bool) -> None:
    item = made("Pod", "p")
    item["metadata"]["labels"] = {"a": "1", "b": ""}
    assert Selection(selector, "").takes(item) is taken
