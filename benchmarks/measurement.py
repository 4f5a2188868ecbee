"""Measuring: one load against all servers, in interleaved rounds."""

import time
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.loads import Load, LoadError, send_round
from benchmarks.progress import Progress
from benchmarks.server_process import ServerProcess, StartError, running
from benchmarks.servers import Server

# What a server does after the last reply, closing above all, belongs to the round.
SETTLE_SECONDS = 0.05

#: Microseconds of server CPU per message, one figure a round, by server name.
Samples = dict[str, list[float]]


def measure(
    load: Load, servers: Sequence[Server], rounds: int, progress: Progress
) -> Samples:
    """Return the samples of one load; a server that fails is noted and left out.

    Every server is started anew, warmed up with one round that does not count, and
    then takes its turn in each round, so that noise of the machine hits all alike.
    """
    samples: Samples = {server.name: [] for server in servers}
    with ExitStack() as stack:
        processes = start(servers, stack, rounds + 1, progress)
        for number in range(rounds + 1):
            for process in rotated(processes, number):
                name = process.server.name
                if name not in samples:
                    continue
                progress.step(f"{load.name}, {round_name(number)}, {name}")
                try:
                    sample = cpu_microseconds(load, process)
                except LoadError as error:
                    progress.note(f"{name} failed with {load.name}: {error}")
                    progress.skip(rounds - number)
                    del samples[name]
                    continue
                if number > 0:
                    samples[name].append(sample)
    return {name: taken for name, taken in samples.items() if taken}


def start(
    servers: Sequence[Server], stack: ExitStack, turns: int, progress: Progress
) -> list[ServerProcess]:
    """Start the servers, which the stack will end, and note those that fail."""
    processes = []
    for server in servers:
        try:
            processes.append(stack.enter_context(running(server)))
        except StartError as error:
            progress.note(f"{server.name} did not start: {error}")
            progress.skip(turns)
    return processes


def rotated(processes: list[ServerProcess], turn: int) -> list[ServerProcess]:
    """Return the processes with another one first in each turn."""
    first = turn % max(1, len(processes))
    return processes[first:] + processes[:first]


def round_name(number: int) -> str:
    """Return a round in words."""
    return f"round {number}" if number else "warm-up"


def cpu_microseconds(load: Load, process: ServerProcess) -> float:
    """Send one round and return what a message of it cost the server."""
    before = process.cpu_seconds()
    send_round(load, process.port)
    time.sleep(SETTLE_SECONDS)
    spent = process.cpu_seconds() - before
    return spent / load.messages * 1_000_000
