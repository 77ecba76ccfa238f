"""A learning platform: a real HTTP server on this machine that speaks LTI 1.3 Advantage.

It plays Moodle 4.5 or Canvas where they differ (`behaviour`), answers as told for a while
(`faults`), and its gradebook, columns, links and tokens are plain attributes that tests read.
"""

from __future__ import annotations

import html
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

from grader.lti.claims import AGS_CLAIM, DL, LTI, NRPS_CLAIM, SCOPES
from grader.lti.keys import ToolKey, generate_key, key_set
from lti_storage import course_page, storage_page

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
KEY = generate_key()  # making one takes long


@dataclass
class Person:
    subject: str
    name: str
    roles: list[str] = field(default_factory=lambda: [MEMBERSHIP + "Learner"])
    number: str = ""


@dataclass
class Reply:
    status: int = 200
    body: Any = None
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class LtiPlatform:
    """The platform's memory, and what it says."""

    origin: str
    behaviour: str = "moodle"
    people: dict[str, Person] = field(default_factory=dict)
    client_id: str = "densefit-client"
    deployment_id: str = "1"
    tool: dict[str, Any] = field(default_factory=dict)
    key: ToolKey = KEY
    line_items: dict[str, dict[str, Any]] = field(default_factory=dict)
    scores: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    links: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Any] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    jwks_requests: int = 0
    page_size: int = 20
    storage_target: str | None = None
    lying: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    registration_token: str = field(default_factory=lambda: secrets.token_urlsafe(8))

    @property
    def issuer(self) -> str:
        return self.origin

    def add(self, person: Person) -> None:
        self.people[person.subject] = person

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.origin}/auth",
            "token_endpoint": f"{self.origin}/token",
            "jwks_uri": f"{self.origin}/jwks",
            "registration_endpoint": f"{self.origin}/register",
            "scopes_supported": ["openid", *SCOPES],
            CONFIGURATION: {"product_family_code": self.behaviour, "version": "1"},
        }

    def initiation(self, subject: str, link: str) -> dict[str, str]:
        """The parameters of a login for this person and this link (``deep-link`` to pick one)."""
        known = self.links.get(link, {})
        parameters = {
            "iss": self.issuer,
            "login_hint": subject,
            "target_link_uri": known.get("url") or self.tool["redirect_uris"][0],
            "lti_message_hint": link,
            "client_id": self.client_id,
            "lti_deployment_id": self.deployment_id,
        }
        if self.storage_target:
            parameters["lti_storage_target"] = self.storage_target
        return parameters

    def claims(self, subject: str, link: str, nonce: str) -> dict[str, Any]:
        person, now = self.people[subject], int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": subject,
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
            "name": person.name,
            LTI + "version": "1.3.0",
            LTI + "deployment_id": self.deployment_id,
            LTI + "target_link_uri": self.tool["redirect_uris"][0],
            LTI + "roles": person.roles,
            LTI + "context": {"id": "course-7", "title": "ニューラルネットワーク入門"},
            LTI + "lis": {"person_sourcedid": person.number},
            AGS_CLAIM: {
                "scope": [s for s in SCOPES if "lti-ags" in s],
                "lineitems": f"{self.origin}/lineitems?type_id=3",
            },
            NRPS_CLAIM: {
                "context_memberships_url": f"{self.origin}/members",
                "service_versions": ["2.0"],
            },
        }
        if link == "deep-link":
            claims[LTI + "message_type"] = "LtiDeepLinkingRequest"
            claims[DL + "deep_linking_settings"] = {
                "deep_link_return_url": f"{self.origin}/deep-link-return",
                "accept_types": ["ltiResourceLink"],
                "accept_presentation_document_targets": ["iframe", "window"],
                "data": "opaque=1&more",
            }
            return claims
        known = self.links.get(link, {})
        claims[LTI + "message_type"] = "LtiResourceLinkRequest"
        claims[LTI + "resource_link"] = {"id": link, "title": known.get("title", "")}
        claims[LTI + "target_link_uri"] = known.get("url") or claims[LTI + "target_link_uri"]
        claims[LTI + "custom"] = known.get("custom", {})
        if "line_item" in known:
            claims[AGS_CLAIM]["lineitem"] = known["line_item"]
        return claims

    def sign(self, claims: dict[str, Any]) -> str:
        return self.key.sign(claims)

    def add_line_item(self, item: dict[str, Any]) -> dict[str, Any]:
        url = f"{self.origin}/lineitems/{len(self.line_items) + 1}/lineitem?type_id=3"
        self.line_items[url] = {**item, "id": url}
        return self.line_items[url]

    def grade(self, subject: str) -> float | None:
        """The share of the points that stands in the gradebook for this person."""
        for (_, user), score in self.scores.items():
            if user == subject and score.get("scoreGiven") is not None:
                return float(score["scoreGiven"]) / float(score["scoreMaximum"])
        return None


