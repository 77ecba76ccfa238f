"""One class for each way a submission can fail; the docstring tells its author what to do.

Each carries ``text``, the sentence for the student in every language, ``kind``, the word for it in
a report, and ``fatal``, whether the process is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from grader.i18n import Text, join, text


class GraderError(Exception):
    """The call, the assignment or the machine is wrong; nothing was graded."""

    exit_code = 2

    def __init__(self, message: Text) -> None:
        super().__init__(message["en"])
        self.text = message

    def __reduce__(self) -> tuple[type[GraderError], tuple[Text]]:
        """Travel between processes with every language."""
        return type(self), (self.text,)


class AssignmentError(GraderError):
    """An assignment's own files are wrong. Its author corrects the file, line and key named."""


class SubmissionNotFound(GraderError):
    """There is nothing to grade at the path. Check the path, or give the file itself."""


class NotChecked(GraderError):
    """The submission could not be checked; this says nothing about its quality."""

    exit_code = 3


class StudentError(Exception):
    """A failure of the submission, not of the grader."""

    kind: ClassVar[str] = "failed"
    fatal: ClassVar[bool] = False  # the process is gone

    def __init__(self, message: Text, trace: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message["en"])
        self.text = message
        self.trace = list(trace)


class ImportFailure(StudentError):
    """The file stopped before its end. Run it alone: ``python submission.py`` must not fail."""

    kind = "import failed"


class SyntaxFailure(ImportFailure):
    """Python cannot read the file. Look at the line named and at the one above it."""

    kind = "syntax error"


class MissingFunction(StudentError):
    """The file has no function of this name. Define it with exactly this name."""

    kind = "missing"


class StudentException(StudentError):
    """The function raised an exception. Its last line says what, the trace says where."""

    kind = "raised"


class NotWritten(StudentError):
    """The function is as the starter has it. Replace the line that raises by your own code."""

    kind = "not written"


class CallTimeout(StudentError):
    """One call took too long. Look for an endless loop, or for loops that NumPy can replace."""

    kind = "timed out"
    fatal = True


class SubmissionTimeout(StudentError):
    """All calls together took too long. Make the slowest function faster."""

    kind = "timed out"
    fatal = True


class OutOfMemory(StudentError):
    """The function asked for too much memory. Look for an array far larger than its inputs."""

    kind = "out of memory"
    fatal = True  # the judge ends the process: filling the memory again takes long each time


class Crashed(StudentError):
    """The process ended. Look for ``exit()``, ``quit()`` and recursion without an end."""

    kind = "crashed"
    fatal = True


class OutputFlood(StudentError):
    """The submission printed too much. Remove ``print`` from inside loops."""

    kind = "printed too much"
    fatal = True


class BadReturn(StudentError):
    """The function returned something that is not an array or number of the right kind."""

    kind = "bad return value"


class Tampered(StudentError):
    """The channel to the judge was disturbed. Do not write to descriptors you did not open."""

    kind = "tampered"
    fatal = True


def from_worker(error: dict[str, Any], name: str) -> StudentError:
    """The exception for an error that the worker reported for a call of ``name``."""
    from grader.sanitise import clean

    words = clean(str(error["message"]))
    raised = f"{clean(str(error['type']), 60)}: {words}" if words else clean(str(error["type"]), 60)
    trace = [
        {"file": clean(str(s["file"]), 80), "line": s["line"], "text": clean(str(s["text"]))}
        for s in error["trace"]
    ]
    match error["kind"]:
        case "syntax":
            where = f"{trace[0]['file']}:{trace[0]['line']}" if trace else name
            return SyntaxFailure(
                text("Python cannot read {where}: {words}.", where=where, words=words), trace
            )
        case "missing":
            return MissingFunction(
                text("There is no function {name}. Define it with exactly this name.", name=name)
            )
        case "memory":
            return OutOfMemory(text("{name} asked for too much memory.", name=name), trace)
        case "exit":
            return StudentException(
                text(
                    "{name} ended the program ({raised}). Remove exit(), quit() and sys.exit().",
                    name=name,
                    raised=raised,
                ),
                trace,
            )
        case "value":
            return BadReturn(
                text("{name} returned {words}, more than can be checked.", name=name, words=words)
            )
    if error["type"] == "NotImplementedError":
        return NotWritten(text("{name} is not written yet.", name=name), trace)
    message = text("{name} raised {raised}.", name=name, raised=raised)
    if error["type"] in ("ModuleNotFoundError", "ImportError"):
        only = text(
            "Only the standard library and NumPy are there while grading; keep other imports "
            "out of the file."
        )
        message = join([message, only])
    return StudentException(message, trace)
