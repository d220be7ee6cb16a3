"""Keys as an operator writes them: JWK or PEM. Their id is their thumbprint (RFC 7638) where they name none, so that
a private key and its public half, whichever way they are written, are known by the same one."""

import json
from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

_PEM = "-----BEGIN "
_CURVE = "Ed25519"


def private_key(text: str) -> OKPKey:
    """Raises ValueError, with nothing of the key."""
    key = _imported(text if text.lstrip().startswith(_PEM) else _document(text))
    if not key.is_private:
        raise ValueError("this is a public key: the private one is needed")
    return key


def public_key(key: Mapping[str, Any] | str) -> OKPKey:
    """Raises ValueError."""
    return _imported(key if isinstance(key, str) else dict(key))


def _document(text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError) as error:
        raise ValueError("must be a private key as JWK (JSON) or PEM") from error


def _imported(key: dict[str, Any] | str) -> OKPKey:
    try:
        made = OKPKey.import_key(key.strip() if isinstance(key, str) else key)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"must be an {_CURVE} key as JWK or PEM") from error
    if made.curve_name != _CURVE:
        raise ValueError(f"must be an {_CURVE} key, not {made.curve_name}")
    made.ensure_kid()
    return made
