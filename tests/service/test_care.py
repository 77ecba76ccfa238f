"""What an operator does, with the real commands on real databases of both kinds."""

from __future__ import annotations

import json
import stat
import tarfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import jwt
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy", "alembic", "python_multipart")

from grader.errors import GraderError
from grader.service import operating, sessions
from grader.service.backup import SECRET_TABLES, backup
from grader.service.commands import service as command
from grader.service.context import Context, signing_keys
from grader.service.rates import MINUTE, Rate
from grader.service.settings import Limits, Settings
from grader.store import Store, open_store
from grader.store.grades import override
from grader.store.models import Base, Submission, User
from grader.store.people import Person, course, user
from grader.store.secret import installation_secret
from grader.store.service import Login, PlatformRow
from web_service import Service, running_service

NAME, NUMBER, MAIL = "忘却 希望子", "26Z-FORGET-ME", "forget.me@example.ac.jp"
REASON = "A reason that names Nozomiko"


def run(store: Store, *words: str) -> Result:
    url = store.engine.url.render_as_string(hide_password=False)
    place = ["--database", url, "--files", str(store.files.folder)]
    return CliRunner().invoke(command, [words[0], *place, *words[1:]], input="y\n")


@pytest.fixture
def own(tmp_path: Path, address: str) -> Iterator[Service]:
    with running_service(tmp_path, database=address) as service:
        service.enter("student", "course-x", "student")
        service.enter("other", "course-x", "student")
        yield service


@pytest.fixture
def empty(address: str, tmp_path: Path, new_database: Callable[[str], str]) -> Iterator[Store]:
    """Of the other kind than ``own``: a backup is also the way from one to the other."""
    other = "sqlite" if "://" in address else "postgresql"
    store = open_store(new_database(other), tmp_path / "restored")
    yield store
    store.close()


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Everything but what a backup leaves out."""
    with store.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in SECRET_TABLES
        }


def test_a_backup_comes_back_whole(own: Service, empty: Store, tmp_path: Path) -> None:
    graded = own.submission(own.roles["student"], "one = 1\n")
    own.submission(own.roles["other"], "two = '日本語'\n", graded=False)
    secret, key = installation_secret(own.store), signing_keys(own.store)[0]
    target = tmp_path / "grader.tar.gz"
    assert run(own.store, "backup", str(target)).exit_code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    token = own.roles["student"].token
    with tarfile.open(target) as archive:
        names = archive.getnames()
    assert not [name for name in names if "web_sessions" in name or "lti_logins" in name]
    assert not target.with_name(target.name + ".part").exists()
    done = run(empty, "restore", str(target))
    assert done.exit_code == 0, done.output
    assert rows(empty) == rows(own.store)
    assert installation_secret(empty) == secret
    assert signing_keys(empty)[0] == key
    with empty.reading() as session:
        for one in session.scalars(select(Submission)):
            assert empty.files.read(one.digest) == own.store.files.read(one.digest)
        assert session.get(Submission, graded) is not None
        assert session.get_one(User, own.roles["student"].user_id).name == "student"
    settings = Settings("http://localhost:8000", "x")
    request = _request(sessions.cookie_name(settings), token)
    assert sessions.find(own.store, settings, request) is not None
    assert sessions.find(empty, settings, request) is None


def _request(name: str, token: str):  # type: ignore[no-untyped-def]
    from starlette.requests import Request

    return Request({"type": "http", "headers": [(b"cookie", f"{name}={token}".encode())]})


def test_a_backup_is_never_readable_by_others(own: Service, tmp_path: Path) -> None:
    target, seen = tmp_path / "grader.tar.gz", []
    read = own.store.files.read
    own.submission(own.roles["student"])

    def watched(digest: str) -> bytes:
        unfinished = target.with_name(target.name + ".part")
        seen.append(stat.S_IMODE(unfinished.stat().st_mode))
        return read(digest)

    own.store.files.read = watched  # type: ignore[method-assign]
    backup(own.store, target)
    assert seen == [0o600]


def test_restoring_wants_an_empty_database(own: Service, empty: Store, tmp_path: Path) -> None:
    own.submission(own.roles["student"])
    target = tmp_path / "grader.tar.gz"
    backup(own.store, target)
    with empty.writing() as session:
        course(session, "mine", "Mine")
    before = rows(empty)
    refused = run(empty, "restore", str(target))
    assert isinstance(refused.exception, GraderError)
    assert "not empty" in refused.exception.text["en"]
    assert rows(empty) == before
    assert not [path for path in empty.files.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("where", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("how", ["cut", "overwritten"])
def test_a_damaged_backup_restores_nothing(
    own: Service, empty: Store, tmp_path: Path, where: float, how: str
) -> None:
    own.submission(own.roles["student"])
    target = tmp_path / "grader.tar.gz"
    backup(own.store, target)
    data = bytearray(target.read_bytes())
    start = int(where * len(data))
    if how == "cut":
        del data[start:]
    else:
        data[start : start + 64] = bytes(64)
    target.write_bytes(data)
    refused = run(empty, "restore", str(target))
    assert isinstance(refused.exception, GraderError), refused.exception
    assert not any(rows(empty).values())


def test_forgetting_leaves_no_trace_in_the_file(own: Service) -> None:
    student, other = own.roles["student"], own.roles["other"]
    with own.store.writing() as session:
        person = session.get_one(User, student.user_id)
        person.name, person.student_number, person.email = NAME, NUMBER, MAIL
    shared, theirs = "shared = 1\n", "only = 'mine'\n"
    mine = [own.submission(student, shared), own.submission(student, theirs)]
    kept = own.submission(other, shared)
    with own.store.writing() as session:
        override(session, session.get_one(Submission, mine[1]), 1.0, REASON, "user:9")
        digests = [session.get_one(Submission, number).digest for number in mine]
    assert student.client.get("/", follow_redirects=True).status_code == 200
    done = run(own.store, "forget", str(student.user_id))
    assert done.exit_code == 0
    assert "2" in done.output
    assert student.client.get("/").status_code == 401
    for number in mine:
        assert other.client.get(f"/submission/{number}").status_code == 404
    assert other.client.get(f"/submission/{kept}/file").text == shared
    assert own.store.files.read(digests[0]) == shared.encode()
    with pytest.raises(FileNotFoundError):
        own.store.files.read(digests[1])
    _insist_on_no_trace(own.store, [NAME, NUMBER, MAIL, REASON, digests[1]])


def _insist_on_no_trace(store: Store, words: list[str]) -> None:
    """Neither in a row nor, in SQLite's file, in the pages that deleted rows leave behind."""
    assert [word for word in words if word in repr(rows(store))] == []
    if not store.is_sqlite:
        return
    place = Path(str(store.engine.url.database))
    for path in place.parent.glob(place.name + "*"):
        data = path.read_bytes()
        assert [word for word in words if word.encode() in data] == [], path.name


