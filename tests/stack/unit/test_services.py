import json
from pathlib import Path

import pytest

from stack.databases import ServiceDsns
from stack.errors import StackError
from stack.ports import ports_from
from stack.secret_file import SecretFile
from stack.services import (
    ALL_SERVICES,
    EnvOverrides,
    Surroundings,
    migrate_env,
    plan_replicas,
    provision_env,
    recover_env,
    serve_env,
)

_PUBLIC = 8080


def _around(tmp_path: Path, overrides: EnvOverrides | None = None) -> Surroundings:
    return Surroundings(
        replicas=plan_replicas(ALL_SERVICES, {"intake": 2, "gateway": 2}, _PUBLIC, ports_from(9000)),
        dsns={name: ServiceDsns(f"redress_{name}", f"runtime-{name}", f"owner-{name}") for name in ALL_SERVICES},
        nats_url="nats://somewhere",
        smtp_port=2525,
        public_url="http://127.0.0.1:8080",
        secrets=SecretFile(tmp_path / "secrets.json"),
        overrides=overrides or {},
        nats_passwords={name: f"of-{name}" for name in (*ALL_SERVICES, "provisioner")},
    )


def _env(around: Surroundings, service: str, index: int = 0) -> dict[str, str]:
    return serve_env(around.replicas[service][index], around)


def test_a_service_is_told_the_targets_of_those_it_asks_only(tmp_path: Path) -> None:
    around = _around(tmp_path)
    assert {name for name in _env(around, "capa") if name.endswith("_TARGET")} == {"REDRESS_INTAKE_TARGET"}
    assert not [name for name in _env(around, "workflow") if name.endswith("_TARGET")]
    assert len([name for name in _env(around, "gateway") if name.endswith("_TARGET")]) == 5


def test_several_replicas_make_one_target(tmp_path: Path) -> None:
    around = _around(tmp_path)
    ports = [replica.grpc_port for replica in around.replicas["intake"]]
    assert _env(around, "capa")["REDRESS_INTAKE_TARGET"] == f"ipv4:127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}"


def test_every_service_trusts_every_issuer(tmp_path: Path) -> None:
    issuers = json.loads(_env(_around(tmp_path), "notify")["REDRESS_TRUSTED_ISSUERS"])
    assert set(issuers) == set(ALL_SERVICES)
    assert issuers["gateway"].endswith("/.well-known/jwks.json")


def test_replicas_share_a_key_and_services_do_not(tmp_path: Path) -> None:
    around = _around(tmp_path)
    first, second = (_env(around, "intake", index)["REDRESS_SIGNING_KEY"] for index in (0, 1))
    assert first == second
    assert first != _env(around, "capa")["REDRESS_SIGNING_KEY"]


def test_only_the_first_gateway_gets_the_public_port(tmp_path: Path) -> None:
    around = _around(tmp_path)
    assert _env(around, "gateway", 0)["REDRESS_PUBLIC_BIND"] == "127.0.0.1:8080"
    assert _env(around, "gateway", 1)["REDRESS_PUBLIC_BIND"] != "127.0.0.1:8080"


def test_the_owner_role_is_given_to_migrations_only(tmp_path: Path) -> None:
    around = _around(tmp_path)
    assert "REDRESS_MIGRATE_DSN" not in _env(around, "intake")
    assert migrate_env(around.replicas["intake"][0], around)["REDRESS_MIGRATE_DSN"] == "owner-intake"


def test_each_service_is_a_user_of_its_own_on_nats_and_may_make_nothing_there(tmp_path: Path) -> None:
    env = _env(_around(tmp_path), "capa")
    assert (env["REDRESS_NATS_USER"], env["REDRESS_NATS_PASSWORD"]) == ("capa", "of-capa")
    assert (env["REDRESS_NATS_INBOX_PREFIX"], env["REDRESS_NATS_PROVISION"]) == ("_INBOX_capa", "false")


def test_what_makes_streams_is_the_provisioner(tmp_path: Path) -> None:
    around = _around(tmp_path)
    for env in (provision_env(around), recover_env(around.replicas["intake"][0], around)):
        assert env["REDRESS_NATS_USER"] == "provisioner"
        assert env["REDRESS_NATS_INBOX_PREFIX"] == "_INBOX_provisioner"


def test_overrides_for_one_service_win_over_those_for_all(tmp_path: Path) -> None:
    around = _around(tmp_path, {"*": {"REDRESS_LOG_LEVEL": "warning"}, "capa": {"REDRESS_LOG_LEVEL": "debug"}})
    assert _env(around, "intake")["REDRESS_LOG_LEVEL"] == "warning"
    assert _env(around, "capa")["REDRESS_LOG_LEVEL"] == "debug"


def test_settings_of_the_shell_do_not_leak_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_MIGRATE_DSN", "of-some-other-stack")
    assert "REDRESS_MIGRATE_DSN" not in _env(_around(tmp_path), "intake")


def test_an_unknown_service_is_refused() -> None:
    with pytest.raises(StackError, match="no service billing"):
        plan_replicas(["billing"], {}, _PUBLIC, ports_from(9000))
