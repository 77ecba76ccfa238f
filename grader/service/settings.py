"""What the operator decides, from the command line and the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from grader.errors import GraderError
from grader.i18n import text
from grader.lti.http import LOOPBACK, origin
from grader.lti.registration import Tool
from grader.service.frames import ORIGIN

MAX_UPLOAD = 4 << 20


class WrongAddress(GraderError):
    """The public address must be https, except on this machine."""


@dataclass(frozen=True)
class Limits:
    """How much one visitor may do; the service answers 429 or 413 beyond it."""

    upload_bytes: int = MAX_UPLOAD
    requests_per_minute: int = 300
    requests_per_address: int = 6000  # a whole class may come from one
    uploads_per_minute: int = 10
    waiting_per_person: int = 3


@dataclass(frozen=True)
class Settings:
    """The service's configuration; ``address`` is the one that browsers see."""

    address: str
    database: str
    files: Path | None = None
    name: str = "densefit grader"
    limits: Limits = field(default_factory=Limits)
    session: timedelta = timedelta(hours=12)
    trusted_proxies: str = "127.0.0.1"
    demo: bool = False
    framed_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if not parts.hostname or parts.scheme not in ("http", "https"):
            raise WrongAddress(text("{address} is not a web address.", address=self.address))
        for address in self.framed_by:
            if address != origin(address) or not ORIGIN.fullmatch(address):
                raise WrongAddress(
                    text(
                        "{address} is not an origin: give scheme and host only, such as "
                        "https://canvas.example.ac.jp.",
                        address=address,
                    )
                )
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise WrongAddress(
                text(
                    "{address} is not https. Put a proxy with a certificate in front, and give its "
                    "address; docs/service.md says how.",
                    address=self.address,
                )
            )

    @property
    def origin(self) -> str:
        """Scheme, host and port of the public address."""
        return origin(self.address)

    @property
    def secure(self) -> bool:
        """Whether browsers come by https; only then may cookies live in a frame of the LMS."""
        return self.address.startswith("https://")

    def url(self, path: str) -> str:
        """The public address of ``path``."""
        return self.origin + path

    @property
    def tool(self) -> Tool:
        """Our addresses, as platforms are told."""
        return Tool(
            self.name,
            self.origin,
            self.url("/lti/login"),
            self.url("/lti/launch"),
            self.url("/lti/jwks"),
        )
