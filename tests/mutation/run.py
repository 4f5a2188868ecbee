"""The runner: `python -m tests.mutation.run --help` tells its options."""

import argparse
import multiprocessing
import random
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import attrs

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.selection import tests_of
from tests.mutation.trial import Outcome, run_trials

EQUIVALENT = Path(__file__).with_name("equivalent.toml")


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation.run",
        description="Change one thing in the code, and see whether a test notices.",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        default=["smtpsession/wire", "smtpsession/dialogue"],
        help="modules, or folders of them (default: wire and dialogue)",
    )
    parser.add_argument("--sample", type=int, help="mutants of each module, at most")
    parser.add_argument("--seed", type=int, default=0, help="chooses the sample")
    parser.add_argument("--only", type=Path, help="a file of mutants, by their names")
    parser.add_argument("--survivors", type=Path, help="a file for those that survive")
    parser.add_argument("--count", action="store_true", help="run no tests")
    parser.add_argument("--tests", nargs="+", help="tests in place of the module's own")
    return parser.parse_args(arguments)


def modules_in(paths: Sequence[str]) -> Iterator[str]:
    """Yield the modules among *paths* and in the folders among them."""
    for path in map(Path, paths):
        for module in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            yield module.as_posix()


def read_equivalent() -> dict[str, str]:
    """Return why a mutant cannot be told from the code, by its name."""
    classes = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["class"]
    return {name: entry["why"] for entry in classes for name in entry["mutants"]}


def choose(mutants: list[Mutant], options: argparse.Namespace) -> list[Mutant]:
    """Return those of a module's mutants that the options ask for."""
    if options.only is not None:
        names = set(options.only.read_text(encoding="utf-8").splitlines())
        mutants = [mutant for mutant in mutants if mutant.name in names]
    if options.sample is not None and options.sample < len(mutants):
        mutants = random.Random(options.seed).sample(mutants, options.sample)
    return mutants


@attrs.define
class Figures:
    """What became of the mutants of one module, or of all."""

    mutants: int = 0
    killed: int = 0
    timeouts: int = 0
    equivalent: int = 0
    survivors: list[Mutant] = attrs.field(factory=list[Mutant])

    def add(self, other: Self) -> None:
        """Add those of another module."""
        self.mutants += other.mutants
        self.killed += other.killed
        self.timeouts += other.timeouts
        self.equivalent += other.equivalent
        self.survivors += other.survivors

    def print_row(self, name: str) -> None:
        """Print one line of the table."""
        cells = (self.mutants, self.killed, self.timeouts, self.equivalent)
        row = " | ".join(map(str, (name, *cells, len(self.survivors))))
        print(f"| {row} |", flush=True)


def figures_of(path: str, options: argparse.Namespace) -> Figures:
    """Try the mutants of one module, but not those that are equivalent."""
    mutants = choose(mutants_of(path, Path(path).read_text("utf-8")), options)
    equivalent = read_equivalent()
    tried = [mutant for mutant in mutants if mutant.name not in equivalent]
    figures = Figures(len(mutants), equivalent=len(mutants) - len(tried))
    if options.count or not tried:
        return figures
    outcomes = try_all(path, tried, options.tests or tests_of(path))
    figures.timeouts = outcomes.count(Outcome.TIMEOUT)
    figures.killed = outcomes.count(Outcome.KILLED) + figures.timeouts
    figures.survivors = [
        mutant
        for mutant, outcome in zip(tried, outcomes, strict=True)
        if outcome is Outcome.SURVIVED
    ]
    return figures


def try_all(
    path: str, mutants: Sequence[Mutant], tests: Sequence[str]
) -> list[Outcome]:
    """Run tests on the mutants of one module; return what became of each."""
    sources = [mutant.source for mutant in mutants]
    # In a process of its own, which has imported nothing of ours before.
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(run_trials, (path, sources, tests))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests on each mutant; return 1 if one survives."""
    options = parse_arguments(arguments)
    print("| module | mutants | killed | of them timeouts | equivalent | survived |")
    print("|---|---|---|---|---|---|")
    total = Figures()
    for path in modules_in(options.paths):
        figures = figures_of(path, options)
        total.add(figures)
        if figures.mutants:
            figures.print_row(path.removeprefix("smtpsession/").removesuffix(".py"))
        if options.survivors is not None:
            names = "".join(f"{mutant.name}\n" for mutant in total.survivors)
            options.survivors.write_text(names, encoding="utf-8")
    total.print_row("all")
    for mutant in total.survivors:
        print(f"{mutant.path}:{mutant.line}: {mutant.before}\n    {mutant.after}")
    return 1 if total.survivors else 0


if __name__ == "__main__":
    sys.exit(main())
