"""The training benchmark on a tiny network, with densefit, NumPy and whatever else is installed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import images, limits, measure, training
from benchmarks.peers import registry
from benchmarks.peers.base import Rows, Trainer, loss_of
from benchmarks.tables import training_tables
from benchmarks.workloads import Workload, initial_weights

TINY = Workload((784, 24, 16, 10), 16, "adam", 0.001, 2, images="fashion")
SGD = replace(TINY, optimizer="sgd", learning_rate=0.1)
INSTALLED = [peer for peer in registry.PEERS if not peer.missing]
ALWAYS = [peer for peer in INSTALLED if peer.name in ("densefit", "NumPy")]


def run(workloads: list[Workload], peers: list[registry.Peer], repetitions: int = 2):
    return training.run(
        workloads, peers, samples=330, repetitions=repetitions, threads=1, tell=lambda text: None
    )


@pytest.fixture(scope="module")
def result():
    return run([TINY, SGD], ALWAYS)


def test_densefit_and_numpy_train_the_same(result) -> None:
    for workload in result["workloads"]:
        ours, theirs = (workload["peers"][peer.name] for peer in ALWAYS)
        assert "error" not in theirs
        assert theirs["loss"] == pytest.approx(ours["loss"], rel=1e-4)
        assert ours["loss"] != ours["loss_after_check"]
        assert len(theirs["microseconds"]) == 2
        assert min(ours["microseconds"] + theirs["microseconds"]) > 0


def test_a_result_says_what_it_is_of(result) -> None:
    assert result["threads"] == 1
    assert result["images"]["fashion"]["density"] > 0.3
    assert {"date", "processor", "load_at_start", "load_at_end"} <= set(result["machine"])
    assert result["workloads"][0]["steps"] == 2 * (330 // 16)
    assert {"numpy", "densefit"} <= set(result["versions"])
    json.dumps(result)


def test_limits_and_products_are_beside_it(result) -> None:
    for measured in result["workloads"][0]["rounds"]:
        assert len(measured["dense"]) == 3
        assert min(measured["dense"] + measured["sgemm"]["NumPy"]) > 0
        if "limit" in measured:
            assert min(measured["limit"].values()) > 0
            assert measured["limit"]["width"] in (4, 8, 16)


def test_the_tables_show_every_peer(result) -> None:
    steps, ratios, machine = training_tables(result)
    assert [row[0] for row in steps.rows] == [
        "densefit",
        "NumPy",
        "matrix products at the fma peak",
    ]
    assert ratios.rows[0][2] == "NumPy"
    assert len(machine.rows) == 2


class OneStepTooFew(registry.trainer("NumPy")):
    """Leaves the last batch out."""

    def run(self) -> None:
        rows = self._rows
        size = self.workload.batch_size
        short = rows.order[:, : rows.order.shape[1] - size]
        self._rows = Rows(rows.x, rows.y, short, rows.seed)
        super().run()
        self._rows = rows


def trained(trainer_class: type[Trainer], workload: Workload) -> float:
    rng = np.random.default_rng(0)
    loaded = images.load("fashion", 160)
    x, y = loaded.x, loaded.y
    weights = [array for pair in initial_weights(workload, 3) for array in pair]
    trainer = trainer_class(workload, weights, 1)
    trainer.prepare(Rows(x, y, rng.permutation(160)[None], 5))
    trainer.reset()
    trainer.run()
    return loss_of(trainer.weights(), x, y)


@pytest.mark.parametrize("workload", [TINY, SGD], ids=lambda w: w.optimizer)
def test_a_different_training_is_noticed(workload: Workload) -> None:
    numpy = registry.trainer("NumPy")
    ours = trained(numpy, workload)
    assert measure.disagreement(trained(numpy, workload), ours, "check") is None
    assert measure.disagreement(trained(OneStepTooFew, workload), ours, "check")
    faster = replace(workload, learning_rate=1.1 * workload.learning_rate)
    assert measure.disagreement(trained(numpy, faster), ours, "check")


def test_who_disagrees_is_shown_and_the_run_fails(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setitem(measure.TOLERANCES, "check", 0.0)
    monkeypatch.setattr(training, "named_workloads", lambda patterns: [TINY])
    arguments = ["--peer", "NumPy", "--repetitions", "1", "--samples", "320", "--threads", "1"]
    output = tmp_path / "out.json"
    done = CliRunner().invoke(training.main, [*arguments, "--output", str(output)])
    assert done.exit_code == 1
    assert "not the same training" in done.output
    peer = json.loads(output.read_text("utf-8"))["workloads"][0]["peers"]["NumPy"]
    assert peer["disagrees"]
    assert "densefit has" in peer["error"]


def test_a_peer_that_cannot_start_is_left_out_and_named() -> None:
    broken = registry.Peer("Broken", "no_such_module:Trainer", ("numpy",))
    absent = registry.Peer("Absent", "x:Y", ("no_such_package",))
    result = run([TINY], [ALWAYS[0], broken, absent], repetitions=1)
    assert set(result["workloads"][0]["peers"]) == {"densefit"}
    assert result["absent"]["Absent"] == "no_such_package is not installed"
    assert "Broken" in result["absent"]


@pytest.mark.slow
@pytest.mark.parametrize("peer", [p for p in INSTALLED if p not in ALWAYS], ids=lambda p: p.name)
def test_every_installed_peer_trains_the_same(peer: registry.Peer) -> None:
    result = run([TINY, SGD], [ALWAYS[0], peer])
    assert result["absent"] == {}
    for workload in result["workloads"]:
        assert "error" not in workload["peers"][peer.name]
        assert len(workload["peers"][peer.name]["microseconds"]) == 2


def test_the_command_prints_writes_and_draws(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(training, "named_workloads", lambda patterns: [TINY])
    arguments = ["--peer", "NumPy", "--repetitions", "1", "--samples", "320"]
    output = tmp_path / "new" / "out.json"
    done = CliRunner().invoke(training.main, [*arguments, "--output", str(output)])
    assert done.exit_code == 0, done.output
    assert "over the fastest peer" in done.output
    for name in ("out.png", "out-roofline.png"):
        assert (output.parent / name).read_bytes().startswith(b"\x89PNG")


def test_a_wrong_name_is_a_wrong_call() -> None:
    done = CliRunner().invoke(training.main, ["--peer", "caffe"])
    assert done.exit_code == 2
    assert "no peer has 'caffe'" in done.output


def test_a_busy_machine_is_refused_when_asked(monkeypatch) -> None:
    monkeypatch.setattr("benchmarks.machine.load_average", lambda: 99.0)
    done = CliRunner().invoke(training.main, ["--when-quiet"])
    assert done.exit_code == 1
    assert "load average is 99.0" in done.output


def test_without_a_compiler_there_are_no_limits(monkeypatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    with limits.compiled() as program:
        assert not program
        with pytest.raises(RuntimeError, match="C compiler"):
            program.measure(1)
