"""nbgrader: the submission and the tests are cells of one notebook."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.graders.base import CORRECT, Grader

__all__ = ["Nbgrader"]

TESTS = {
    "positive": "np.testing.assert_allclose(relu_forward(np.array([1.0, 2.0])), [1.0, 2.0])",
    "negative": "np.testing.assert_allclose(relu_forward(np.array([-1.0, 0.0])), [0.0, 0.0])",
    "shape": "assert relu_forward(np.zeros((3, 4))).shape == (3, 4)",
}
SOLUTION = f"### BEGIN SOLUTION\n{CORRECT}### END SOLUTION\n"
POINTS = """from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    found = book.find_submission("relu", "student")
    print(found.score, found.max_score)
"""


class Nbgrader(Grader):
    """``nbgrader autograde`` for one student of a course's folder."""

    package = "nbgrader"
    how = "`nbgrader autograde`: three examples, in the submission's kernel"

    def prepare(self) -> None:
        """A course with one assignment, released."""
        (self.folder / "nbgrader_config.py").write_text(
            'c = get_config()\nc.CourseDirectory.course_id = "course"\n', "utf-8"
        )
        self._write("source/relu", _notebook(SOLUTION))
        self.run([self.program("nbgrader"), "generate_assignment", "relu"]).check_returncode()

    def submit(self, source: str) -> None:
        """The released notebook with the student's cell filled in."""
        released = self.folder / "release" / "relu" / "relu.ipynb"
        notebook = json.loads(released.read_text("utf-8"))
        notebook["cells"][0]["source"] = source
        self._write("submitted/student/relu", notebook)

    def command(self) -> list[str]:
        """Grading again replaces what was there."""
        options = ["relu", "--student=student", "--force"]
        return [self.program("nbgrader"), "autograde", *options]

    def score(self, said: str) -> tuple[float, float]:
        """From the database that it keeps."""
        points, greatest = self.run([self.program("python"), "-c", POINTS]).stdout.split()
        return float(points), float(greatest)

    def _write(self, folder: str, notebook: dict[str, Any]) -> None:
        target = self.folder / folder
        target.mkdir(parents=True, exist_ok=True)
        (target / "relu.ipynb").write_text(json.dumps(notebook), "utf-8")


def _notebook(solution: str) -> dict[str, Any]:
    cells = [_cell("relu", solution, None)]
    cells += [_cell(name, source, 1) for name, source in TESTS.items()]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _cell(name: str, source: str, points: int | None) -> dict[str, Any]:
    test = points is not None
    marks = {"schema_version": 3, "grade_id": name, "task": False}
    marks |= {"grade": test, "solution": not test, "locked": test}
    marks |= {"points": points} if test else {}
    return {
        "cell_type": "code",
        "id": name,
        "source": source,
        "metadata": {"nbgrader": marks},
        "outputs": [],
        "execution_count": None,
    }
