"""`pytest -p tests.mutants.trying --mutate MODULE ... --survivors FILE`: is every mutant noticed?

First the tests run as they are, and it is noted which of them reach which lines. Then each mutant
of these modules meets the tests that reach its statement, until one fails: first those that
noticed another mutant of that function, then of that module, the latest first, then the tests that
are named after the module, then the quick ones. That is done in a fork, in which the function's
code is replaced: nothing is imported or prepared again. What is worked out when a module is
imported, and what survived in a fork, has the mutant loaded in a process of its own, and meets the
tests that are named after its module, then all tests. A test that fails in a fork without a mutant,
too, is not asked there.
"""

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import traceback
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import _lru_cache_wrapper
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

from tests.mutants.changes import Mutant, mutants
from tests.mutants.loading import VARIABLE
from tests.support import checking
from tests.support.service import ROOT

AT_ONCE = int(os.environ.get("MUTANTS_AT_ONCE", "") or os.cpu_count() or 1)
SURVIVED, KILLED, CANNOT, BROKEN = 0, 1, 70, 71
PATIENCE, TIMES = 10, 5
"""Seconds that a test gets on top of so many times what it took; then it has noticed the mutant."""

QUICK = 0.1
"""Seconds that a test may take which is tried before slower ones that are likelier to notice."""

OURS = ("domain.", "infrastructure.", "projections.")

NOTICED_BY = "noticed-by"
"""The file in a fork's folder that names the test which failed."""

