"""Courses, submissions, jobs and grades that survive every crash: SQLite, or PostgreSQL by URL."""

from __future__ import annotations

from grader.store.database import Store, open_store
from grader.store.queue import Lease, Queue

__all__ = ["Lease", "Queue", "Store", "open_store"]
