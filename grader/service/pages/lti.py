"""The doors from a learning platform: login, launch, deep linking, registration, our keys."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from grader.lti.claims import DEEP_LINKING, Launch
from grader.lti.deep_linking import Choice, response, return_url
from grader.lti.errors import LaunchRefused
from grader.lti.http import origin
from grader.lti.keys import key_set
from grader.lti.launch import validate
from grader.lti.login import LIFETIME_SECONDS, begin, read_initiation
from grader.lti.registration import register
from grader.service import frames, sessions
from grader.service.arrivals import PICK, arrive, choose
from grader.service.context import signing_keys
from grader.service.delivery import as_platform, most_points
from grader.service.routing import Call
from grader.store.audit import record
from grader.store.models import utc_now
from grader.store.service import Invitation, Login, PlatformRow

STEP_3 = "Security §5.1.1.3"


def login(call: Call) -> Response:
    """Step 1 and 2: remember the login, send the browser back to the platform."""
    sent = {**call.request.query_params, **{k: v for k, v in call.form.items() if type(v) is str}}
    settings = call.context.settings
    initiation = read_initiation(sent, settings.origin)
    with call.context.store.writing() as session:
        row = _platform(session, initiation.issuer, initiation.client_id)
        begun = begin(initiation, as_platform(row), settings.tool.launch)
        session.execute(delete(Login).where(Login.created_at < _oldest()))
        session.add(
            Login(
                state_hash=sessions.hashed(begun.state),
                nonce=begun.nonce,
                platform_id=row.id,
                storage_target=initiation.storage_target,
                parameters=initiation.parameters(),
            )
        )
        endpoint = row.authorization_endpoint
    if initiation.storage_target:
        answer = call.page(
            "lti_store.html",
            state=begun.state,
            key=_key(begun.state),
            target=initiation.storage_target,
            platform=origin(endpoint),
            forward=begun.redirect,
        )
    else:
        answer = RedirectResponse(begun.redirect, 302)
    _remember(call, answer, begun.state)
    return answer


def _platform(session: Session, issuer: str, client_id: str | None) -> PlatformRow:
    wanted = select(PlatformRow).where(PlatformRow.issuer == issuer)
    if client_id is not None:
        wanted = wanted.where(PlatformRow.client_id == client_id)
    found = session.scalars(wanted.limit(2)).all()
    if len(found) != 1:
        raise LaunchRefused("unknown-platform", "Security §5.1.1.1", "iss and client_id")
    return found[0]


def _key(state: str) -> str:
    """The name under which browser and platform storage keep a state."""
    return "lti-" + sessions.hashed(state)[:16]


def _remember(call: Call, answer: Response, state: str) -> None:
    secure = call.context.settings.secure
    rest = "; Secure; SameSite=None; Partitioned" if secure else "; SameSite=Lax"
    cookie = f"{_key(state)}={state}; Path=/lti/launch; HttpOnly; Max-Age={LIFETIME_SECONDS}{rest}"
    answer.headers.append("Set-Cookie", cookie)


def launch(call: Call) -> Response:
    """Step 3: the platform vouches; believe it only in the browser that asked, and only once."""
    state, token = call.field("state"), call.field("id_token")
    if not state or not token:
        raise LaunchRefused("incomplete", STEP_3, call.field("error")[:60] or "no id_token")
    with call.context.store.reading() as session:
        pending = session.get(Login, sessions.hashed(state))
        if pending is None or _is_old(pending):
            raise LaunchRefused("state", STEP_3, "the state is unknown or too old")
        parameters, platform = pending.parameters, pending.platform
        endpoint = platform.authorization_endpoint
    by_cookie = call.request.cookies.get(_key(state)) == state
    if not by_cookie and not _by_storage(call, state):
        return _without_cookies(call, pending, parameters, origin(endpoint))
    _consume(call, state)
    found = validate(
        token,
        as_platform(platform),
        call.context.platform_keys,
        nonce=pending.nonce,
        tool_origin=call.context.settings.origin,
        now=time.time(),
    )
    return _let_in(call, found, platform, by_cookie)


def _is_old(pending: Login) -> bool:
    return pending.created_at < _oldest()


def _oldest() -> datetime:
    """When a login must have begun to be continued now."""
    return utc_now() - timedelta(seconds=LIFETIME_SECONDS)


def _by_storage(call: Call, state: str) -> bool:
    """Our own script read the state from the platform's storage: no other site may say so."""
    ours = call.request.headers.get("origin") == call.context.settings.origin
    return ours and call.field("stored") == state


def _without_cookies(
    call: Call, pending: Login, parameters: dict[str, Any], platform: str
) -> Response:
    """The browser keeps no cookie in a frame: ask the platform's storage, else a new window."""
    if pending.storage_target and not call.field("stored"):
        state = call.field("state")
        return call.page(
            "lti_confirm.html",
            state=state,
            token=call.field("id_token"),
            key=_key(state),
            target=pending.storage_target,
            platform=platform,
        )
    return call.page("lti_window.html", parameters=parameters)


