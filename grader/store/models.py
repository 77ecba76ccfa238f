"""The tables.

A. One person is one ``User`` whatever door they came through; how a door names them (a Moodle
   participant number, a Canvas user id, the ``sub`` of an LTI platform) is an ``Identity``.
B. A ``Submission`` is one attempt: its bytes lie in a file named by their SHA-256, written before
   the row. Attempts of one person at one assignment are numbered from 1.
C. A ``Job`` is work on a submission. Who claims it holds a lease, not the job: a worker that dies
   costs its lease. ``key`` makes asking twice for the same work one job.
D. A ``Grading`` is what a job gave, at most one for each job by a unique constraint: that, not the
   good behaviour of workers, is why no grade is there twice.
E. What a teacher decides is an ``Override`` with a reason; nothing that was graded is changed by
   it. The latest one that was not withdrawn counts.
F. Nothing is updated silently: ``AuditEntry`` says who did what to which row.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from grader.store.types import Document, Timestamp

# Constraints need names, or no migration can ever change them.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
ROLES = ("student", "assistant", "teacher")
QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"


def utc_now() -> datetime:
    """The time now, by the clock of this machine."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """What every table shares; further tables (LTI, accounts) derive from it."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012
        datetime: Timestamp,
        float: Double,
        dict[str, Any]: Document,
    }


class Course(Base):
    """A course: whose teachers see whose students."""

    __tablename__ = "courses"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    assignments: Mapped[list[Assignment]] = relationship(back_populates="course")


class Assignment(Base):
    """An assignment as one course gives it; ``slug`` is the grader's name for it."""

    __tablename__ = "assignments"
    __table_args__ = (UniqueConstraint("course_id", "slug"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    slug: Mapped[str]
    title: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    opens_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    course: Mapped[Course] = relationship(back_populates="assignments")


class User(Base):
    """A person. Every field about them may be empty: an LMS may send no personal data at all."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None] = mapped_column(index=True)
    username: Mapped[str | None] = mapped_column(index=True)
    student_number: Mapped[str | None] = mapped_column(index=True)
    language: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]

    identities: Mapped[list[Identity]] = relationship(
        back_populates="user", cascade="all, delete-orphan"
    )


class Identity(Base):
    """How one provider (``moodle``, ``canvas``, an LTI platform, ``local``) names a person."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("provider", "subject"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    provider: Mapped[str]
    subject: Mapped[str]

    user: Mapped[User] = relationship(back_populates="identities")


class Enrolment(Base):
    """What a person is in a course: ``student``, ``assistant`` or ``teacher``."""

    __tablename__ = "enrolments"
    __table_args__ = (UniqueConstraint("course_id", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(default="student")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Submission(Base):
    """One attempt of one person; the bytes are in :class:`grader.store.files.FileStore`."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("assignment_id", "user_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(index=True)
    filename: Mapped[str]
    size: Mapped[int] = mapped_column(default=0)
    late: Mapped[bool] = mapped_column(default=False)
    source: Mapped[dict[str, Any]] = mapped_column(default=dict)
    received_at: Mapped[datetime] = mapped_column(default=utc_now)

    assignment: Mapped[Assignment] = relationship()
    user: Mapped[User] = relationship()
    jobs: Mapped[list[Job]] = relationship(
        back_populates="submission", cascade="all, delete-orphan", order_by="Job.id"
    )
    gradings: Mapped[list[Grading]] = relationship(
        back_populates="submission", cascade="all, delete-orphan", order_by="Grading.id"
    )


class Job(Base):
    """Work on a submission: ``queued``, ``running`` under a lease, ``done`` or ``failed``."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "state", "priority", "id"), UniqueConstraint("key"))
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(default="grade")
    key: Mapped[str]
    seed: Mapped[str | None]  # a seed may be larger than any column of integers
    state: Mapped[str] = mapped_column(default=QUEUED)
    priority: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=3)
    not_before: Mapped[datetime] = mapped_column(default=utc_now)
    lease_owner: Mapped[str | None]
    lease_token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    error: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    submission: Mapped[Submission] = relationship(back_populates="jobs")


class Grading(Base):
    """The result of a job: ``document`` is what ``result_schema.json`` describes."""

    __tablename__ = "gradings"
    __table_args__ = (UniqueConstraint("job_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    submission_id: Mapped[int] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE"), index=True
    )
    seed: Mapped[str]
    score: Mapped[float]
    max_score: Mapped[float]
    seconds: Mapped[float] = mapped_column(default=0.0)
    worker: Mapped[str | None]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    submission: Mapped[Submission] = relationship(back_populates="gradings")


class Override(Base):
    """Points a teacher gave by hand, and why."""

    __tablename__ = "overrides"
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE"), index=True
    )
    points: Mapped[float]
    reason: Mapped[str]
    author: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    withdrawn_at: Mapped[datetime | None]


class AuditEntry(Base):
    """Who did what to which row; never changed, and kept when the row is deleted."""

    __tablename__ = "audit_log"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    actor: Mapped[str]
    action: Mapped[str]
    course_id: Mapped[int | None] = mapped_column(index=True)
    subject: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
