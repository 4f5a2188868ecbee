"""Runs tests on one mutant, in a process of its own."""

import enum
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

import pytest

# Once, so that no trial has to: a trial is a fork of this process.
for _name in ("hypothesis.stateful", "idna", "pytest_trio", "trio.testing"):
    importlib.import_module(_name)

#: Arguments of pytest: few examples, and nothing that only helps a reader.
ARGUMENTS = (
    "-qxp",
    "no:cacheprovider",
    "--assert=plain",
    "--tb=line",
    "--no-header",
    "--hypothesis-profile=mutation",
    *("-p", "no:xdist"),
)
#: Most memory that a trial may have, in octets; a mutant may never stop asking.
MEMORY_OCTETS = 2 << 30


class Outcome(enum.Enum):
    """What became of a mutant."""

    SURVIVED = "survived"
    KILLED = "killed"
    TIMEOUT = "timeout"


class _MutantLoader(importlib.machinery.SourceFileLoader):
    """Loads a module from a text in place of its file."""

    def __init__(self, fullname: str, path: str, text: str) -> None:
        super().__init__(fullname, path)
        self.text = text

    def get_code(self, fullname: str) -> CodeType:
        """Compile the text; nothing is cached."""
        return compile(self.text, self.path, "exec", dont_inherit=True)


class _MutantFinder(importlib.abc.MetaPathFinder):
    """Finds one module only."""

    def __init__(self, loader: _MutantLoader) -> None:
        self.loader = loader

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Give the mutant's spec for its name."""
        if fullname != self.loader.name:
            return None
        return importlib.util.spec_from_file_location(
            fullname, self.loader.path, loader=self.loader
        )


class _LazyPackage(ModuleType):
    """Our package, whose ``__init__`` is run when one of its names is asked for.

    Tests of the inner layers ask for none, and to import all of the package takes
    longer than most of them.
    """

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]
        assert self.__spec__ is not None
        assert self.__spec__.loader is not None
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def _lazy_package(name: str) -> ModuleType:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    package = _LazyPackage(name)
    package.__spec__ = spec
    package.__file__ = spec.origin
    package.__path__ = list(spec.submodule_search_locations or ())
    return package


def run_trial(
    path: str, source: str, tests: Sequence[str], *, seconds: int, quiet: bool = True
) -> tuple[Outcome, float]:
    """Run *tests* with *source* in place of the file at *path*.

    Args:
        path: of the module, from the root of the repository.
        source: what it is to hold.
        tests: files or folders of tests, in their order.
        seconds: time after which the mutant counts as killed.
        quiet: print nothing.

    Returns:
        What became of it, and the time in seconds.
    """
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        signal.alarm(seconds)
        os._exit(_try(path, source, tests, quiet=quiet))
    _, status = os.waitpid(child, 0)
    spent = time.monotonic() - start
    if os.WIFSIGNALED(status):
        is_timeout = os.WTERMSIG(status) == signal.SIGALRM
        return (Outcome.TIMEOUT if is_timeout else Outcome.KILLED), spent
    is_alive = os.waitstatus_to_exitcode(status) == 0
    return (Outcome.SURVIVED if is_alive else Outcome.KILLED), spent


def _try(path: str, source: str, tests: Sequence[str], *, quiet: bool) -> int:
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_OCTETS, MEMORY_OCTETS))
        if quiet:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
        name = path.removesuffix(".py").replace("/", ".")
        loader = _MutantLoader(name, str(Path(path).resolve()), source)
        sys.meta_path.insert(0, _MutantFinder(loader))
        sys.modules["smtpsession"] = _lazy_package("smtpsession")
        # One after the other, because to collect costs more than to run.
        codes = (int(pytest.main([*ARGUMENTS, test])) for test in tests)
        return next((code for code in codes if code), 0)
    except BaseException:
        traceback.print_exc()
        return 1
