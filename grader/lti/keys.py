"""Our own signing keys, and the platform's public ones with their caching and rotation."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from grader.lti.errors import LaunchRefused, PlatformUnreachable
from grader.lti.http import Http

BITS = 2048  # Security §7.3.2 asks for at least as many
FRESH_SECONDS = 3600.0
REFETCHES_PER_MINUTE = 6


@dataclass(frozen=True)
class ToolKey:
    """One of our private keys, as PEM, under the name ``kid``."""

    kid: str
    pem: str

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT of ``claims``, RS256 (Security §7.3.2)."""
        return jwt.encode(claims, _load(self.pem), algorithm="RS256", headers={"kid": self.kid})

    def public_jwk(self) -> dict[str, str]:
        """The public half, as it stands in our key set (Security §6.3)."""
        public = _load(self.pem).public_key()
        return {**_numbers(public), "kid": self.kid, "alg": "RS256", "use": "sig"}


@lru_cache(maxsize=16)
def _load(pem: str) -> rsa.RSAPrivateKey:
    """The key in ``pem``; reading one takes longer than signing with it."""
    private = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("a signing key must be an RSA key")
    return private


def generate_key() -> ToolKey:
    """A new key, named by its thumbprint (RFC 7638)."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    members = json.dumps(_numbers(private.public_key()), sort_keys=True, separators=(",", ":"))
    thumbprint = urlsafe_b64encode(hashlib.sha256(members.encode()).digest()).rstrip(b"=")
    return ToolKey(thumbprint.decode(), pem)


def key_set(keys: Iterable[ToolKey]) -> dict[str, Any]:
    """The document at our JWKS address: every key that may still have signed something."""
    return {"keys": [key.public_jwk() for key in keys]}


def _numbers(public: rsa.RSAPublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    return {"kty": "RSA", "n": _base64(numbers.n), "e": _base64(numbers.e)}


def _base64(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class _KeySet:
    fetched: float
    keys: dict[str, rsa.RSAPublicKey]


class PlatformKeys:
    """Platforms' key sets, kept for an hour and read again once for a ``kid`` not in them.

    How often that may happen in a minute is limited: else whoever invents names of keys could
    make us call the platform as often as they like.
    """

    def __init__(self, http: Http, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._clock = clock
        self._sets: dict[str, _KeySet] = {}
        self._refetches: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def find(self, uri: str, kid: str) -> rsa.RSAPublicKey:
        """The key ``kid`` of the set at ``uri`` (Security §6.3); refused when there is none."""
        with self._lock:
            known = self._sets.get(uri)
            stale = known is None or self._clock() - known.fetched > FRESH_SECONDS
            if known is None or stale or (kid not in known.keys and self._may_refetch(uri)):
                known = self._fetch(uri, known)
            if kid not in known.keys:
                raise LaunchRefused("unknown-kid", "Security §6.3", f"no key {kid[:60]!r}")
            return known.keys[kid]

    def _may_refetch(self, uri: str) -> bool:
        now, times = self._clock(), self._refetches.setdefault(uri, deque())
        while times and now - times[0] > 60:
            times.popleft()
        if len(times) >= REFETCHES_PER_MINUTE:
            return False
        times.append(now)
        return True

    def _fetch(self, uri: str, known: _KeySet | None) -> _KeySet:
        try:
            answer = self._http.get(uri, {"Accept": "application/json"})
            if not answer.ok:
                raise PlatformUnreachable(f"the key set answered {answer.status}", answer.status)
            fresh = _KeySet(self._clock(), usable_keys(answer.json()))
        except PlatformUnreachable:
            if known is None:
                raise
            return known  # an old key set is better than none while the platform is down
        self._sets[uri] = fresh
        return fresh


def usable_keys(document: Any) -> dict[str, rsa.RSAPublicKey]:
    """The RSA signing keys of a key set that are long enough; other entries are passed over."""
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise PlatformUnreachable("the key set has no list of keys")
    found: dict[str, rsa.RSAPublicKey] = {}
    for entry in entries:
        key = _usable(entry)
        if key is not None:
            found[entry["kid"]] = key
    return found


def _usable(entry: Any) -> rsa.RSAPublicKey | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
        return None
    if entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig":
        return None
    if entry.get("alg", "RS256") != "RS256":
        return None
    try:
        key = jwt.PyJWK(entry, algorithm="RS256").key
    except jwt.PyJWTError:
        return None
    return key if isinstance(key, rsa.RSAPublicKey) and key.key_size >= BITS else None
