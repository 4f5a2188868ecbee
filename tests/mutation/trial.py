"""Runs tests on mutants of one module, on each in a process of its own."""

import enum
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
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
    *("-q", "-x", "-s", "--assert=plain", "--tb=no", "--no-header"),
    *("-p", "no:cacheprovider", "-p", "no:xdist"),
    "--hypothesis-profile=mutation",
)
#: Most memory that a trial may have, in octets; a mutant may never stop asking.
MEMORY_OCTETS = 2 << 30
#: Time of the processor for the tests without a mutant, in seconds.
MOST_SECONDS = 300.0
#: With a mutant it is so much, and so many times as long as without it.
LEAST_SECONDS, TIMES = 2.0, 3.0


class Outcome(enum.Enum):
    """What became of a mutant."""

    SURVIVED = "survived"
    KILLED = "killed"
    TIMEOUT = "timeout"


def run_trials(
    path: str, mutants: Sequence[str], tests: Sequence[str]
) -> list[Outcome]:
    """Run *tests* with each of *mutants* in place of the file at *path*.

    Args:
        path: of the module, from the root of the repository.
        mutants: what the file is to hold.
        tests: files or folders of tests, in their order.

    Returns:
        What became of each.

    Raises:
        RuntimeError: the tests fail without a mutant, too.
    """
    _preload(path)
    _print_nothing()
    trials = _Trials(path, [Path(path).read_text(encoding="utf-8"), *mutants])
    code = 1
    try:
        code = int(pytest.main([*ARGUMENTS, tests[0]], plugins=[trials]))
        if trials.is_in_trial:
            # One after the other, because to collect costs more than to run.
            codes = (int(pytest.main([*ARGUMENTS, test])) for test in tests[1:])
            code = code or next((code for code in codes if code), 0)
    except BaseException:
        traceback.print_exc()
    finally:
        if trials.is_in_trial:
            os._exit(code)
    if trials.outcomes[0] is not Outcome.SURVIVED:
        raise RuntimeError(f"{' '.join(tests)} fail without a mutant")
    return trials.outcomes[1:]


class _Trials:
    """A plugin that stops pytest before it imports tests, and forks for each trial."""

    def __init__(self, path: str, sources: Sequence[str]) -> None:
        self.path = path
        self.sources = sources
        self.outcomes: list[Outcome] = []
        self.is_in_trial = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Go on with each source in a fork, and not here."""
        seconds = MOST_SECONDS
        for source in self.sources:
            child = os.fork()
            if child == 0:
                self._begin(source, seconds)
                return
            _, status, usage = os.wait4(child, 0)
            self.outcomes.append(_outcome(status))
            if len(self.outcomes) == 1:
                seconds = LEAST_SECONDS + TIMES * (usage.ru_utime + usage.ru_stime)
        pytest.exit("all trials are over", 0)

    def _begin(self, source: str, seconds: float) -> None:
        self.is_in_trial = True
        signal.setitimer(signal.ITIMER_PROF, seconds)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_OCTETS, MEMORY_OCTETS))
        name, file = _module_name(self.path), str(Path(self.path).resolve())
        sys.meta_path.insert(0, _MutantFinder(_MutantLoader(name, file, source)))


def _outcome(status: int) -> Outcome:
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF:
        return Outcome.TIMEOUT
    is_alive = os.waitstatus_to_exitcode(status) == 0
    return Outcome.SURVIVED if is_alive else Outcome.KILLED


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


def _module_name(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _preload(path: str) -> None:
    """Import what the module at *path* imports, so that no trial has to.

    None of it imports the module, and so none of it can hold a part of it.
    """
    name = _module_name(path)
    sys.modules["smtpsession"] = _lazy_package("smtpsession")
    importlib.import_module(name)
    package, _, last = name.rpartition(".")
    del sys.modules[name]
    delattr(sys.modules[package], last)
    gc.freeze()


def _print_nothing() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
