"""An example class, so that a teacher can look around a minute after the installation."""

from __future__ import annotations

import inspect
import io
import json
import zipfile

from sqlalchemy import select

from densefit import reference
from densefit.learning_curves import diagnose
from grader.assignment import Assignment, find_assignment, known_assignments
from grader.experiment.family import load_family
from grader.experiment.replay import train
from grader.service.pages.local import invite
from grader.service.uploads import Part, accept
from grader.service.variants import variants_of
from grader.store import Store
from grader.store.models import Course
from grader.store.people import Person, assignment, course, enrol, user

SLUG = "demo"
NAMES = (
    "山田 太郎",
    "Zoë Martin",
    "髙﨑 恵",
    "O'Neil-Smith, Sam",
    "佐藤 花子",
    "Priya N.",
    "鈴木 一郎",
    "Lena Weiß",
)
PATIENCE = 1000


def prepare(store: Store) -> tuple[str, str, str]:
    """The example class, made once; secrets of a teacher, a student, and the class."""
    slug = known_assignments()[0]
    found = find_assignment(slug)
    with store.writing() as session:
        fresh = session.scalar(select(Course).where(Course.slug == SLUG)) is None
        within = course(session, SLUG, "Neural Networks (example)")
        task = assignment(session, within, slug, found.title["en"])
        people = [user(session, Person("demo", name, name)) for name in NAMES]
        for number, person in enumerate(people, 1):
            person.student_number = f"26A{number:03}"
            enrol(session, within, person)
        teacher = user(session, Person("demo", "teacher", "中村 先生"))
        enrol(session, within, teacher, "teacher").role = "teacher"
        session.flush()
        secrets = (
            invite(session, "person", course_id=within.id, user_id=teacher.id, role="teacher"),
            invite(session, "person", course_id=within.id, user_id=people[0].id),
            invite(session, "course", course_id=within.id),
        )
        ids = [person.id for person in people]
    if fresh:
        variants = variants_of(store, found, SLUG, ids)
        for number, (user_id, source) in enumerate(zip(ids, _submissions(), strict=False)):
            part = _handed_in(found, source, variants.get(user_id), reads=number % 3 < 2)
            accept(store, task.id, user_id, part, f"demo-example-{number}", PATIENCE)
    return secrets


def _handed_in(found: Assignment, source: str, variant: int | None, *, reads: bool) -> Part:
    """A zip with the student's own experiment; who does not read it calls every curve good."""
    family = load_family(found.folder)
    files = {"submission.py": source}
    if family is not None and variant is not None:
        history = train(family.setting(variant), family.seed(variant))
        read = diagnose(history)
        verdict = str(read.verdict) if reads else "good_fit"
        best = read.best_epoch if reads else len(history["loss"])
        files["history.json"] = json.dumps(history)
        files["diagnosis.toml"] = (
            f'first_epoch = 1\n\n[own]\nvariant = {variant}\nhistory = "history.json"\n'
            f'verdict = "{verdict}"\nbest_epoch = {best}\n'
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return Part("submission.zip", packed.getvalue())


def _submissions() -> list[str]:
    """What the class handed in: the library's own mathematics, most with a classic mistake.

    Nobody has written ``train`` yet, so nobody has full marks, and no answer is given away that
    was not in the package before.
    """
    right = inspect.getsource(reference)
    return [right, *(right.replace(*change) for change in _MISTAKES), UNFINISHED]


# Classic mistakes, each one line away from the right program.
_MISTAKES = (
    ("- target) / n", "- target)"),
    ("dz.sum(axis=0)", "dz.mean(axis=0)"),
    ("_float64(param) - learning_rate", "_float64(param) + learning_rate"),
    ("_float64(z) > 0.0", "_float64(da) > 0.0"),
    ("np.exp(z - z.max(axis=-1, keepdims=True))", "np.exp(z)"),
)
UNFINISHED = """import numpy as np


def dense_forward(x, w, b):
    return x @ w + b


def relu_forward(z):
    return np.maximum(z, 0)
"""
