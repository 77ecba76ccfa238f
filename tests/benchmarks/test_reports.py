"""From JSON to tables and documentation; the other three benchmarks, briefly."""

import json
import re
from pathlib import Path

import pytest

from benchmarks import memory, paste, predict, readme, results, startup, steps, tables
from benchmarks.summaries import WorkloadSummary
from benchmarks.workloads import Workload


def workload(**peers) -> dict:
    limit = {"operations": 100e9, "bytes": 10e9, "width": 8}
    rounds = [
        {
            "dense": [90e9, 10e9],
            "sgemm": {"NumPy": [50e9, 5e9]},
            "limit_of_one": limit,
            "limit": limit | {"operations": rate},
        }
        for rate in (200e9, 150e9, 190e9)
    ]
    return {
        "name": "784-128-10 b32 sgd",
        "images": "mnist",
        "operations": 13_000_000,
        "intensity": 10.0,
        "steps": 100,
        "epochs": 1,
        "layers": [[784, 128], [128, 10]],
        "targets": {"fastest": 3, "keras": 20, "share": 0.85},
        "peers": peers,
        "rounds": rounds,
    }


DENSEFIT = {"microseconds": [50.0, 40.0, 60.0], "machine_share": [1.0, 0.5, 0.95]}
JAX = {"microseconds": [200.0, 200.0, 180.0]}
KERAS = {"microseconds": [800.0, 840.0, 900.0]}
FAILED = {"microseconds": [], "error": "loss 3 after the check, densefit has 2", "disagrees": True}


def result(**peers) -> dict:
    about = {"date": "2026-01-02T03:04:05+00:00", "processor": "Test CPU", "processors": 2}
    about |= {"densefit": "1.0", "numpy": "2.0", "instruction_set": "avx2", "load_at_start": 0.1}
    return {
        "machine": about,
        "versions": {"numpy": "2.0", "jax": "0.9"},
        "threads": 2,
        "samples": 60_000,
        "repetitions": 3,
        "images": {"mnist": {"source": "MNIST", "density": 0.19}},
        "workloads": [workload(**peers)],
    }


PEERS = {"densefit": DENSEFIT, "JAX": JAX, "Keras (jax)": KERAS, "Broken": FAILED}


def test_ratios_are_those_within_the_repetitions() -> None:
    s = WorkloadSummary(workload(**PEERS))
    assert s.fastest == "JAX"
    assert s.over_fastest == 4.0
    assert s.over_keras == 16.0
    assert s.dense_share == 0.9
    assert s.disturbed == (1, 3)
    assert s.bound_microseconds == pytest.approx(65.0)
    assert s.work_rate == pytest.approx(260.0)


def test_without_peers_there_are_no_ratios() -> None:
    s = WorkloadSummary(workload(densefit=DENSEFIT))
    assert (s.fastest, s.over_fastest, s.over_keras) == (None, None, None)
    assert WorkloadSummary(workload(JAX=JAX)).over_fastest is None


def test_the_tables_mark_targets_and_failures() -> None:
    steps, ratios, limits = tables.training_tables(result(**PEERS))
    assert dict(steps.rows)["Broken"] == "failed"
    assert dict(steps.rows)["densefit"] == "50 (±20 %)"
    assert ratios.rows[0][1:5] == (
        "4.0 × (✓ 3 ×)",
        "JAX",
        "16.0 × (✗ 20 ×)",
        "90 % (✓ 85 %)",
    )
    assert limits.rows[0][-1] == "1 of 3"
    for table in (steps, ratios, limits):
        assert {len(row) for row in table.rows} == {len(table.headings)}


def test_markdown_has_a_cell_per_heading() -> None:
    table = tables.Table("caption", ("", "a", "b"), [("x", "1", "2")])
    assert table.markdown() == "|  | a | b |\n| --- | --: | --: |\n| x | 1 | 2 |\n"


@pytest.mark.parametrize(("lang", "word"), [("en", "threads"), ("ja", "スレッド")])
def test_the_readme_describes_the_machine(lang, word: str) -> None:
    text = readme.summary(result(**PEERS), lang)
    assert "| 784-128-10 b32 sgd | 50 | JAX: 200 | 4.0 × | 840 | 16.0 × |" in text
    for said in (word, "Test CPU", "2026-01-02", "60,000", "0.1", "jax 0.9"):
        assert said in text


