"""Migrations make exactly the tables of the models; transactions keep what they promise."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import needs

needs.need("sqlalchemy", "alembic")

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from grader.errors import GraderError, NotChecked
from grader.store import Store, audit, grades, open_store, people
from grader.store.migrate import config, upgrade
from grader.store.models import AuditEntry, Base, Grading, Job, Submission, User

from . import rows


def test_the_migrations_make_the_models(store: Store) -> None:
    with store.engine.begin() as connection:
        made = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(made, Base.metadata) == []


def test_every_migration_can_be_taken_back(store: Store) -> None:
    with store.engine.begin() as connection:
        command.downgrade(config(connection), "base")
    assert set(inspect(store.engine).get_table_names()) <= {"alembic_version"}
    upgrade(store.engine)
    assert set(Base.metadata.tables) <= set(inspect(store.engine).get_table_names())


def test_processes_that_start_together_upgrade_once(address: str, tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def start() -> None:
        try:
            open_store(address, tmp_path).close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_opening_again_keeps_the_rows(address: str, tmp_path: Path) -> None:
    first = open_store(address, tmp_path)
    rows.submission(first)
    first.close()
    second = open_store(address, tmp_path)
    with second.reading() as session:
        assert session.scalars(select(User.name)).all() == ["山田 太郎"]
    second.close()


def test_a_reader_does_not_hold_up_a_writer(store: Store) -> None:
    rows.submission(store, "1")
    with store.reading() as session:
        assert len(session.scalars(select(Submission)).all()) == 1
        rows.submission(store, "2")
    with store.reading() as session:
        assert len(session.scalars(select(Submission)).all()) == 2


def test_writers_wait_for_each_other(store: Store) -> None:
    """Read, then write, at once in many threads: every increment counts."""
    rows.submission(store)

    def attempt() -> None:
        for _ in range(5):
            with store.writing() as session:
                row = session.scalars(select(Submission).with_for_update()).one()
                row.size += 1

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert session.scalars(select(Submission.size)).one() == 20


def test_what_fails_leaves_nothing(store: Store) -> None:
    def half() -> None:
        with store.writing() as session:
            people.course(session, "nn")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with store.reading() as session:
        assert session.execute(text("SELECT count(*) FROM courses")).scalar() == 0


def test_a_submission_needs_its_person(store: Store) -> None:
    number = rows.submission(store)
    with pytest.raises(IntegrityError), store.writing() as session:
        session.execute(text("UPDATE submissions SET user_id = 999"))
    with store.writing() as session:
        session.execute(text("DELETE FROM users"))
    with store.reading() as session:
        assert session.get(Submission, number) is None


def test_moments_come_back_in_utc(store: Store) -> None:
    number = rows.submission(store)
    moment = datetime(2026, 4, 1, 8, 30, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
    with store.writing() as session:
        session.get_one(Submission, number).received_at = moment
    with store.reading() as session:
        found = session.get_one(Submission, number).received_at
    assert found == moment
    assert found.tzinfo == UTC


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    number = rows.submission(store)
    naive = datetime(2026, 4, 1)
    with pytest.raises(StatementError, match="time zone"), store.writing() as session:
        session.get_one(Submission, number).received_at = naive


def test_a_person_keeps_what_is_known_of_them(store: Store) -> None:
    with store.writing() as session:
        first = people.user(session, people.Person("canvas", "7", "Zoë", email="zoe@example.org"))
        again = people.user(session, people.Person("canvas", "7", student_number="s07"))
        other = people.user(session, people.Person("moodle", "7", "髙﨑"))
        assert first is again
        assert (first.name, first.email, first.student_number) == ("Zoë", "zoe@example.org", "s07")
        assert other.id != first.id


def test_attempts_are_numbered_and_the_last_one_counts(store: Store) -> None:
    first, second = rows.submission(store), rows.submission(store)
    with store.reading() as session:
        assert session.get_one(Submission, first).number == 1
        last = grades.latest_submissions(session, session.get_one(Submission, first).assignment_id)
        assert [submission.id for submission in last] == [second]


def test_a_teacher_decides_and_says_why(store: Store) -> None:
    number = rows.submission(store)
    with store.writing() as session:
        row = session.get_one(Submission, number)
        job = Job(submission_id=number, key="k")
        session.add(job)
        session.flush()
        for score in (3.0, 4.0):
            session.add(
                Grading(
                    job_id=job.id,
                    submission_id=number,
                    seed="1",
                    score=score,
                    max_score=10,
                    document=rows.document(score),
                )
            )
            job = Job(submission_id=number, key=f"k{score}")
            session.add(job)
            session.flush()
        assert grades.grades(session, [row])[0].points == 4.0
        grades.override(session, row, 6, "the statement was unclear", "teacher")
        grades.override(session, row, 8, "explained in person", "teacher")
        (grade,) = grades.grades(session, [row])
        assert (grade.points, grade.reason) == (8, "explained in person")
        assert grades.withdraw(session, row, "teacher")
        assert not grades.withdraw(session, row, "teacher")
        assert grades.grades(session, [row])[0].points == 4.0
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert actions == ["override", "override", "withdraw override"]


@pytest.mark.parametrize(("points", "reason"), [(-1, "x"), (3, " "), (float("nan"), "x")])
def test_an_override_needs_points_and_a_reason(store: Store, points: float, reason: str) -> None:
    number = rows.submission(store)
    with store.writing() as session, pytest.raises(GraderError, match="reason"):
        grades.override(session, session.get_one(Submission, number), points, reason, "teacher")


def test_audit_entries_name_the_row(store: Store) -> None:
    number = rows.submission(store)
    with store.writing() as session:
        entry = audit.record(session, "teacher", "looked", session.get_one(Submission, number), n=1)
        session.flush()
        assert (entry.subject, entry.details) == (f"submissions:{number}", {"n": 1})


@pytest.mark.parametrize("address", ["nosuch://x", "postgresql://[", "http://example.org"])
def test_a_wrong_address_is_explained(address: str, tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="database"):
        open_store(address, tmp_path)


def test_a_server_needs_a_folder_for_files() -> None:
    needs.need("psycopg")
    with pytest.raises(GraderError, match="folder"):
        open_store("postgresql://user@127.0.0.1:1/none")


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    needs.need("psycopg")
    with pytest.raises(NotChecked) as raised:
        open_store("postgresql://user:secret@127.0.0.1:1/none", tmp_path)
    assert "secret" not in str(raised.value)


def test_what_is_no_database_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "grades.db"
    path.write_bytes(b"this is not a database, only a text of some length" * 100)
    with pytest.raises(NotChecked, match=r"grades\.db"):
        open_store(path)