def test_forgetting_somebody_unknown_is_said(own: Service) -> None:
    assert run(own.store, "forget", "4711").exit_code == 1


@given(st.integers(1, 5), st.lists(st.floats(0, 40), max_size=40))
def test_never_more_than_the_limit_in_any_minute(limit: int, pauses: list[float]) -> None:
    now = 0.0
    rate = Rate(limit, lambda: now)
    allowed: list[float] = []
    for pause in pauses:
        now += pause
        inside = [at for at in allowed if now - at < MINUTE]
        assert rate.allow("somebody") == (len(inside) < limit)
        if len(inside) < limit:
            allowed.append(now)


def test_who_comes_too_often_waits(tmp_path: Path) -> None:
    with running_service(tmp_path, Limits(requests_per_minute=3)) as service:
        one, other = (service.enter(name, "x", "student") for name in ("one", "other"))
        answers = [one.client.get("/api/me") for _ in range(4)]
        assert [a.status_code for a in answers] == [200, 200, 200, 429]
        assert answers[-1].headers["retry-after"] == "60"
        assert other.client.get("/api/me").status_code == 200
        assert one.client.get("/healthz").status_code == 200


def test_inventing_cookies_does_not_help(tmp_path: Path) -> None:
    limits = Limits(requests_per_minute=3, requests_per_address=8)
    with running_service(tmp_path, limits) as service, service.client() as client:
        states = [
            client.get("/join", headers={"Cookie": f"grader={n}"}).status_code for n in range(12)
        ]
    assert states == [200] * 8 + [429] * 4