def test_figures_are_pasted_between_their_markers_and_nowhere_else(monkeypatch) -> None:
    monkeypatch.setitem(paste.SECTIONS, "startup", lambda: "new\n")
    before = "a\n<!-- figures: startup -->\nold\n<!-- /figures -->\nkept\n"
    after = "a\n<!-- figures: startup -->\nnew\n<!-- /figures -->\nkept\n"
    assert paste.pasted(before) == after
    assert paste.pasted(after) == after


@pytest.mark.parametrize(("name", "said"), [("summary.en", "Not measured"), ("summary.ja", "測定")])
def test_without_results_the_documentation_says_so(monkeypatch, tmp_path, name, said) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    page = f"<!-- figures: {name} -->\nold\n<!-- /figures -->\n"
    assert said in paste.pasted(page)
    results.write(tmp_path / "training.json", "training", result(**PEERS))
    assert "784-128-10" in paste.pasted(page)


def test_checking_writes_nothing(monkeypatch, tmp_path: Path, capsys) -> None:
    monkeypatch.setitem(paste.SECTIONS, "startup", lambda: "new\n")
    page = tmp_path / "page.md"
    page.write_text("<!-- figures: startup -->\nold\n<!-- /figures -->\n", encoding="utf-8")
    assert paste.main(check=True, pages=(page,)) == 1
    assert "old" in page.read_text("utf-8")
    assert "python -m benchmarks.paste" in capsys.readouterr().out
    assert paste.main(pages=(page,)) == 0
    assert "new" in page.read_text("utf-8")
    assert paste.main(check=True, pages=(page,)) == 0


@pytest.mark.parametrize("page", paste.PAGES, ids=lambda page: page.name)
def test_the_documentation_shows_the_results(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "<!-- figures: " in text
    assert text == paste.pasted(text), "run `python -m benchmarks.paste`"


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    results.write(path, "memory", {"a": 1})
    assert results.read(path, "memory")["a"] == 1
    with pytest.raises(ValueError, match=r"python -m benchmarks\.training"):
        results.read(path, "training")
    path.write_text(json.dumps({"benchmark": "memory", "schema": 0}), encoding="utf-8")
    with pytest.raises(ValueError, match="schema"):
        results.read(path, "memory")


def test_startup_measures_both_imports() -> None:
    measured = startup.run(1)
    assert min(figure for f in measured["milliseconds"].values() for figure in f) > 0
    rows = startup.startup_table({"milliseconds": {"numpy": [50.0], "densefit": [170.0]},
                                  "target": 100.0}).rows  # fmt: skip
    assert rows[-1] == ("densefit beyond NumPy", "120 ms (✗ 100 ms)")


def test_steps_are_measured_in_every_way() -> None:
    measured = steps.run(steps.SMALL[:1], 128, 1)
    (row,) = steps.steps_table(measured).rows
    assert row[0] == steps.SMALL[0].name
    assert len(row) == len(steps.KINDS) + 2
    assert min(map(float, row[1:])) > 0


def test_predict_measures_every_call() -> None:
    measured = predict.run(1, batch=20)
    assert min(figure for f in measured["microseconds"].values() for figure in f) > 0
    rows = predict.predict_table(measured).rows
    assert re.search(r"[✓✗] 15 µs", rows[0][-1])
    assert "GFLOP/s" in rows[-1][-1]


def test_memory_needs_at_least_the_parameters() -> None:
    """Weights of 31 MB cannot be had for less."""
    case = Workload((784, 10_000, 10), 8, "sgd", 0.01, 1)
    measured = memory.run((case,), 1, 1, samples=16)
    (found,) = measured["cases"]
    assert found["needed"] == 4 * (794 * 10_000 + 10_010 - 10_000 + 10_000 + 8 * 10_010)
    assert found["bytes"][0] > 4 * 784 * 10_000
    (row,) = memory.memory_table(measured).rows
    assert "1.25 ×" in row[-1]
