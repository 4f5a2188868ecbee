"""The runner: `python -m benchmarks.run --help` tells its options."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from benchmarks.loads import LOADS, Load
from benchmarks.measurement import Samples, measure
from benchmarks.programs import find
from benchmarks.progress import Progress
from benchmarks.results import table, write_json
from benchmarks.servers import SERVERS, Server


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description="Measure the servers' CPU per message side by side.",
    )
    parser.add_argument(
        "--loads",
        nargs="+",
        choices=LOADS,
        default=list(LOADS),
        help="loads to send (default: all)",
    )
    parser.add_argument(
        "--servers",
        nargs="+",
        choices=SERVERS,
        default=list(SERVERS),
        help="servers to measure (default: all that are installed)",
    )
    parser.add_argument(
        "--rounds",
        type=positive_integer,
        default=5,
        help="measured rounds of each load, after one that warms up (default: 5)",
    )
    parser.add_argument(
        "--scale",
        type=positive_number,
        default=1.0,
        help="factor on the messages of a round; below 1 quick and coarse (default: 1)",
    )
    parser.add_argument(
        "--sessions",
        type=positive_integer,
        help="sessions open at the same time (default: each load's own number)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples")
    return parser.parse_args(arguments)


def positive_integer(text: str) -> int:
    """Return an option's value as a whole number above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {text}")
    return number


def positive_number(text: str) -> float:
    """Return an option's value as a number above zero."""
    number = float(text)
    if not 0 < number <= 100:
        raise argparse.ArgumentTypeError(f"must be above 0, at most 100, got {text}")
    return number


def installed(servers: Sequence[Server]) -> dict[str, str]:
    """Return the versions of the servers found, and name the missing ones."""
    versions = {}
    for server in servers:
        version = server.version()
        if version is None:
            print(f"{server.name} is missing: {server.remedy}", file=sys.stderr)
        else:
            versions[server.name] = version
    return versions


def measure_all(
    loads: Sequence[Load], servers: Sequence[Server], rounds: int
) -> list[tuple[Load, Samples]]:
    """Measure load after load, and print each one's table when it is complete."""
    progress = Progress(len(loads) * len(servers) * (rounds + 1))
    measured = []
    for load in loads:
        samples = measure(load, servers, rounds, progress)
        progress.clear()
        print(table(load, rounds, samples), end="\n\n", flush=True)
        measured.append((load, samples))
    return measured


def exit_on_signal(number: int, frame: FrameType | None) -> None:
    """Leave through every `finally`, so that no server outlives the runner."""
    sys.exit(128 + number)


def main() -> int:
    """Run the benchmarks and return the exit status: 0 if anything was measured."""
    options = parse_arguments()
    signal.signal(signal.SIGTERM, exit_on_signal)
    if find("smtp-source") is None:
        print(
            "smtp-source is missing: benchmarks/install_peers.sh installs it",
            file=sys.stderr,
        )
        return 1
    versions = installed([SERVERS[name] for name in options.servers])
    for name, version in versions.items():
        print(f"{name}: {version}")
    if not versions:
        return 1
    print()
    loads = [
        LOADS[name].adjusted(options.scale, options.sessions) for name in options.loads
    ]
    measured = measure_all(loads, [SERVERS[name] for name in versions], options.rounds)
    if options.json:
        write_json(options.json, versions, measured)
    return 0 if any(samples for _, samples in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
