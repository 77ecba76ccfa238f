"""Courses, people and results for the tests of the store."""

from __future__ import annotations

from typing import Any

from grader.store import Queue, Store, people


def submission(store: Store, subject: str = "1", name: str = "山田 太郎") -> int:
    """The id of a new submission of a person."""
    with store.writing() as session:
        course = people.course(session, "nn", "Neural networks")
        assignment = people.assignment(session, course, "assignment4")
        who = people.user(session, people.Person("moodle", subject, name))
        people.enrol(session, course, who)
        upload = people.Upload(store.files.add(subject.encode()), "submission.py")
        return people.submit(session, assignment, who, upload).id


def jobs(store: Store, queue: Queue, count: int) -> list[int]:
    """The ids of jobs on as many submissions."""
    ids = [submission(store, str(i)) for i in range(count)]
    with store.writing() as session:
        return [queue.add(session, i, key=f"grade:{i}", seed=2**63 + i).id for i in ids]


def document(score: float = 7.5, **more: Any) -> dict[str, Any]:
    """What a grader gives, as far as the store reads it."""
    return {"seed": 2**63, "score": score, "max_score": 10, "seconds": 0.5} | more
