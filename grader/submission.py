"""Finds and reads what a student handed in: ``.py``, ``.ipynb``, a folder or a zip of them."""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.errors import SubmissionNotFound
from grader.files import Files, open_files
from grader.i18n import Text, text
from grader.notebook import code_cells
from grader.sanitise import clean

SUFFIXES = (".py", ".ipynb")
DIAGNOSIS = "diagnosis.toml"
MAX_ATTACHMENTS = 10
# Written in the order of preference when two files define equally much.
FAVOURED_STEMS = ("submission", "solution", "answer", "main")

_IMPORT = re.compile(r"^\s*(?:from\s+\.?(\w+)|import\s+(\w+(?:\s*,\s*\w+)*))", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A piece of source that runs as a whole: a file, or one cell of a notebook."""

    name: str
    source: str


@dataclass(frozen=True)
class Submission:
    """What was handed in, read into memory; nothing on disk is needed any more.

    ``attachments`` are the JSON files that ``diagnosis.toml`` names, by the name it gives them.
    """

    name: str
    cells: tuple[Cell, ...]
    helpers: dict[str, bytes] = field(default_factory=dict)
    diagnosis: str | None = None
    attachments: dict[str, str] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of everything that was read, the identity of the submission."""
        hashed = hashlib.sha256()
        parts = [cell.source.encode() for cell in self.cells]
        for name, data in sorted(self.helpers.items()):
            parts += [name.encode(), data]
        parts.append((self.diagnosis or "").encode())
        for name, words in sorted(self.attachments.items()):
            parts += [name.encode(), words.encode()]
        for part in parts:
            hashed.update(len(part).to_bytes(8, "big") + part)
        return hashed.hexdigest()


def read_submission(path: Path, functions: Sequence[str] = ()) -> Submission:
    """The submission at ``path``; ``functions`` decides between several candidate files."""
    files, name = open_files(path)
    if name is not None and not name.lower().endswith(SUFFIXES):
        raise SubmissionNotFound(
            text(
                "{path} is neither .py nor .ipynb, nor a folder or zip of those.",
                path=clean(str(path)),
            )
        )
    notes: list[Text] = []
    if name is None:
        name = _choose(files, functions, path, notes)
    folder = PurePosixPath(name).parent
    source = decode(name, files.read(name))
    cells = _cells(PurePosixPath(name).name, source)
    diagnosis, attachments = _diagnosis(files, folder)
    return Submission(
        name=clean(PurePosixPath(name).name, 100),
        cells=cells,
        helpers=_helpers(files, folder, name, "\n".join(cell.source for cell in cells)),
        diagnosis=diagnosis,
        attachments=attachments,
        notes=tuple(notes),
    )


def decode(name: str, data: bytes) -> str:
    """Source text from bytes: a BOM or coding line decides, else UTF-8, else CP932."""
    for encoding in (_declared(data), "utf-8-sig", "cp932"):
        if encoding is None:
            continue
        try:
            decoded = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        return decoded.replace("\r\n", "\n").replace("\r", "\n")
    raise SubmissionNotFound(
        text("{name} is neither UTF-8 nor CP932 text. Save it as UTF-8.", name=clean(name))
    )


def _declared(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError:
        return None


def _cells(name: str, source: str) -> tuple[Cell, ...]:
    if name.lower().endswith(".ipynb"):
        return tuple(Cell(*cell) for cell in code_cells(clean(name), source))
    return (Cell(clean(name, 100), source),)


def _choose(files: Files, functions: Sequence[str], path: Path, notes: list[Text]) -> str:
    """The candidate that defines most of the functions; says so when there were others."""
    candidates = [name for name in files.names() if name.lower().endswith(SUFFIXES)]
    if not candidates:
        raise SubmissionNotFound(
            text("There is no .py or .ipynb file in {path}.", path=clean(str(path)))
        )
    if len(candidates) == 1:
        return candidates[0]
    ranked = sorted(candidates, key=lambda name: _rank(files, name, functions))
    notes.append(
        text(
            "Found {count} candidate files, graded {name}. Others: {others}.",
            count=len(ranked),
            name=clean(ranked[0], 100),
            others=clean(", ".join(ranked[1:4]), 200) + (", …" if len(ranked) > 4 else ""),
        )
    )
    return ranked[0]


def _rank(files: Files, name: str, functions: Sequence[str]) -> tuple[int, int, int, str]:
    try:
        source = decode(name, files.read(name))
    except SubmissionNotFound:
        source = ""
    defined = len(_bound_names(name, source) & set(functions))
    stem = PurePosixPath(name).stem.lower()
    favoured = FAVOURED_STEMS.index(stem) if stem in FAVOURED_STEMS else len(FAVOURED_STEMS)
    return -defined, name.count("/"), favoured, name


def _bound_names(name: str, source: str) -> set[str]:
    """What a file defines, assigns or imports: what imports its helpers comes before them."""
    try:
        cells = _cells(name, source)
    except SubmissionNotFound:
        return set()
    names: set[str] = set()
    for cell in cells:
        try:
            tree = ast.parse(cell.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            names |= set(re.findall(r"^def\s+(\w+)\s*\(", cell.source, re.MULTILINE))
            continue
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                names |= {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.Assign):
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def _helpers(files: Files, folder: PurePosixPath, name: str, source: str) -> dict[str, bytes]:
    """The submission's own modules that it imports, and those that they import."""
    available = {n for n in files.names() if n.endswith(".py") and n != name}
    found: dict[str, bytes] = {}
    pending = _imported(source)
    seen: set[str] = set()
    while pending:
        module = pending.pop()
        if module in seen:
            continue
        seen.add(module)
        prefix = (folder / module).as_posix()
        for match in sorted(available):
            if match == f"{prefix}.py" or match.startswith(f"{prefix}/"):
                data = files.read(match)
                found[PurePosixPath(match).relative_to(folder).as_posix()] = data
                pending |= _imported(data.decode("utf-8", "replace"))
    return found


def _imported(source: str) -> set[str]:
    names: set[str] = set()
    for match in _IMPORT.finditer(source):
        names |= {name.strip() for name in (match[1] or match[2]).split(",")}
    return names


def _diagnosis(files: Files, folder: PurePosixPath) -> tuple[str | None, dict[str, str]]:
    """``diagnosis.toml`` beside the submission or on top, and the JSON files it names."""
    names = set(files.names())
    for place in (folder, PurePosixPath()):
        path = (place / DIAGNOSIS).as_posix()
        if path in names:
            answers = decode(path, files.read(path))
            named = re.findall(r"[\w./-]+\.json\b", answers)[:MAX_ATTACHMENTS]
            there = [name for name in named if (place / name).as_posix() in names]
            return answers, {
                name: decode(name, files.read((place / name).as_posix())) for name in there
            }
    return None, {}