def test_uploads_have_a_limit_of_their_own(tmp_path: Path) -> None:
    limits = Limits(uploads_per_minute=2, waiting_per_person=1)
    with running_service(tmp_path, limits) as service:
        one = service.enter("one", "x", "student")
        page = f"/assignment/{service.assignment(one.course_id)}"
        sent = [one.post(page, {"pasted": f"x = {n}\n"}).status_code for n in range(3)]
        assert sent == [303, 400, 429]  # taken; one still waits; too often
        with service.store.reading() as session:
            assert len(session.scalars(select(Submission)).all()) == 1


def _published(client: httpx.Client) -> list[str]:
    return [key["kid"] for key in client.get("/lti/jwks").json()["keys"]]


def test_a_rotated_key_signs_at_once_and_the_last_one_still_counts(own: Service) -> None:
    anybody = own.client()
    (first,) = _published(anybody)
    context = Context(own.store, own.settings)
    under_way = context.signing_key().sign({"iss": "x"})
    assert run(own.store, "rotate-key").exit_code == 0
    second = context.signing_key().kid
    assert second != first
    assert set(_published(anybody)) == {first, second}
    keys = {key["kid"]: jwt.PyJWK(key) for key in anybody.get("/lti/jwks").json()["keys"]}
    for token in (under_way, context.signing_key().sign({"iss": "x"})):
        kid = jwt.get_unverified_header(token)["kid"]
        assert jwt.decode(token, keys[kid], ["RS256"]) == {"iss": "x"}
    assert run(own.store, "rotate-key").output.strip() == context.signing_key().kid
    assert set(_published(anybody)) == {second, context.signing_key().kid}
    context.http.close()


def test_old_logins_are_not_kept(own: Service) -> None:
    operating.add_platform(
        own.store,
        issuer="https://lms.example",
        client_id="1",
        authorization_endpoint="https://lms.example/auth",
        token_endpoint="https://lms.example/token",
        jwks_uri="https://lms.example/jwks",
    )
    query = {
        "iss": "https://lms.example",
        "login_hint": "somebody",
        "target_link_uri": own.settings.url("/lti/launch"),
    }
    anybody = own.client()
    assert anybody.get("/lti/login", params=query).status_code == 302
    with own.store.writing() as session:
        (old,) = session.scalars(select(Login)).all()
        old.created_at -= timedelta(days=1)
        gone = old.state_hash
    assert anybody.get("/lti/login", params=query).status_code == 302
    with own.store.reading() as session:
        (left,) = session.scalars(select(Login)).all()
        assert left.state_hash != gone
        assert session.scalars(select(PlatformRow)).one().issuer == "https://lms.example"


def test_who_was_forgotten_comes_back_as_a_stranger(own: Service) -> None:
    student = own.roles["student"]
    run(own.store, "forget", str(student.user_id))
    with own.store.writing() as session:
        assert user(session, Person("test", "student", "student")).id != student.user_id


def test_people_are_found_by_what_is_known_of_them(own: Service) -> None:
    student = own.roles["student"]
    with own.store.writing() as session:
        person = session.get_one(User, student.user_id)
        person.name, person.student_number, person.email = NAME, "26_100%", MAIL
    line = f"{student.user_id}  {NAME}  26_100%  course-x\n"
    for words in ("希望子", "_100%", "FORGET.ME@"):
        assert run(own.store, "people", words).output == line
    assert run(own.store, "people", "%%").output == ""
    assert len(run(own.store, "people").output.splitlines()) == 2


def test_what_was_done_can_be_read(own: Service, tmp_path: Path) -> None:
    teacher = own.enter("teacher", "course-x", "teacher")
    number = own.assignment(teacher.course_id)
    assert teacher.client.get(f"/dashboard/{number}/export.csv").status_code == 200
    run(own.store, "backup", str(tmp_path / "grader.tar.gz"))
    run(own.store, "forget", str(own.roles["other"].user_id))
    entries = [json.loads(line) for line in run(own.store, "audit").output.splitlines()]
    assert [entry["action"] for entry in entries] == ["export", "backup", "forget"]
    assert entries[0]["actor"] == f"user:{teacher.user_id}"
    assert entries[0]["people"] == 2
    last = run(own.store, "audit", "--last", "1").output
    assert json.loads(last) == entries[-1]
