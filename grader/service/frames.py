"""Who may show our pages in a frame: learning platforms, to those who came from one; else nobody.

A page that another site can lay invisibly over its own could have its buttons clicked by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from sqlalchemy import select

from grader.lti.http import origin
from grader.store import Store
from grader.store.service import PlatformRow

__all__ = ["NOBODY", "ORIGIN", "SCOPE", "platforms"]

SCOPE = "frame_ancestors"  # where a request says it to the guard that writes the header
NOBODY = "'none'"
ORIGIN = re.compile(r"https?://(\*\.)?[\w.-]+(:\d+)?|https?://\[[\da-fA-F:]+\](:\d+)?")
# Canvas in the cloud has one issuer for all, and each institution its own host below this one.
CANVAS, CANVAS_PAGES = "instructure.com", "https://*.instructure.com"


def platforms(store: Store, further: Iterable[str] = ()) -> str:
    """The origins of every registered platform, and the operator's ``further`` ones."""
    addresses = select(PlatformRow.issuer, PlatformRow.authorization_endpoint)
    with store.reading() as session:
        found = {origin(url) for row in session.execute(addresses) for url in row}
    if any(_below(one, CANVAS) for one in found):
        found.add(CANVAS_PAGES)
    usable = sorted(filter(ORIGIN.fullmatch, found | set(further)))
    return " ".join(usable) or NOBODY


def _below(address: str, domain: str) -> bool:
    host = urlsplit(address).hostname or ""
    return host == domain or host.endswith("." + domain)