Key = tuple[str, str, int]
"""A function: its file, its qualified name, its first line."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutate", action="append", default=[], help="a module to make mutants of")
    parser.addoption("--survivors", help="the file for the names of those that survived")
    parser.addoption(
        "--explained",
        help="a list like survivors.toml: these meet only the tests named after their module",
    )
    parser.addoption("--among", help="a file of names, such as an earlier run's: only these")
    parser.addoption("--only-forks", action="store_true", help="leave out what needs a process")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Trying(config), "trying-mutants")


class How(IntEnum):
    """Each way takes longer than the one before."""

    FORK = 0
    LOADED_FOR_LIKELY_TESTS = 1
    LOADED_FOR_ALL_TESTS = 2


@dataclass
class _Try:
    """One mutant on trial."""

    mutant: Mutant
    how: How
    folder: str
    deadline: float


@dataclass(eq=False)
class Trying:
    """The tests, and which lines they reach."""

    config: pytest.Config
    reached: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    failed: bool = False
    running: dict[int, _Try] = field(default_factory=dict)
    survivors: list[Mutant] = field(default_factory=list)
    explained: frozenset[str] = frozenset()
    noticed_by: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """By module and function, and by module alone (""): the tests that noticed a mutant of it, the
    latest last."""
    passes: dict[str, bool] = field(default_factory=dict)
    """Whether a test that noticed something passes in a fork without a mutant."""
    sources: dict[str, str] = field(default_factory=dict)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        modules = self.config.getoption("--mutate")
        self.sources = {module: (ROOT / module).read_text(encoding="utf-8") for module in modules}
        self.items = sorted(session.items, key=_on_postgresql)
        self._as_they_are({str(ROOT / module) for module in modules} | {checking.__file__})
        if self.failed:
            raise session.Failed("the tests fail without a mutant")
        if subprocess.run(
            _command(list(self.took), "--collect-only"), cwd=ROOT, stdout=subprocess.DEVNULL
        ).returncode:
            # What cannot be started would pass for a test that has noticed something.
            raise session.Failed("the tests cannot be started by their names")
        if explained := self.config.getoption("--explained"):
            self.explained = names_in(Path(explained))
        gc.unfreeze()  # what is frozen cannot be found
        self.functions = _functions({str(ROOT / module) for module in modules})
        self.caches = [
            one.cache_clear for one in gc.get_objects() if isinstance(one, _lru_cache_wrapper)
        ]
        self.caches += [one.clear for one in gc.get_objects() if _fills_itself(one)]
        gc.freeze()  # or every fork would copy what its collector looks at
        among = self.config.getoption("--among")
        among = None if among is None else set(Path(among).read_text("utf-8").splitlines())
        for module, source in self.sources.items():
            made = [one for one in mutants(module, source) if among is None or one.name in among]
            before, begin = len(self.survivors), time.monotonic()
            for mutant in made:
                self._try(mutant)
            self._finish(0)
            print(
                f"{module}: {len(made)} mutants, {len(self.survivors) - before} survived, "
                f"{time.monotonic() - begin:.0f} s",
                file=sys.__stderr__,
                flush=True,
            )
        names = sorted(mutant.name for mutant in self.survivors)
        Path(self.config.getoption("--survivors")).write_text(
            "".join(f"{name}\n" for name in names), encoding="utf-8"
        )
        return True

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed

    def _as_they_are(self, files: set[str]) -> None:
        """Run the tests once; the session's fixtures stay for the forks."""
        for item, following in zip(self.items, [*self.items[1:], self.items[0]], strict=True):
            reached: set[tuple[str, int]] = set()

            def note(
                frame: FrameType, event: str, _: Any, reached: set[tuple[str, int]] = reached
            ) -> Any:
                if frame.f_code.co_filename not in files:
                    return None
                reached.add((frame.f_code.co_filename, frame.f_lineno))
                return note

            begin = time.monotonic()
            sys.settrace(note)
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            finally:
                sys.settrace(None)
            self.took[item.nodeid] = time.monotonic() - begin
            self.reached[item.nodeid] = reached

    def _try(self, mutant: Mutant, how: How = How.FORK) -> None:
        """Begin to try it, as soon as there is room."""
        self._finish(AT_ONCE - 1)
        source = self.sources[mutant.module]
        is_program = mutant.module == str(checking.CHECK.relative_to(ROOT))
        if not (mutant.where or is_program):
            how = max(how, How.LOADED_FOR_LIKELY_TESTS)
        if how > How.FORK and self.config.getoption("--only-forks"):
            return
        if how == How.FORK:
            items = list(self._that_reach(mutant, is_program))
        else:
            items = self._all_items(mutant)
        if how == How.LOADED_FOR_LIKELY_TESTS:
            items = [item for item in items if _is_named_after(item, mutant.module)]
        if mutant.name in self.explained:
            likely = [item for item in items if _is_named_after(item, mutant.module)]
            items = likely or [item for item in items if self.took[item.nodeid] < QUICK]
        if not items:
            self._try(mutant, How(how + 1))
            return
        folder = tempfile.mkdtemp(prefix="mutant-")
        patience = PATIENCE + TIMES * sum(self.took[item.nodeid] for item in items)
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            deadline = time.monotonic() + patience
            how = How.LOADED_FOR_ALL_TESTS if is_program else how
            self.running[pid] = _Try(mutant, how, folder, deadline)
            return
        try:
            os.setpgid(0, 0)
            if how > How.FORK:
                _become(mutant, [item.nodeid for item in items], folder)
            elif is_program:
                program = Path(folder, checking.CHECK.name)
                program.write_text(mutant.source(source), encoding="utf-8")
                checking.CHECK = program
            elif not self._replace(mutant, source):
                os._exit(CANNOT)
            self._run(items, folder)
        finally:
            # Tests end the process; whatever comes to here is no verdict.
            traceback.print_exc(file=sys.__stderr__)
            os._exit(BROKEN)

    def _that_reach(self, mutant: Mutant, is_program: bool) -> Iterator[pytest.Item]:
        """The tests that reach the mutant's statement, those first that are likely to notice."""
        file = str(ROOT / mutant.module)
        latest = self.noticed_by.get((mutant.module, mutant.where), [])
        in_module = self.noticed_by.get((mutant.module, ""), [])

        def order(item: pytest.Item) -> tuple[int, int, bool, float]:
            unnamed = not _is_named_after(item, mutant.module)
            place = _place(item.nodeid, latest), _place(item.nodeid, in_module)
            return *place, unnamed, self.took[item.nodeid]

        for item in sorted(self.items, key=order):
            if self.passes.get(item.nodeid, True) and any(
                (at == checking.__file__) if is_program else (at == file and n in mutant.statement)
                for at, n in self.reached[item.nodeid]
            ):
                yield item

    def _all_items(self, mutant: Mutant) -> list[pytest.Item]:
        """All tests: first the quick ones, and of these those that reach the mutant's module."""
        file = str(ROOT / mutant.module)

        def order(item: pytest.Item) -> tuple[bool, bool, bool, float]:
            took = self.took[item.nodeid]
            reaches = any(at == file for at, _ in self.reached[item.nodeid])
            return _on_postgresql(item), took > QUICK, not reaches, took

        return sorted(self.items, key=order)

    def _replace(self, mutant: Mutant, source: str) -> bool:
        """Put the mutant's code into the functions that are there; False if there is none."""
        file, replaced = str(ROOT / mutant.module), False
        for code in _nested(mutant.code(source, file)):
            if code.co_firstlineno in mutant.lines:
                for function in self.functions.get(
                    (file, code.co_qualname, code.co_firstlineno), ()
                ):
                    try:
                        function.__code__ = code
                    except ValueError:  # another number of free variables
                        return False
                    replaced = True
        for clear in self.caches:
            clear()
        return replaced

    def _run(self, items: list[pytest.Item], folder: str) -> None:
        """In the fork: run these until one fails, and end."""
        self.config.pluginmanager.unregister(name="terminalreporter")
        self.config._tmp_path_factory._basetemp = Path(folder)  # type: ignore[attr-defined]
        items[0].session._setupstate.teardown_exact(items[0])
        for item, following in zip(items, [*items[1:], items[-1]], strict=True):
            signal.alarm(int(PATIENCE + TIMES * self.took[item.nodeid]))  # it ends the process
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                Path(folder, NOTICED_BY).write_text(item.nodeid, encoding="utf-8")
                os._exit(KILLED)
        os._exit(SURVIVED)

    def _finish(self, at_most: int) -> None:
        """Wait until no more than so many are on trial."""
        while len(self.running) > at_most:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                time.sleep(0.005)
                for late, trial in self.running.items():
                    if time.monotonic() > trial.deadline:
                        os.killpg(late, signal.SIGKILL)
                continue
            if pid not in self.running:
                continue
            trial = self.running.pop(pid)
            noticed_by = self._noticed_by(trial)
            shutil.rmtree(trial.folder, ignore_errors=True)
            code = os.waitstatus_to_exitcode(status)
            if noticed_by is not None:
                if not self._passes_in_a_fork(noticed_by):
                    self._try(trial.mutant)
                    continue
                self._remember(trial.mutant, noticed_by)
            if code == BROKEN:
                raise RuntimeError(f"{trial.mutant.name} could not be tried")
            if code not in (SURVIVED, CANNOT):
                continue
            known = trial.mutant.name in self.explained
            at_last = trial.how == How.LOADED_FOR_ALL_TESTS or known
            if at_last or self.config.getoption("--only-forks"):
                self.survivors.append(trial.mutant)
                print(f"survived: {trial.mutant.name}", file=sys.__stderr__, flush=True)
            else:
                self._try(trial.mutant, How(trial.how + 1))

    def _noticed_by(self, trial: _Try) -> str | None:
        """The test that noticed the mutant, if it was tried in a fork."""
        file = Path(trial.folder, NOTICED_BY)
        return file.read_text(encoding="utf-8") if file.exists() else None

    def _passes_in_a_fork(self, name: str) -> bool:
        """Whether a test passes without a mutant, too. If not, it says nothing in a fork."""
        if name not in self.passes:
            item = next(item for item in self.items if item.nodeid == name)
            folder = tempfile.mkdtemp(prefix="mutant-")
            pid = os.fork()
            if not pid:
                try:
                    os.setpgid(0, 0)
                    self._run([item], folder)
                finally:
                    os._exit(BROKEN)
            _, status = os.waitpid(pid, 0)
            shutil.rmtree(folder, ignore_errors=True)
            self.passes[name] = os.waitstatus_to_exitcode(status) == SURVIVED
            if not self.passes[name]:
                print(f"fails in a fork without a mutant: {name}", file=sys.__stderr__, flush=True)
        return self.passes[name]

    def _remember(self, mutant: Mutant, noticed_by: str) -> None:
        """Note the test that noticed this mutant: it is likely to notice the next one too."""
        for where in {mutant.where, ""}:
            latest = self.noticed_by.setdefault((mutant.module, where), [])
            if noticed_by in latest:
                latest.remove(noticed_by)
            latest.append(noticed_by)


