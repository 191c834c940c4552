"""What a person sees in the terminal: progress while gathering, and a summary with a bar per section."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

import click
import rich.console
import rich.progress
import rich.table
import rich.text

from readiness.plain import visible
from readiness.results import Results, Score
from readiness.wording import in_short, in_words, percent, points

BAR = 24
NEXT_STEPS = 3


@contextlib.contextmanager
def progress(total: int, account: str, regions: Sequence[str]) -> Iterator[Callable[[str, str], None]]:
    """A bar on stderr that moves when a kind is done in a region; a single line where stderr is no terminal."""
    console = rich.console.Console(stderr=True, highlight=False)
    title = _line(f"Reading account {account} in {', '.join(regions)}")
    if not console.is_terminal:
        click.echo(title, err=True)
        yield lambda _kind, _region: None
        return
    columns = (
        rich.progress.TextColumn("{task.description}", markup=False),
        rich.progress.BarColumn(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TextColumn("{task.fields[last]}", markup=False),
    )
    with rich.progress.Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(title, total=total, last="")
        yield lambda kind, region: shown.update(task, advance=1, last=_line(f"{kind} {region}"))


def summary(results: Results) -> None:
    """Print score, sections and the next steps to stdout."""
    console = rich.console.Console(highlight=False, soft_wrap=True)
    account = results.account
    console.print(
        _line(f"{results.exam.id}: account {account.id} in {', '.join(account.regions)}, {results.scanned_at}"),
        markup=False,
    )
    console.print(_score(results), style="bold", markup=False)
    if results.interrupted:
        console.print("The scan was interrupted: what is missing is unknown.", style="yellow")
    elif results.partial:
        console.print(f"{len(results.errors)} reads failed: what they would show is unknown.", style="yellow")
    console.print()
    console.print(_sections(results))
    counts = [f"{sum(check.verdict == verdict for check in results.checks)} {verdict}" for verdict in VERDICTS]
    console.print("\nChecks: " + ", ".join(counts), markup=False)
    steps = sorted(
        (check for check in results.checks if _advised(check.verdict)), key=lambda check: (-check.gain, check.id)
    )
    for step in steps[:NEXT_STEPS]:
        if step.gain > 0:
            console.print(_line(f"Next, for {points(step.gain)} points: {step.title} ({step.name})"), markup=False)


VERDICTS = ("passed", "partial", "failed", "absent", "unknown", "muted", "skipped")


def _line(text: str) -> str:
    """Untrusted text as one line, which can't pass for another of our own."""
    return visible(" ".join(text.split()))


def _advised(verdict: str) -> bool:
    return verdict in ("partial", "failed", "absent")


def _score(results: Results) -> str:
    score, exam = results.score, results.exam
    if score.seen == 0:
        return "Nothing of what the score needs could be read."
    return (
        f"Score: {in_words(score)} of 100; {percent(score.seen)} could be read; "
        f"{exam.covered} of {exam.observable} observable statements have a check"
    )


def _sections(results: Results) -> rich.table.Table:
    table = rich.table.Table(box=None, padding=(0, 1), show_header=False)
    for domain in results.domains:
        table.add_row(
            rich.text.Text(_line(f"{domain.title} ({domain.weight:g} %)"), style="bold"),
            "",
            rich.text.Text(_points(domain.score), style="bold"),
        )
        for section in domain.sections:
            table.add_row(
                rich.text.Text("  " + _line(f"{section.id} {section.title}")),
                _bar(section.score),
                _points(section.score),
            )
    return table


def _bar(score: Score | None) -> rich.text.Text:
    """Solid up to the low end, shaded up to the high end."""
    if score is None:
        return rich.text.Text("·" * BAR, style="dim")
    solid = int(score.low / 100 * BAR)
    shaded = max(solid, -int(-score.high / 100 * BAR // 1)) - solid
    return rich.text.Text.assemble(
        ("█" * solid, "green"), ("▒" * shaded, "yellow"), ("░" * (BAR - solid - shaded), "dim")
    )


def _points(score: Score | None) -> str:
    if score is None:
        return "no checks yet"
    return in_short(score) if score.seen else "not seen"