def parsed_time(words: str) -> float:
    moment = datetime.fromisoformat(words)
    assert moment.tzinfo is not None, "a timestamp needs a zone"
    return moment.timestamp()


def post_score(platform: LtiPlatform, item: str, body: dict[str, Any]) -> Reply:
    """As Moodle or Canvas answer, as far as it was observed."""
    user, moment = str(body["userId"]), parsed_time(body["timestamp"])
    platform.posts.append(body)
    person = platform.people.get(user)
    moodle = platform.behaviour == "moodle"
    if person is None or not any("Learner" in role for role in person.roles):
        return Reply(400 if moodle else 422, {"error": "not a student"})
    before = platform.scores.get((item, user))
    if before is not None:
        last = parsed_time(before["timestamp"])
        if moodle and int(moment) <= int(last):
            return Reply(409, {"error": "an older score"})
        if not moodle and moment < last:
            return Reply(400, {"error": "an older score"})
    if moodle and body["gradingProgress"] != "FullyGraded":
        body = {**body, "scoreGiven": None, "comment": None}
    platform.scores[item, user] = body
    return Reply(200 if moodle else 201, {})


class Handler(BaseHTTPRequestHandler):
    platform: ClassVar[LtiPlatform]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer("GET", "")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._answer("POST", self.rfile.read(length).decode())

    def _answer(self, method: str, body: str) -> None:
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
        reply = self._route(method, parts.path, query, body)
        content = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        data = content.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _route(self, method: str, path: str, query: dict[str, str], body: str) -> Reply:
        head = path.strip("/").split("/")[0]
        routes: dict[str, Callable[[], Reply]] = {
            ".well-known": lambda: Reply(body=self.platform.configuration()),
            "jwks": self._jwks,
            "register": lambda: self._register(json.loads(body)),
            "auth": lambda: self._auth(query),
            "token": lambda: self._token({k: v[0] for k, v in parse_qs(body).items()}),
            "open": lambda: self._open(query),
            "storage": lambda: Reply(body=storage_page(), type="text/html; charset=utf-8"),
            "deep-link-return": lambda: self._returned(parse_qs(body)["JWT"][0]),
            "members": lambda: self._members(query),
            "lineitems": lambda: self._line_items(method, path, query, body),
        }
        if head not in routes:
            return Reply(404, "no such page", "text/plain")
        return routes[head]()

    def _jwks(self) -> Reply:
        self.platform.jwks_requests += 1
        return Reply(body=key_set([self.platform.key]))

    def _register(self, request: dict[str, Any]) -> Reply:
        if self.headers["Authorization"] != f"Bearer {self.platform.registration_token}":
            return Reply(401, {})
        assert request["token_endpoint_auth_method"] == "private_key_jwt"
        assert request["grant_types"] == ["implicit", "client_credentials"]
        self.platform.tool = request
        configured = {**request[TOOL], "deployment_id": self.platform.deployment_id}
        return Reply(body={**request, "client_id": self.platform.client_id, TOOL: configured})

    def _auth(self, query: dict[str, str]) -> Reply:
        fixed = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": self.platform.client_id,
        }
        wrong = [name for name, value in fixed.items() if query.get(name) != value]
        if wrong or query["redirect_uri"] not in self.platform.tool["redirect_uris"]:
            return Reply(400, f"invalid {wrong or 'redirect_uri'}", "text/plain")
        claims = self.platform.claims(
            query["login_hint"], query["lti_message_hint"], query["nonce"]
        )
        fields = {"id_token": self.platform.sign(claims), "state": query["state"]}
        return Reply(body=form(query["redirect_uri"], fields), type="text/html; charset=utf-8")

    def _open(self, query: dict[str, str]) -> Reply:
        """What happens when somebody clicks the activity in the course."""
        fields = self.platform.initiation(query["user"], query["link"])
        where = self.platform.tool["initiate_login_uri"] + "?" + urlencode(fields)
        if query.get("frame"):
            page = course_page(where, self.platform.storage_target, lying=self.platform.lying)
            return Reply(body=page, type="text/html; charset=utf-8")
        return Reply(302, "", headers={"Location": where})

    def _returned(self, token: str) -> Reply:
        """A deep linking response: its links go into the course, its line items into the book."""
        kid = jwt.get_unverified_header(token)["kid"]
        keys = jwt.PyJWKClient(self.platform.tool["jwks_uri"])
        claims = jwt.decode(
            token,
            next(k.key for k in keys.get_signing_keys() if k.key_id == kid),
            algorithms=["RS256"],
            audience=self.platform.issuer,
            issuer=self.platform.client_id,
        )
        assert claims[DL + "data"] == "opaque=1&more"
        for item in claims[DL + "content_items"]:
            link = f"link-{len(self.platform.links) + 1}"
            line_item = self.platform.add_line_item({**item["lineItem"], "resourceLinkId": link})
            self.platform.links[link] = {**item, "line_item": line_item["id"]}
        return Reply(
            body=f"<!doctype html><title>Course</title><p id=made>{len(self.platform.links)}",
            type="text/html; charset=utf-8",
        )

    def _token(self, fields: dict[str, str]) -> Reply:
        assertion = fields["client_assertion"]
        keys = jwt.PyJWKClient(self.platform.tool["jwks_uri"])
        claims = jwt.decode(
            assertion,
            keys.get_signing_key_from_jwt(assertion).key,
            algorithms=["RS256"],
            audience=f"{self.platform.origin}/token",
        )
        if claims["iss"] != self.platform.client_id or claims["sub"] != claims["iss"]:
            return Reply(400, {"error": "invalid_client"})
        if not set(fields["scope"].split()) <= set(SCOPES):
            return Reply(400, {"error": "invalid_scope"})
        token = secrets.token_urlsafe(8)
        self.platform.tokens.add(token)
        return Reply(body={"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def _authorized(self) -> bool:
        header = self.headers["Authorization"] or ""
        return header.removeprefix("Bearer ") in self.platform.tokens

    def _members(self, query: dict[str, str]) -> Reply:
        if not self._authorized():
            return Reply(401, {})
        size, start = self.platform.page_size, int(query.get("from", 0))
        people = list(self.platform.people.values())
        listed = [
            {
                "user_id": person.subject,
                "name": person.name,
                "roles": [role.rpartition("#")[2] for role in person.roles],
                "lis_person_sourcedid": person.number,
            }
            for person in people[start : start + size]
        ]
        more = f'<{self.platform.origin}/members?from={start + size}>; rel="next"'
        headers = {"Link": more} if start + size < len(people) else {}
        return Reply(body={"id": self.path, "members": listed}, headers=headers)

    def _line_items(self, method: str, path: str, query: dict[str, str], body: str) -> Reply:
        if not self._authorized():
            return Reply(401, {})
        last = path.strip("/").rpartition("/")[2]
        item = f"{self.platform.origin}{path.rpartition('/')[0]}?type_id=3"
        if last == "lineitems" and method == "POST":
            return Reply(201, self.platform.add_line_item(json.loads(body)))
        if last == "lineitems":
            wanted = query.get("resource_id")
            found = [i for i in self.platform.line_items.values() if i["resourceId"] == wanted]
            return Reply(body=found)
        if item not in self.platform.line_items or query.get("type_id") != "3":
            return Reply(404, {})
        if last == "results":
            return Reply(body=self._results(item, query["user_id"]))
        return self._score(item, json.loads(body))

    def _score(self, item: str, body: dict[str, Any]) -> Reply:
        with self.platform.lock:
            return self._locked_score(item, body)

    def _locked_score(self, item: str, body: dict[str, Any]) -> Reply:
        fault = self.platform.faults.pop(0) if self.platform.faults else None
        if fault == "lost answer":  # it was stored, but nobody hears of it
            post_score(self.platform, item, body)
            return Reply(503, {})
        if isinstance(fault, int):
            return Reply(fault, {})
        return post_score(self.platform, item, body)

    def _results(self, item: str, user: str) -> list[dict[str, Any]]:
        score = self.platform.scores.get((item, user))
        if score is None or score.get("scoreGiven") is None:
            return []
        return [
            {
                "userId": user,
                "resultScore": score["scoreGiven"],
                "resultMaximum": score["scoreMaximum"],
                "comment": score.get("comment"),
            }
        ]


def form(action: str, fields: dict[str, str]) -> str:
    inputs = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )
    return (
        f'<!doctype html><form method="post" action="{html.escape(action)}">{inputs}</form>'
        "<script>document.forms[0].submit()</script>"
    )


@contextmanager
def running_platform(behaviour: str = "moodle", port: int = 0) -> Iterator[LtiPlatform]:
    """A platform on a free port of this machine, for as long as the block runs."""
    handler = type("BoundHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    platform = LtiPlatform(f"http://127.0.0.1:{server.server_address[1]}", behaviour)
    handler.platform = platform  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
