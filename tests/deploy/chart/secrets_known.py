"""The secrets that an installation needs, as the operator's guide names them. A name changed here breaks upgrades."""

SERVICES = ("intake", "workflow", "capa", "notify", "analytics", "gateway")
PER_SERVICE = ("db-password", "migrate-password", "nats-password", "signing-key")
KEYS = frozenset(
    {f"{service}-{key}" for service in SERVICES for key in PER_SERVICE}
    | {"gateway-key-pepper", "gateway-bootstrap-admin-key", "smtp-password", "provisioner-nats-password"}
    | {"intake-sealing-key", "intake-sealing-keys-retired", "objects-access-key-id", "objects-secret-access-key"}
)
