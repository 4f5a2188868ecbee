"""Results: medians, ratios and spread, as a table and as JSON."""

import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from attrs import asdict, frozen

from benchmarks.loads import Load
from benchmarks.measurement import Samples

#: The servers that the others are compared with.
REFERENCES = ("node", "aiosmtpd")


@frozen(kw_only=True)
class Row:
    """One server under one load, in microseconds of CPU per message."""

    server: str
    median: float
    lowest: float
    highest: float
    ratios: dict[str, float | None]
    samples: list[float]


def rows(samples: Samples) -> list[Row]:
    """Return a row for each server measured."""
    medians = {name: median(taken) for name, taken in samples.items()}
    return [
        Row(
            server=name,
            median=medians[name],
            lowest=min(taken),
            highest=max(taken),
            ratios={
                reference: ratio(medians[name], medians.get(reference))
                for reference in REFERENCES
            },
            samples=taken,
        )
        for name, taken in samples.items()
    ]


def ratio(value: float, reference: float | None) -> float | None:
    """Return a ratio, or None without a reference or below the clock's grain."""
    return value / reference if reference else None


def table(load: Load, rounds: int, samples: Samples) -> str:
    """Return one load's results in columns."""
    names = "".join(f"{'of ' + reference:>13}" for reference in REFERENCES)
    lines = [
        f"{load.title} ({rounds} rounds of {load.messages} messages, "
        f"{load.sessions} sessions at a time)",
        f"{'CPU us/message':<14}{'median':>11}{'lowest':>11}{'highest':>11}{names}",
    ]
    for row in rows(samples):
        figures = f"{row.median:>11.0f}{row.lowest:>11.0f}{row.highest:>11.0f}"
        ratios = "".join(f"{shown(value):>13}" for value in row.ratios.values())
        lines.append(f"{row.server:<14}{figures}{ratios}")
    return "\n".join(lines)


def shown(value: float | None) -> str:
    """Return a ratio as text."""
    return "-" if value is None else f"{value:.2f}"


def machine() -> dict[str, str | int | None]:
    """Return what the figures were taken on."""
    return {
        "system": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def processor() -> str:
    """Return the processor's name as Linux gives it (proc(5), cpuinfo)."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.machine()


def write_json(
    file: Path, versions: Mapping[str, str], measured: list[tuple[Load, Samples]]
) -> None:
    """Write all samples with what is needed to read them."""
    document = {
        "unit": "microseconds of server CPU per message",
        "machine": machine(),
        "versions": dict(versions),
        "loads": [
            {**asdict(load), "results": [asdict(row) for row in rows(samples)]}
            for load, samples in measured
        ],
    }
    file.write_text(json.dumps(document, indent=2) + "\n")
