"""Whose personal experiment is which, in the courses of this service.

By the number of the person here, not their student number: an LMS may send that late or never,
and what somebody has been given must not change.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.assignment import Assignment
from grader.experiment.family import Setting, assigned, load_family
from grader.store import Store
from grader.store.secret import course_secret

__all__ = ["Variant", "variant_of"]


@dataclass(frozen=True)
class Variant:
    """A person's experiment: its number, and what it trains."""

    number: int
    setting: Setting


def variant_of(store: Store, assignment: Assignment, course: str, user_id: int) -> Variant | None:
    """A person's variant; None where the assignment has no experiments."""
    family = load_family(assignment.folder)
    if family is None:
        return None
    number = assigned(family, course_secret(store, course), f"user {user_id}")
    return Variant(number, family.setting(number))
