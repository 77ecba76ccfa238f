"""The tables of the web service: who comes in by which door, and which scores must go out.

A. Of a secret (state, session, invitation) the database knows the SHA-256 only: whoever reads a
   backup cannot use it.
B. A ``Login`` is used once: the launch consumes it in one UPDATE, and its nonce with it.
C. An ``OutgoingScore`` is one row for each (link, person). What is to stand in the gradebook is
   ``points``; ``sent_points`` is what the platform confirmed. A crash between the two costs a
   repetition, never a score.
D. An ``InstallationSecret`` is made once and never changes: seeds and personal variants follow
   from it, and must be the same when something is graded again years later.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.store.models import Assignment, Base, Course, User, utc_now


class PlatformRow(Base):
    """A learning platform that may send people in."""

    __tablename__ = "lti_platforms"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    client_id: Mapped[str]
    authorization_endpoint: Mapped[str]
    token_endpoint: Mapped[str]
    jwks_uri: Mapped[str]
    authorization_server: Mapped[str | None]
    product: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Login(Base):
    """A login under way, from the announcement to the launch."""

    __tablename__ = "lti_logins"
    state_hash: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(unique=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platforms.id", ondelete="CASCADE"))
    storage_target: Mapped[str | None]
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    used_at: Mapped[datetime | None]

    platform: Mapped[PlatformRow] = relationship()


class Link(Base):
    """An activity in a course of a platform, and the assignment it stands for."""

    __tablename__ = "lti_links"
    __table_args__ = (UniqueConstraint("platform_id", "deployment_id", "resource_link_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platforms.id", ondelete="CASCADE"))
    deployment_id: Mapped[str]
    resource_link_id: Mapped[str]
    assignment_id: Mapped[int] = mapped_column(
        ForeignKey("assignments.id", ondelete="CASCADE"), index=True
    )
    line_item: Mapped[str | None]
    line_items: Mapped[str | None]
    members_url: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    platform: Mapped[PlatformRow] = relationship()
    assignment: Mapped[Assignment] = relationship()


class OutgoingScore(Base):
    """The outbox: what is to stand in a platform's gradebook, and how far it has come."""

    __tablename__ = "lti_scores"
    __table_args__ = (UniqueConstraint("link_id", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("lti_links.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str]
    points: Mapped[float]
    max_points: Mapped[float]
    sent_points: Mapped[float | None]
    state: Mapped[str] = mapped_column(default="waiting", index=True)
    tries: Mapped[int] = mapped_column(default=0)
    last_timestamp: Mapped[float | None]
    next_at: Mapped[datetime] = mapped_column(default=utc_now)
    reason: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)

    link: Mapped[Link] = relationship()
    user: Mapped[User] = relationship()


class SigningKey(Base):
    """A key of ours; the newest signs, all that are listed are published."""

    __tablename__ = "lti_keys"
    kid: Mapped[str] = mapped_column(primary_key=True)
    pem: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class InstallationSecret(Base):
    """What this installation knows and no student does; see :mod:`grader.store.secret`."""

    __tablename__ = "installation_secrets"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class WebSession(Base):
    """Somebody who is in: one person in one course, until it expires."""

    __tablename__ = "web_sessions"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    role: Mapped[str]
    csrf: Mapped[str]
    launch: Mapped[dict[str, Any] | None]
    framed: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    user: Mapped[User] = relationship()
    course: Mapped[Course] = relationship()


class Invitation(Base):
    """A link that lets somebody in without an LMS, or (``platform``) registers one."""

    __tablename__ = "invitations"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(default="student")
    author: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
