"""Fingerprints of passwords in requests, to tell a repeated request from another one."""

import hmac

from pydantic import SecretStr

from luxewin.kit.http.fields import Body


class Fingerprints:
    """Fingerprints under a key of the installation: a reader of the database cannot guess passwords with them."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, body: Body) -> bytes:
        """Return the fingerprint that two bodies share if their secrets are equal (HMAC-SHA256)."""
        digest = hmac.new(self._key, digestmod="sha256")
        for name in sorted(body.model_fields_set):
            value = getattr(body, name)
            if isinstance(value, SecretStr):
                secret = value.get_secret_value().encode()
                digest.update(f"{name}:{len(secret)}:".encode() + secret)
        return digest.digest()
