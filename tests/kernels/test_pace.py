"""How a training chooses between one thread and a team: pace.h, told what steps would take."""

import subprocess
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.helpers import needs

CSRC = Path(__file__).parents[2] / "csrc"
PROGRAM = """
    #include <stdio.h>
    #include <stdlib.h>
    #include "pace.h"
    /* calls steps cold alone team …: prints the seconds of all steps of each pair. A team's first
       steps after a change take `cold` times as long, for its threads have slept. */
    int main(int n, char **given) {
        int calls = atoi(given[1]), steps = atoi(given[2]);
        double cold = atof(given[3]);
        pace p = {0};
        for (int i = 4; i + 1 < n; i += 2) {
            double each[2] = {atof(given[i + 1]), atof(given[i])}, total = 0;
            for (int call = 0; call < calls; call++) {
                pace_resume(&p, 2, 1);
                for (int64_t left = steps, now; left > 0; left -= now) {
                    now = pace_steps(&p, left);
                    if (now < 1 || now > left) return 1;
                    double took = now * each[p.alone] * (p.settling && !p.alone ? cold : 1);
                    total += took;
                    pace_note(&p, now, took);
                }
            }
            printf("%.9g\\n", total);
        }
        return 0;
    }
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needs.need_program("cc")
    folder = tmp_path_factory.mktemp("pace")
    source = folder / "pace.c"
    source.write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
    made = folder / "pace"
    subprocess.run(["cc", f"-I{CSRC}", "-Wall", "-Werror", source, "-o", made], check=True)
    return made


def mean_steps(
    program: Path, calls: int, steps: int, cold: float, pairs: Sequence[tuple[float, float]]
) -> list[float]:
    """Microseconds of the mean step for each pair of what it takes alone and as a team."""
    numbers = [calls, steps, cold, *(f"{t}e-6" for pair in pairs for t in pair)]
    done = subprocess.run([program, *map(str, numbers)], capture_output=True, check=True)
    return [1e6 * float(line) / (calls * steps) for line in done.stdout.split()]


@pytest.mark.parametrize("pair", [(86.0, 54.0), (86.0, 140.0), (5000.0, 2600.0), (2.0, 30.0)])
def test_a_long_training_goes_the_faster_way(program: Path, pair: tuple[float, float]) -> None:
    (mean,) = mean_steps(program, 20, 2000, 5.0, [pair])
    assert min(pair) <= mean <= 1.06 * min(pair)


def test_where_steps_are_long_a_short_training_is_not_spent_on_trials(program: Path) -> None:
    (mean,) = mean_steps(program, 1, 50, 1.0, [(5000.0, 2600.0)])
    assert mean < 1.08 * 2600.0


def test_threads_that_have_to_wake_up_are_not_taken_for_slow_ones(program: Path) -> None:
    (mean,) = mean_steps(program, 1, 200, 6.0, [(86.0, 54.0)])
    assert mean < 1.4 * 54.0  # one thread all the way would be 1.6 times as slow


def test_a_neighbour_that_comes_and_goes_is_noticed(program: Path) -> None:
    quiet, busy, again = mean_steps(
        program, 20, 1000, 2.0, [(86.0, 54.0), (110.0, 300.0), (86.0, 54.0)]
    )
    assert quiet < 1.06 * 54.0
    assert busy < 1.35 * 110.0
    assert again < 1.1 * 54.0
