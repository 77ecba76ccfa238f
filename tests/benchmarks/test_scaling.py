"""The queue behind docs/scaling.md: exact formulas, conservation laws, and what the page shows."""

from __future__ import annotations

import math
import os
import random
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import evening, paste, queueing, results, scaling, scaling_report
from benchmarks.processor_time import ProcessorTime
from benchmarks.queueing import erlang_c, mean_wait, percentile, queue_lengths, serve

# Whole seconds, so that sums and comparisons are exact.
JOBS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30)), min_size=1, max_size=40)
WORKERS = st.integers(1, 5)


def served(jobs: list[tuple[int, int]], workers: int) -> list[queueing.Served]:
    arrivals = list(accumulate(gap for gap, _ in jobs))
    return serve(arrivals, [service for _, service in jobs], workers)


@given(JOBS, WORKERS)
def test_no_job_is_lost_and_each_gets_what_it_needs(jobs, workers) -> None:
    done = served(jobs, workers)
    assert [job.arrival for job in done] == list(accumulate(gap for gap, _ in jobs))
    assert [job.finish - job.start for job in done] == [service for _, service in jobs]
    assert all(job.wait >= 0 for job in done)


@given(JOBS, WORKERS)
def test_nobody_overtakes(jobs, workers) -> None:
    assert all(a.start <= b.start for a, b in pairwise(served(jobs, workers)))


@given(JOBS, WORKERS)
def test_a_worker_has_one_job_at_a_time(jobs, workers) -> None:
    done = served(jobs, workers)
    assert {job.worker for job in done} <= set(range(workers))
    for worker in range(workers):
        own = [job for job in done if job.worker == worker]
        assert all(a.finish <= b.start for a, b in pairwise(own))


@given(JOBS, WORKERS)
def test_no_worker_is_idle_while_somebody_waits(jobs, workers) -> None:
    done = served(jobs, workers)
    for waiting in (job for job in done if job.wait > 0):
        for second in range(int(waiting.arrival), int(waiting.start)):
            busy = sum(job.start <= second < job.finish for job in done)
            assert busy == workers


@given(JOBS, WORKERS)
def test_the_line_summed_over_time_is_the_sum_of_the_waits(jobs, workers) -> None:
    done = served(jobs, workers)
    lengths = queue_lengths(done)
    assert lengths[-1][1] == 0
    assert all(length >= 0 for _, length in lengths)
    area = sum(length * (until - since) for (since, length), (until, _) in pairwise(lengths))
    assert area == sum(job.wait for job in done)


@given(JOBS, WORKERS)
def test_one_more_worker_makes_nobody_wait_longer(jobs, workers) -> None:
    few, more = served(jobs, workers), served(jobs, workers + 1)
    assert all(b.start <= a.start for a, b in zip(few, more, strict=True))


@pytest.mark.parametrize(("workers", "load"), [(1, 0.5), (2, 1.4), (5, 4.0)])
def test_the_simulation_agrees_with_erlang(workers: int, load: float) -> None:
    numbers = random.Random(workers)
    jobs = 150_000
    arrivals = list(accumulate(numbers.expovariate(load) for _ in range(jobs)))
    done = serve(arrivals, [numbers.expovariate(1.0) for _ in range(jobs)], workers)
    assert sum(job.wait > 0 for job in done) / jobs == pytest.approx(
        erlang_c(workers, load), rel=0.03
    )
    expected = mean_wait(workers, load, 1.0)
    assert sum(job.wait for job in done) / jobs == pytest.approx(expected, rel=0.06)


@given(st.floats(0, 0.99))
def test_erlang_for_one_and_two_workers(load: float) -> None:
    assert erlang_c(1, load) == pytest.approx(load)
    assert erlang_c(2, 2 * load) == pytest.approx(2 * load**2 / (1 + load))


@pytest.mark.parametrize("load", [-0.1, 2.0, math.nan])
def test_a_load_without_an_equilibrium_is_refused(load: float) -> None:
    with pytest.raises(ValueError, match="below 2 workers"):
        erlang_c(2, load)


def test_wrong_queues_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or more, not 0"):
        serve([0.0], [1.0], 0)
    with pytest.raises(ValueError, match="ascend"):
        serve([1.0, 0.0], [1.0, 1.0], 1)
    with pytest.raises(ValueError, match="argument"):
        serve([0.0, 1.0], [1.0], 1)


