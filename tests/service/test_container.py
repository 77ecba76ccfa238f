"""What can be run of ``deploy/`` without a container runtime or systemd as the first process."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import needs

needs.need("yaml")

import yaml

from grader.sandbox import isolation
from source_tree import ROOT

DEPLOY = ROOT / "deploy"
GRADER = Path(sys.executable).with_name("grader")
SERVICE_KEYS = {
    *("build", "image", "restart", "init", "read_only", "tmpfs", "cap_drop", "environment"),
    *("volumes", "depends_on", "stop_grace_period", "command", "ports", "security_opt"),
    "healthcheck",
}
SUBMISSION = "import numpy as np\ndef relu_forward(z):\n    return np.maximum(z, 0)\n"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_compose_says_nothing_that_compose_does_not_know(compose: dict[str, Any]) -> None:
    assert {key for key in compose if not key.startswith("x-")} == {"services", "volumes"}
    for name, service in compose["services"].items():
        assert set(service) <= SERVICE_KEYS, name
        mounted = {volume.partition(":")[0] for volume in service["volumes"]}
        assert mounted <= set(compose["volumes"]), name
        assert set(service.get("depends_on", ())) <= set(compose["services"]), name


def test_ours_run_without_privileges_and_only_the_proxy_reaches_them(
    compose: dict[str, Any],
) -> None:
    for name in ("web", "worker"):
        service = compose["services"][name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
    assert compose["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert compose["services"]["web"]["security_opt"] == ["no-new-privileges:true"]
    assert [n for n, s in compose["services"].items() if "ports" in s] == ["web"]


def test_a_forgotten_secret_stops_compose() -> None:
    """``${NAME:?why}`` ends with the reason; ``${NAME}`` would start with an empty password."""
    used = re.findall(r"\$\{([^}]*)\}", (DEPLOY / "compose.yaml").read_text("utf-8"))
    assert used
    assert all(":?" in words for words in used)


def test_the_image_ends_as_an_ordinary_user() -> None:
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    steps = [line.split(maxsplit=1) for line in lines if re.match(r"[A-Z]+ ", line)]
    last = len(steps) - 1 - [word for word, _ in reversed(steps)].index("USER")
    assert steps[last][1] == "grader"
    assert "CMD" in [word for word, _ in steps[last:]]
    assert not {word for word, _ in steps} & {"ADD", "VOLUME"}


@pytest.mark.parametrize("name", ["grader-web.service", "grader-worker.service"])
def test_systemd_understands_the_unit(tmp_path: Path, name: str) -> None:
    needs.need_program("systemd-analyze")
    source = (DEPLOY / name).read_text("utf-8")
    assert verified(tmp_path / name, source) == ""
    wrong = source.replace("ProtectHome=yes", "ProtectHomes=yes")
    assert "ProtectHomes" in verified(tmp_path / name, wrong)


def verified(path: Path, source: str) -> str:
    """What systemd complains of in a unit whose program is where it is installed here."""
    path.write_text(source.replace("/opt/grader/bin/grader", str(GRADER)))
    call = ["systemd-analyze", "verify", "--man=no", str(path)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=False)
    return "\n".join(line for line in done.stderr.splitlines() if path.name in line)


def in_container(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """``grader check`` where an ordinary user has no capability and can write in one folder only.

    As in the worker's container: another user namespace, a read-only root, no new privileges.
    """
    (folder / "work").mkdir()
    (folder / "submission.py").write_text(SUBMISSION)
    walls = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    walls += ["--bind", str(folder / "work"), str(folder / "work"), "--unshare-user"]
    walls += ["--uid", "10001", "--gid", "10001", "--unshare-pid", "--cap-drop", "ALL", *more]
    for name in ("TMPDIR", "MPLCONFIGDIR", "HOME"):
        walls += ["--setenv", name, str(folder / "work")]
    call = [str(GRADER), "check", "assignment4", str(folder / "submission.py"), "--lang", "en"]
    call += ["--isolation", "required", "--format", "json"]
    return subprocess.run(
        [*walls, "--", *call], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or bool(isolation.plan("auto").missing) or not shutil.which("bwrap"),
    reason="needs every wall",
)
def test_the_sandbox_stands_inside_an_unprivileged_container(tmp_path: Path) -> None:
    done = in_container(tmp_path)
    assert done.returncode == 1, done.stderr  # it was checked; most functions are missing
    assert '"missing": []' in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or bool(isolation.plan("auto").missing) or not shutil.which("bwrap"),
    reason="needs every wall",
)
def test_where_namespaces_are_forbidden_nothing_is_graded_and_it_says_why(tmp_path: Path) -> None:
    done = in_container(tmp_path, "--disable-userns")
    assert done.returncode == 3, done.stdout
    assert "This machine lacks layers" in done.stderr
    assert "private file system" in done.stderr
