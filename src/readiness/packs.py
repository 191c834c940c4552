"""Finds packs: installed ones by their entry point, a user's folder by its path; both go through one loader."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

from readiness import exam as exam_map
from readiness.check import Check
from readiness.errors import UsageError, closest
from readiness.exam import Exam
from readiness.kinds import name_of, reads_files, source_of

ACCOUNTS = "accounts"
"""The module of a pack that tells its emulated accounts."""
GROUP = "readiness.checks"


@dataclasses.dataclass(frozen=True)
class Pack:
    """A package with checks, an exam map, or both."""

    name: str
    module: str
    checks: tuple[Check, ...]
    exam: Exam | None


@dataclasses.dataclass(frozen=True)
class Library:
    """All packs that were found, with the exam that is in use and the checks that speak for it."""

    packs: tuple[Pack, ...]
    exam: Exam
    checks: tuple[Check, ...]


def load(folders: Sequence[Path] = (), exam: str | None = None) -> Library:
    """Load every installed pack and the folders, and choose the exam.

    Args:
        folders: packages of a user's own checks, imported from where they lie.
        exam: the id or name of the exam; needed only where several exam maps are installed.

    Raises:
        UsageError: a pack can't be imported or breaks a rule (named, with the reason), or the exam is not known.
    """
    entries = sorted(importlib.metadata.entry_points(group=GROUP), key=lambda entry: entry.name)
    packs = [
        *(_pack(entry.name, functools.partial(importlib.import_module, entry.module)) for entry in entries),
        *(_pack(folder.resolve().name, functools.partial(_import_folder, folder)) for folder in folders),
    ]
    names = [pack.name for pack in packs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"two packs are named {twice[0]!r}: rename one of them")
    chosen = _choose(packs, exam)
    checks = tuple(check for pack in packs for check in pack.checks if pack.exam in (None, chosen))
    _agree(checks, chosen)
    return Library(tuple(packs), chosen, checks)


def _pack(name: str, find: Callable[[], ModuleType]) -> Pack:
    try:
        module = find()
        modules = [module, *_submodules(module)]
        checks = [
            dataclasses.replace(value.check, pack=name)
            for module in modules
            for value in vars(module).values()
            if callable(value)
            and isinstance(getattr(value, "check", None), Check)
            and value.__module__ == module.__name__
        ]
        exam = _exam(module)
        for check in checks:
            _sound(check)
    except UsageError as problem:
        raise UsageError(f"pack {name!r}: {problem}") from problem
    # A pack is a stranger's code: whatever it raises while it is imported must end in one line that names it.
    except Exception as problem:
        raise UsageError(f"pack {name!r} can't be loaded: {type(problem).__name__}: {problem}") from problem
    checks.sort(key=lambda check: (check.statements, check.name))
    return Pack(name, module.__name__, tuple(checks), exam)


def _import_folder(folder: Path) -> ModuleType:
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}")
    name = "readiness_folder_" + re.sub(r"\W", "_", folder.resolve().name)
    initial = folder / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        name, initial if initial.exists() else None, submodule_search_locations=[str(folder.resolve())]
    )
    if spec is None:
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder.resolve())]
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if spec.loader is not None:
        spec.loader.exec_module(module)
    return module


def _submodules(package: ModuleType) -> Iterator[ModuleType]:
    if hasattr(package, "__path__"):
        for found in pkgutil.iter_modules(package.__path__):
            # The emulated accounts hold no checks, and are long.
            if found.name != ACCOUNTS:
                yield importlib.import_module(f"{package.__name__}.{found.name}")


def _exam(package: ModuleType) -> Exam | None:
    for folder in getattr(package, "__path__", ()):
        file = Path(folder) / "exam.toml"
        if file.is_file():
            return exam_map.parse(file.read_text("utf-8"), "exam.toml")
    return None


def _sound(check: Check) -> None:
    """A check must say what it is, what it asks for and what it speaks for, before anything is read."""
    try:
        _ = check.docs, check.kinds
    except TypeError as problem:
        raise UsageError(f"check {check.name!r}: {problem}") from problem
    if not check.statements:
        raise UsageError(f"check {check.name!r} names no statement of the exam")
    if check.asks.further and check.kind == "practice":
        raise UsageError(f"check {check.name!r} judges all that there is: it can't have a further source")
    if files := [kind for kind in check.required if reads_files(kind)]:
        raise UsageError(f"check {check.name!r} needs {name_of(files[0])}, which may only be a further source")
    if not check.kinds:
        raise UsageError(f"check {check.name!r} asks for no records")


def _choose(packs: Sequence[Pack], wanted: str | None) -> Exam:
    exams = {pack.exam.name: pack.exam for pack in packs if pack.exam}
    if wanted is not None:
        for exam in exams.values():
            if wanted in (exam.name, exam.id):
                return exam
        raise UsageError(
            f"no installed pack holds the exam {wanted!r}{closest(wanted, exams)}; there is {', '.join(exams)}"
        )
    if len(exams) == 1:
        return next(iter(exams.values()))
    if not exams:
        raise UsageError("no installed pack holds an exam map: install one, for instance with `pip install readiness`")
    raise UsageError(f"several exams are installed ({', '.join(sorted(exams))}): choose one with --exam")


def _agree(checks: Sequence[Check], exam: Exam) -> None:
    """Checks and kinds of all packs together: known statements, unique names, one class per name of a kind."""
    known = {statement.id: statement for _, _, statement in exam.statements()}
    ids: set[str] = set()
    kinds: dict[str, type] = {}
    for check in checks:
        for statement in check.statements:
            if statement not in known:
                raise UsageError(
                    f"check {check.id} speaks for {statement}, which {exam.id} does not have{closest(statement, known)}"
                )
            if known[statement].observable == "none":
                raise UsageError(f"check {check.id} speaks for {statement}, which {exam.id} calls not observable")
        if check.id in ids:
            raise UsageError(f"two checks are named {check.id}")
        ids.add(check.id)
        for kind in check.kinds:
            if kinds.setdefault(name_of(kind), kind) is not kind:
                other = kinds[name_of(kind)]
                raise UsageError(
                    f"{kind.__module__} and {other.__module__} both have a kind {name_of(kind)}: rename one"
                    if source_of(kind) or source_of(other)
                    else f"{kind.__module__} and {other.__module__} both derive a kind {kind.__qualname__}: rename one"
                )
