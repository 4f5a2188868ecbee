"""The runner: `python -m tests.mutation.run --help` tells its options."""

import argparse
import multiprocessing
import random
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

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


def try_all(
    path: str, mutants: Sequence[Mutant], tests: Sequence[str]
) -> list[Outcome]:
    """Run tests on the mutants of one module; return what became of each."""
    sources = [mutant.source for mutant in mutants]
    # In a process of its own, which has imported nothing of ours before.
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(run_trials, (path, sources, tests))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests on each mutant; return 1 if one survives that is none of ours."""
    options = parse_arguments(arguments)
    equivalent = read_equivalent()
    print("| module | mutants | killed | of them timeouts | equivalent | survived |")
    print("|---|---|---|---|---|---|")
    totals: Counter[str] = Counter()
    survived: list[Mutant] = []
    for path in modules_in(options.paths):
        mutants = choose(mutants_of(path, Path(path).read_text("utf-8")), options)
        if not mutants:
            continue
        outcomes: list[Outcome] = []
        if not options.count:
            outcomes = try_all(path, mutants, options.tests or tests_of(path))
        alive = [
            mutant
            for mutant, outcome in zip(mutants, outcomes, strict=False)
            if outcome is Outcome.SURVIVED
        ]
        unknown = [mutant for mutant in alive if mutant.name not in equivalent]
        survived += unknown
        row = {
            "mutants": len(mutants),
            "killed": len(outcomes) - len(alive),
            "timeouts": outcomes.count(Outcome.TIMEOUT),
            "equivalent": len(alive) - len(unknown),
            "survived": len(unknown),
        }
        totals.update(row)
        print_row(path.removeprefix("smtpsession/").removesuffix(".py"), row)
        if options.survivors is not None:
            names = "".join(f"{mutant.name}\n" for mutant in survived)
            options.survivors.write_text(names, encoding="utf-8")
    print_row("all", totals)
    for mutant in survived:
        print(f"{mutant.path}:{mutant.line}: {mutant.before}\n    {mutant.after}")
    return 1 if survived else 0


def print_row(name: str, row: dict[str, int]) -> None:
    """Print one line of the table."""
    cells = ("mutants", "killed", "timeouts", "equivalent", "survived")
    print(f"| {name} | {' | '.join(str(row[cell]) for cell in cells)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
