import base64
import json
import secrets

from joserfc.jwk import OKPKey


def new_signing_key() -> str:
    """A fresh Ed25519 key as a private JWK (JSON) with its thumbprint as `kid`."""
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, private=True)
    key.ensure_kid()
    return json.dumps(key.as_dict(private=True))


def new_sealing_key() -> str:
    """32 random bytes in base64: what intake seals personal data with."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
