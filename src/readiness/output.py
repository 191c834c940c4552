"""Finds the renderer for a file by its suffix, and writes files whole or not at all."""

from __future__ import annotations

import importlib.metadata
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from readiness.errors import UsageError, closest
from readiness.results import Results

GROUP = "readiness.reports"
Renderer = Callable[[Results], bytes]


def renderers(paths: Sequence[Path]) -> list[tuple[Path, Renderer]]:
    """The renderer for each path; the name of an entry point is the suffix it stands for, the longest one counts.

    Raises:
        UsageError: a suffix is not known, two paths are the same file, a folder is missing, or a renderer is broken.
    """
    entries = {entry.name: entry for entry in importlib.metadata.entry_points(group=GROUP)}
    found: list[tuple[Path, Renderer]] = []
    for path in paths:
        if not path.parent.is_dir():
            raise UsageError(f"there is no folder {path.parent} for {path.name}: make it first")
        if any(path.resolve() == other.resolve() for other, _ in found):
            raise UsageError(f"{path} is named twice as output")
        names = sorted((name for name in entries if path.name.endswith("." + name)), key=len)
        if not names:
            suffix = path.suffix.removeprefix(".")
            known = ", ".join(f".{name}" for name in sorted(entries))
            raise UsageError(
                f"no report format for {path.name!r}{closest(suffix, entries)}: the suffix must be one of {known}"
            )
        entry = entries[names[-1]]
        try:
            found.append((path, entry.load()))
        # A renderer is a stranger's code, as a pack is: what it raises must end in one line that names it.
        except Exception as problem:
            raise UsageError(
                f"report format {entry.name!r} can't be loaded: {type(problem).__name__}: {problem}"
            ) from problem
    return found


def write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write under a temporary name in the same folder, then rename.

    Args:
        path: the file to make or replace.
        content: all of it.
        private: whether only the owner may read it.

    Raises:
        UsageError: the folder or the disk does not let it be written.
    """
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
        if not private:
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    except OSError as problem:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise UsageError(f"can't write {path}: {problem.strerror}") from problem