@given(st.lists(st.integers(), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_least_that_so_many_do_not_exceed(values, percent) -> None:
    found = percentile(values, percent)
    assert 100 * sum(v <= found for v in values) >= percent * len(values)
    assert 100 * sum(v < found for v in values) < percent * len(values)


@pytest.mark.parametrize("law", evening.SHARPNESS)
def test_half_arrive_in_the_last_hour_by_the_law(law: str) -> None:
    sharpness = evening.SHARPNESS[law]
    one = evening.Evening.drawn(3, sharpness, [1.0], [10.0])
    last = 3600 * (evening.HOURS - 1)
    late = [time for time in one.arrivals if time >= last]
    assert (len(one.arrivals), len(late)) == (evening.STUDENTS, evening.STUDENTS // 2)
    assert one.arrivals[-1] <= 3600 * evening.HOURS
    median = last + 3600 * 0.5 ** (1 / sharpness)
    assert sum(time > median for time in late) == pytest.approx(len(late) / 2, rel=0.05)
    share = one.services.count(10.0) / len(one.services)
    assert share == pytest.approx(evening.ENDLESS_SHARE, rel=0.2)


def test_evenings_are_those_of_their_seeds() -> None:
    drawn = [evening.Evening.drawn(seed, 2.0, [1.0, 2.0], [10.0], 100) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_summary_is_that_of_the_worst_evening() -> None:
    quiet = evening.Evening([0.0, 100.0], [1.0, 1.0])
    crowded = evening.Evening([0.0, 0.0, 0.0], [10.0, 20.0, 30.0])
    found = evening.summarised([quiet, crowded], 1)
    assert (found["mean"], found["p95"], found["longest"], found["queue"]) == (40 / 3, 30, 30, 2)
    assert found["core_hours_held"] == evening.HOURS
    assert found["core_hours_busy"] == 60 / 3600


def test_the_fewest_good_workers_are_found() -> None:
    rows = [{"workers": w, "p95": p} for w, p in ((1, 300.0), (2, 60.0), (3, 59.9), (4, 1.0))]
    assert scaling_report.enough(rows) == 3
    assert scaling_report.enough(rows[:2]) is None


def test_the_page_shows_the_simulation_of_its_measurement() -> None:
    result = results.read(results.FOLDER / "scaling.json", "scaling")
    again = evening.drawn_evenings(result["kinds"], "rush")
    for row in result["laws"]["rush"][:3]:
        assert evening.summarised(again, row["workers"]) == pytest.approx(row)


@pytest.mark.parametrize("lang", scaling_report.LANGUAGES)
def test_the_tables_are_complete(lang: scaling_report.Language) -> None:
    result = results.read(results.FOLDER / "scaling.json", "scaling")
    made = scaling_report.scaling_tables(result, lang)
    assert len(made) == 4
    assert all({len(row) for row in table.rows} == {len(table.headings)} for table in made)
    assert str(scaling_report.enough(result["laws"]["rush"])) in scaling_report.sentence(
        result, lang
    )
    assert str(result["machine"]["load_at_start"]) in scaling_report.machine_line(result, lang)


@pytest.mark.parametrize("lang", scaling_report.LANGUAGES)
def test_every_section_stands_on_the_page(lang: scaling_report.Language) -> None:
    page = next(p for p in paste.PAGES if p.name == f"scaling{'' if lang == 'en' else '.ja'}.md")
    text = page.read_text("utf-8")
    for name in scaling_report.SECTIONS:
        assert f"<!-- figures: scaling.{name}.{lang} -->" in text
    result = results.read(results.FOLDER / "scaling.json", "scaling")
    assert scaling_report.sentence(result, lang) in text


def test_the_figure_is_drawn(tmp_path: Path) -> None:
    result = results.read(results.FOLDER / "scaling.json", "scaling")
    scaling_report.draw(result, tmp_path / "scaling.png")
    assert (tmp_path / "scaling.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="reads Linux's /proc")
def test_every_kind_is_measured() -> None:
    one = {"complete": scaling.KINDS["complete"]}
    found = scaling.one_by_one(one, 1)["complete"]
    assert {name: len(values) for name, values in found.items()} == dict.fromkeys(
        ("seconds", "judge", "worker"), 1
    )
    assert found["judge"][0] > 0
    assert found["worker"][0] > 0


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="reads Linux's /proc")
def test_without_judges_there_is_nothing_to_measure() -> None:
    with ProcessorTime() as used:
        pass
    assert used.judge >= 0
    assert used.worker >= 0


def test_every_kind_exists_and_has_a_name_in_both_languages() -> None:
    for name, path in {**scaling.KINDS, evening.ENDLESS: scaling.ENDLESS_SUBMISSION}.items():
        assert path.is_file()
        assert all(name in words for words in scaling_report.WORDS.values())
    english, japanese = scaling_report.WORDS["en"], scaling_report.WORDS["ja"]
    assert english.keys() == japanese.keys()
