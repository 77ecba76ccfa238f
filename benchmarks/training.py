"""How long a training step takes, in densefit and in every peer that is installed.

    python -m benchmarks.training

The same network, data, initial weights, batches and number of threads for all; each library in a
process of its own, asked in turns; the median of the repetitions counts. The losses are compared:
the exit code is 1 if one differs. densefit is measured as a user calls it, by ``Sequential.fit``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np

from benchmarks import figures, images, limits, machine, results, tables
from benchmarks.measure import Tell, measure
from benchmarks.peers import registry
from benchmarks.peers.registry import Peer
from benchmarks.protocol import Worker, WorkerError
from benchmarks.workloads import Workload
from benchmarks.workloads import named as named_workloads

__all__ = ["main", "run"]


@contextmanager
def _worker(peer: Peer, threads: int, folder: Path) -> Iterator[Worker]:
    command = [sys.executable, "-m", "benchmarks.peers.worker", peer.name, str(threads)]
    environment = registry.with_threads(threads) | peer.environment
    worker = Worker([*command, str(folder)], environment)
    try:
        yield worker
    finally:
        worker.close()


def _write_images(names: set[str], samples: int, folder: Path) -> dict[str, Any]:
    """Write the images for the workers; say what they are."""
    described = {}
    for name in sorted(names):
        loaded = images.load(name, samples)
        np.save(folder / f"{name}-x.npy", loaded.x)
        np.save(folder / f"{name}-y.npy", loaded.y)
        described[name] = {"source": loaded.source, "density": round(loaded.density, 4)}
    return described


def _start(
    peers: list[Peer], threads: int, folder: Path, stack: ExitStack, tell: Tell
) -> tuple[dict[str, Worker], dict[str, str], dict[str, str]]:
    """The workers that run, their versions, and why the others do not."""
    workers: dict[str, Worker] = {}
    versions: dict[str, str] = {}
    absent: dict[str, str] = {}
    for peer in peers:
        if peer.missing:
            absent[peer.name] = f"{peer.missing[0]} is not installed"
            continue
        worker = stack.enter_context(_worker(peer, threads, folder))
        try:
            versions |= worker.ask("versions")
            workers[peer.name] = worker
        except WorkerError as error:
            absent[peer.name] = str(error)
    for name, reason in absent.items():
        tell(f"{name} takes no part: {reason}")
    versions.pop("backend", None)
    return workers, versions, absent


def run(
    workloads: list[Workload],
    peers: list[Peer],
    *,
    samples: int,
    repetitions: int,
    threads: int,
    tell: Tell,
    save: Callable[[dict[str, Any]], None] = lambda result: None,
) -> dict[str, Any]:
    """Measure everything; the result as it is written to JSON.

    ``save`` is given what is there after every workload: a run that is cut short is not lost.
    """
    description = machine.describe()
    measured: list[dict[str, Any]] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        program = stack.enter_context(limits.compiled())
        described = _write_images({w.images for w in workloads}, samples, folder)
        workers, versions, absent = _start(peers, threads, folder, stack, tell)
        single = stack.enter_context(_worker(registry.FIRST, 1, folder))
        for workload in workloads:
            one = measure(
                workload,
                workers,
                single,
                program,
                samples=samples,
                repetitions=repetitions,
                threads=threads,
                folder=folder,
                tell=tell,
            )
            measured.append(one)
            result = {
                "machine": description | {"load_at_end": machine.load_average()},
                "versions": versions,
                "threads": threads,
                "samples": samples,
                "repetitions": repetitions,
                "images": described,
                "absent": absent,
                "workloads": measured,
            }
            save(result)
    return result


def _disagreements(result: dict[str, Any]) -> list[str]:
    return [
        f"{workload['name']}: {name}: {peer['error']}"
        for workload in result["workloads"]
        for name, peer in workload["peers"].items()
        if peer.get("disagrees")
    ]


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.option("--workload", "patterns", multiple=True, help="Only those with this in their name.")
@click.option("--peer", "names", multiple=True, help="densefit and those with this in their name.")
@click.option("--repetitions", type=click.IntRange(1), default=5, show_default=True)
@click.option("--samples", type=click.IntRange(128), default=images.COUNT, show_default=True)
@click.option("--threads", type=click.IntRange(1), help="As many as there are processors.")
@click.option("--when-quiet", is_flag=True, help="Refuse to run on a busy machine.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=results.FOLDER / "training.json",
    help="The JSON file; the pictures go beside it.",
)
def main(
    patterns: tuple[str, ...],
    names: tuple[str, ...],
    repetitions: int,
    samples: int,
    threads: int | None,
    when_quiet: bool,
    output: Path,
) -> None:
    """Parse, measure, print, write, draw."""
    try:
        workloads, peers = named_workloads(list(patterns)), registry.named(list(names))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    tables.warn_if_busy(when_quiet)
    result = run(
        workloads,
        peers,
        samples=samples,
        repetitions=repetitions,
        threads=threads or machine.processors(),
        tell=tables.tell,
        save=lambda partial: results.write(output, "training", partial),
    )
    tables.show(tables.training_tables(result))
    figures.draw(result, output.with_suffix(""))
    if differing := _disagreements(result):
        raise click.ClickException("not the same training:\n" + "\n".join(differing))


if __name__ == "__main__":
    main()
