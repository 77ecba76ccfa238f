"""Whose personal experiment is which, in the courses of this service.

By the number of the person here, not their student number: an LMS may send that late or never,
and what somebody has been given must not change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.assignment import Assignment
from grader.experiment.family import Setting, assigned, load_family
from grader.store import Store
from grader.store.secret import course_secret

__all__ = ["Variant", "variant_of", "variants_of"]


@dataclass(frozen=True)
class Variant:
    """A person's experiment: its number, and what it trains."""

    number: int
    setting: Setting


def variant_of(store: Store, assignment: Assignment, course: str, user_id: int) -> Variant | None:
    """A person's variant; None where the assignment has no experiments."""
    family = load_family(assignment.folder)
    number = variants_of(store, assignment, course, [user_id]).get(user_id)
    return None if family is None or number is None else Variant(number, family.setting(number))


def variants_of(
    store: Store, assignment: Assignment, course: str, user_ids: Iterable[int]
) -> dict[int, int]:
    """Everybody's number; empty where the assignment has no experiments."""
    family = load_family(assignment.folder)
    if family is None:
        return {}
    secret = course_secret(store, course)
    return {user_id: assigned(family, secret, f"user {user_id}") for user_id in user_ids}
