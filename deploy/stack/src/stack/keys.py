import json

from joserfc.jwk import OKPKey


def new_signing_key() -> str:
    """A fresh Ed25519 key as a private JWK (JSON) with its thumbprint as `kid`."""
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, private=True)
    key.ensure_kid()
    return json.dumps(key.as_dict(private=True))