def names_in(explained: Path) -> frozenset[str]:
    """The names of the mutants that a list like `survivors.toml` explains."""
    told = tomllib.loads(explained.read_text(encoding="utf-8"))["survivor"]
    return frozenset(
        f"{one['module']} {one['where'] or '(module)'}: {one['change']}" for one in told
    )


def _is_named_after(item: pytest.Item, module: str) -> bool:
    """Whether the test's file, or its folder, is named after the module (or its package)."""
    stem = Path(module).stem
    name = Path(module).parent.name if stem == "__init__" else stem
    return name in item.path.stem or name == item.path.parent.name


def _fills_itself(one: object) -> bool:
    """Whether it is a dict of ours that remembers what it has worked out for a key."""
    works_out = getattr(type(one), "__missing__", None)
    return isinstance(works_out, FunctionType) and works_out.__module__.startswith(OURS)


def _place(name: str, latest: list[str]) -> int:
    """The latest first, those that are not there last."""
    return -latest.index(name) - 1 if name in latest else 0


def _on_postgresql(item: pytest.Item) -> bool:
    return "postgresql" in item.nodeid


def _become(mutant: Mutant, nodes: list[str], folder: str) -> None:
    """In the fork: a new process, in which the mutant is loaded."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.environ[VARIABLE] = f"{mutant.module}:{mutant.number}"
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]
    os.chdir(ROOT)
    os.execv(sys.executable, _command(nodes, "-x", f"--basetemp={folder}/tests"))


def _command(nodes: list[str], *options: str) -> list[str]:
    """The command line that runs these tests in a process of their own."""
    common = ("-p", "tests.mutants.loading", "-p", "no:cacheprovider", "-qq", "-n", "0")
    return [sys.executable, "-m", "pytest", *common, *options, *nodes]


def _functions(files: set[str]) -> dict[Key, list[FunctionType]]:
    """Every function of these files that there is, by its code."""
    found: dict[Key, list[FunctionType]] = defaultdict(list)
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename in files:
            code = one.__code__
            found[code.co_filename, code.co_qualname, code.co_firstlineno].append(one)
    return found


def _nested(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _nested(constant)