def _consume(call: Call, state: str) -> None:
    """Use a login up, atomically: the same token and state again find nothing."""
    unused = (
        update(Login)
        .where(Login.state_hash == sessions.hashed(state), Login.used_at.is_(None))
        .values(used_at=utc_now())
    )
    with call.context.store.writing() as session:
        if not session.execute(unused).rowcount:  # type: ignore[attr-defined]
            raise LaunchRefused("replayed", "Security §5.1.3.9", "state and nonce are spent")


def _let_in(call: Call, found: Launch, platform: PlatformRow, by_cookie: bool) -> Response:
    settings = call.context.settings

    def enter(session: Session) -> tuple[str, str]:
        arrival = arrive(session, call.context, found, platform)
        data = asdict(found) if arrival.path == PICK else None
        token = sessions.start(
            session, arrival.user, arrival.course, found.role, settings.session, data, framed=True
        )
        course = {"course_id": arrival.course.id}
        record(session, f"user:{arrival.user.id}", "launch", arrival.course, **course)
        return arrival.path, token

    there, token = call.context.store.write(enter)
    if not by_cookie:
        if found.message_type == DEEP_LINKING:
            # This page stays while others' contents replace its own: its policy must do.
            call.request.scope["form_action"] = _back_to(found)
        return call.page("lti_frame.html", token=token, there=there)
    answer = RedirectResponse(there, 303)
    sessions.set_cookie(answer, settings, token)
    return answer


def pick(call: Call) -> Response:
    """The teacher picks an assignment: for a new activity, or for one that says none."""
    found = _waiting(call)
    choosing = found.message_type != DEEP_LINKING
    return call.page("pick.html", assignments=call.context.assignments(), choosing=choosing)


def picked(call: Call) -> Response:
    """Send the choice back to the platform, signed; or keep it, for an activity that is there."""
    found, slug = _waiting(call), call.field("assignment")
    known = {one.slug: one for one in call.context.assignments()}
    if slug not in known:
        raise HTTPException(404)
    if found.message_type != DEEP_LINKING:
        return _chosen(call, found, slug)
    title, most = known[slug].title[call.language], most_points(known[slug])
    choice = Choice(slug, title, "", call.context.settings.tool.launch, most)
    token = response(found, [choice], call.context.signing_key(), time.time())
    with call.context.store.writing() as session:
        course = {"course_id": call.visit.course.id}
        record(session, call.visit.actor, "deep link", slug, **course)
    call.request.scope["form_action"] = _back_to(found)
    return call.page("lti_return.html", action=return_url(found), token=token)


def _chosen(call: Call, found: Launch, slug: str) -> Response:
    visit = call.visit
    with call.context.store.writing() as session:
        link = choose(session, call.context, found, visit.course, slug)
        record(session, visit.actor, "choose assignment", link, course_id=visit.course.id)
        there = f"/dashboard/{link.assignment_id}"
    return RedirectResponse(there, 303)


def _back_to(found: Launch) -> str:
    """Where forms may lead while a teacher picks: here, and back to the platform."""
    return f"'self' {origin(return_url(found))}"


def _waiting(call: Call) -> Launch:
    """The launch that waits for a choice."""
    data = call.visit.launch
    if not data:
        raise HTTPException(404)
    return Launch(**{**data, "roles": tuple(data["roles"])})


def keys(call: Call) -> Response:
    """Our public keys (Security §6.3)."""
    document = key_set(signing_keys(call.context.store))
    return JSONResponse(document, headers={"Cache-Control": "public, max-age=600"})


def registration(call: Call) -> Response:
    """Dynamic registration: a platform's administrator has pasted the operator's link."""
    query, secret = call.request.query_params, call.request.path_params["token"]
    with call.context.store.writing() as session:
        found = session.get(Invitation, sessions.hashed(secret))
        if found is None or found.kind != "platform" or found.used_at or _expired(found):
            raise HTTPException(404)
        if not query.get("openid_configuration"):
            raise HTTPException(400)
        found.used_at = utc_now()  # once, whatever comes of it: nobody tries addresses with it
    made = register(
        call.context.http,
        call.context.settings.tool,
        query["openid_configuration"],
        query.get("registration_token"),
    )
    _keep(call, made.platform, made.product)
    further = call.context.settings.framed_by  # now that the platform is one of ours
    call.request.scope[frames.SCOPE] = frames.platforms(call.context.store, further)
    return call.page("lti_registered.html", issuer=made.platform.issuer)


def _expired(invitation: Invitation) -> bool:
    return utc_now() > invitation.expires_at


def _keep(call: Call, platform: Any, product: str) -> None:
    with call.context.store.writing() as session:
        same = select(PlatformRow).where(
            PlatformRow.issuer == platform.issuer, PlatformRow.client_id == platform.client_id
        )
        row = session.scalar(same) or PlatformRow(
            issuer=platform.issuer, client_id=platform.client_id
        )
        row.authorization_endpoint = platform.authorization_endpoint
        row.token_endpoint, row.jwks_uri = platform.token_endpoint, platform.jwks_uri
        row.authorization_server, row.product = platform.authorization_server, product
        session.add(row)
        session.flush()
        record(session, "platform", "register platform", row, issuer=platform.issuer)
