"""The command line: reads options, calls the stage that does the work, tells problems in one line."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from readiness import __version__
from readiness.errors import ReadinessError, UsageError

if TYPE_CHECKING:
    from readiness.check import Check
    from readiness.config import Config
    from readiness.gate import Gates
    from readiness.packs import Library
    from readiness.results import Results
    from readiness.scan import Prepared
    from readiness.snapshot import Snapshot

F = TypeVar("F", bound=Callable[..., Any])

GATE_BROKEN = 1
TOO_MUCH_UNKNOWN = 4
INTERRUPTED = 130
EMULATED_WORKERS = 8
"""An emulator in this process answers one call at a time; more threads only wait."""
GARBAGE = 50_000
"""How many more objects there are before Python looks for garbage."""
DEFAULT_OUTPUTS = ("readiness-report.html", "readiness-report.json")

EPILOG = """\b
Exit codes:
  0    done; what could not be read is shown as unknown in the report
  1    the reports are written, and a gate was not passed (--fail-under, --require)
  2    an option, a file, a pack or the configuration can't be used
  3    no access: credentials, profile, region or endpoint
  4    the reports are written, and more is unknown than --max-unknown allows
  130  interrupted, by Ctrl-C or SIGTERM; the report holds what was read until then
"""


def _folder(command: F) -> F:
    command = click.option(
        "--checks",
        "folders",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Use the checks in this folder too; may be repeated.",
    )(command)
    return click.option("--exam", metavar="NAME", help="The exam, where several are installed.")(command)


def _selection(command: F) -> F:
    for name, text in (
        ("skip", "Leave these checks out; may be repeated."),
        (
            "only",
            "Only these checks: a name, a glob, a statement (3.2-S1), section (3.2) or domain (d3); may be repeated.",
        ),
    ):
        command = click.option(f"--{name}", multiple=True, metavar="CHECK", help=text)(command)
    return _folder(command)


def _reports(command: F) -> F:
    command = click.option(
        "--mute", multiple=True, metavar="CHECK", help="No advice about these checks; the score stays as measured."
    )(command)
    return click.option(
        "-o",
        "--output",
        "outputs",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="PATH",
        help=f"Write a report; the suffix tells the format. May be repeated. Default: {' and '.join(DEFAULT_OUTPUTS)}.",
    )(command)


def _gates(command: F) -> F:
    for name, kind, text in (
        ("max-unknown", click.IntRange(min=0), "Exit with 4 if more checks than this are unknown."),
        ("require", None, "Exit with 1 unless this check has passed; may be repeated."),
        ("fail-under", None, "Exit with 1 under this score, at its low end: 70, or 3.2=60; may be repeated."),
    ):
        command = click.option(
            f"--{name}",
            multiple=name != "max-unknown",
            type=kind,
            metavar={"max-unknown": "N", "require": "CHECK", "fail-under": "[SECTION=]SCORE"}[name],
            help=text,
        )(command)
    return command


def _gathering(command: F) -> F:
    keep = click.Path(path_type=Path, dir_okay=False)
    return click.option("--snapshot", type=keep, metavar="FILE", help="Keep what was gathered.")(command)


def _artifacts(command: F) -> F:
    return click.option(
        "--read-artifacts",
        "artifacts",
        is_flag=True,
        help="Read what only a file can show, too: analysis configurations, flows, scripts. Needs `s3:GetObject`.",
    )(command)


def _format(command: F) -> F:
    return click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)(
        command
    )


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="readiness")
def cli() -> None:
    """Reads an AWS account, read-only, and tells how much of an exam guide was practised there, and how well."""


@cli.command()
@click.option("--profile", help="Use this profile of the AWS configuration.")
@click.option("--region", "regions", multiple=True, help="Scan this region; may be repeated. Default: as the AWS CLI.")
@click.option("--endpoint-url", metavar="URL", help="Send every call to this endpoint, for instance an emulator's.")
@click.option("--role-arn", metavar="ARN", help="Assume this role for the scan.")
@click.option("--external-id", metavar="ID", help="The external id that the role asks for.")
@click.option(
    "--max-workers", type=click.IntRange(1, 256), default=32, show_default=True, help="Calls at the same time."
)
@click.option(
    "--max-rps",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="At most so many calls per second in all; known quotas of AWS are kept in any case.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Go on from a kept snapshot or its checkpoint (FILE.part): only what is missing is asked for.",
)
@_artifacts
@_gathering
@_selection
@_reports
@_gates
def scan(
    profile: str | None,
    regions: tuple[str, ...],
    endpoint_url: str | None,
    role_arn: str | None,
    external_id: str | None,
    snapshot: Path | None,
    max_workers: int,
    max_rps: float | None,
    artifacts: bool,
    resume: Path | None,
    outputs: tuple[Path, ...],
    mute: tuple[str, ...],
    **chosen: Any,
) -> int:
    """Read an account and score it.

    Credentials come from where the AWS CLI takes them: profile, SSO, environment, container or instance.
    """
    from readiness import session as sessions
    from readiness import snapshot as snapshots
    from readiness.checkpoint import SUFFIX
    from readiness.plan import plan

    demanded = _demanded(chosen)
    resumed = snapshots.load(resume) if resume else None
    only, skip = chosen.pop("only"), chosen.pop("skip")
    if resumed and not only and not skip:
        only, skip = tuple(resumed.only), tuple(resumed.skip)
    use = _Use.of(only=only, skip=skip, **chosen)
    gates = use.gates(**demanded)
    writers = _writers(outputs)
    _check_folder(snapshot)
    quiet = use.matching(mute)
    if resume and snapshot is None:
        snapshot = resume.with_name(resume.name.removesuffix(SUFFIX))
    access = sessions.Access(
        profile=profile,
        regions=regions or tuple(resumed.regions if resumed else ()),
        endpoint_url=endpoint_url,
        role_arn=role_arn,
        external_id=external_id,
    )
    session, chosen_regions = sessions.open_session(access, plan(use.selected, artifacts=artifacts).operations)
    limits = {"endpoint_url": endpoint_url, "max_workers": max_workers, "max_rps": max_rps, "artifacts": artifacts}
    identity, prepared = sessions.identify(
        session, access, lambda: use.prepared(session, chosen_regions, resumed, **limits)
    )
    with _stoppable():
        gathered = use.scan(
            session, identity, chosen_regions, **limits, prepared=prepared, resumed=resumed, kept_at=snapshot
        )
    return _kept(use, gathered, snapshot, writers, quiet, gates)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@_selection
@_reports
@_gates
def audit(file: Path, outputs: tuple[Path, ...], mute: tuple[str, ...], **chosen: Any) -> int:
    """Score a snapshot again, without AWS; the checks are those it was made for, unless you choose others."""
    from readiness import snapshot as snapshots

    demanded = _demanded(chosen)
    gathered = snapshots.load(file)
    only, skip = chosen.pop("only"), chosen.pop("skip")
    if not only and not skip:
        only, skip = tuple(gathered.only), tuple(gathered.skip)
    use = _Use.of(only=only, skip=skip, **{**chosen, "exam": chosen["exam"] or gathered.exam})
    gates = use.gates(**demanded)
    writers = _writers(outputs)
    return _finish(use, gathered, writers, use.matching(mute), gates)


def _account(command: F) -> F:
    return click.option(
        "--account", default="halfway", show_default=True, metavar="NAME", help="Which emulated account of the exam."
    )(command)


@cli.command()
@_account
@_gathering
@_selection
@_reports
@_gates
def demo(account: str, snapshot: Path | None, outputs: tuple[Path, ...], mute: tuple[str, ...], **chosen: Any) -> int:
    """Scan an emulated account, in this process and without AWS, to see what a report looks like."""
    from readiness import accounts

    demanded = _demanded(chosen)
    use = _Use.of(only=chosen.pop("only"), skip=chosen.pop("skip"), **chosen)
    gates = use.gates(**demanded)
    writers = _writers(outputs)
    _check_folder(snapshot)
    quiet = use.matching(mute)
    with accounts.in_process(use.library, account) as (session, identity, regions):
        gathered = use.scan(session, identity, regions, max_workers=EMULATED_WORKERS)
    return _kept(use, gathered, snapshot, writers, quiet, gates)


@cli.command()
@_account
@click.option("--port", type=click.IntRange(0, 65535), default=5000, show_default=True, help="0 takes any free port.")
@_folder
def sandbox(account: str, port: int, **chosen: Any) -> int:
    """Serve an emulated account on this machine, to practise in with any AWS client, until interrupted."""
    import signal
    import threading

    from readiness import accounts

    use = _Use.of(only=(), skip=(), **chosen)
    with accounts.served(use.library, account, port) as environment:
        click.echo(f"The account {account!r} is served at {environment['AWS_ENDPOINT_URL']}. In another shell:\n")
        for name, value in environment.items():
            click.echo(f"export {name}={value}")
        click.echo("\nThen use the AWS CLI or boto3 as ever, and `readiness scan`. Ctrl-C ends it, and forgets all.")
        done = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: done.set())
        done.wait()
    return 0


@cli.command()
@_selection
@_format
def checks(form: str, **chosen: Any) -> int:
    """List the checks."""
    use = _Use.of(**chosen)
    if form == "json":
        _print_json([_described(check) for check in use.selected])
        return 0
    width = max((len(check.id) for check in use.selected), default=0)
    for check in use.selected:
        click.echo(f"{check.id:{width}}  {check.kind:8}  {check.severity:6}  {', '.join(check.statements)}")
        click.echo(f"{'':{width}}  {check.docs.title}")
    return 0


@cli.command()
@click.argument("check")
@_folder
def explain(check: str, **chosen: Any) -> int:
    """Tell what a check looks at, why it matters and how to mend it."""
    from readiness.errors import closest
    from readiness.kinds import name_of

    use = _Use.of(only=(), skip=(), **chosen)
    found = [one for one in use.library.checks if check in (one.name, one.id)]
    if not found:
        near = closest(check, [name for one in use.library.checks for name in (one.name, one.id)])
        raise UsageError(f"no check is named {check!r}{near}: `readiness checks` lists them")
    texts = {statement.id: statement.text for _, _, statement in use.library.exam.statements()}
    for one in found:
        docs = one.docs
        click.echo(f"{one.id} ({one.kind}, severity {one.severity})\n{docs.title}\n")
        for name, text in (("Why", docs.why), ("Fix", docs.fix), ("Cost", docs.cost), ("Survives", docs.survives)):
            if text:
                click.echo(f"{name}:\n{_indented(text)}\n")
        click.echo("Statements:\n" + "\n".join(f"  {name}  {texts[name]}" for name in one.statements) + "\n")
        if one.closed:
            click.echo(f"Closed:\n  {one.closed}; its absence carries no weight\n")
        click.echo("Reads:\n" + "\n".join(f"  {name_of(kind)}" for kind in one.kinds) + "\n")
        click.echo("Calls:\n" + "\n".join(f"  {name}" for name in sorted(one.operations)) + "\n")
        click.echo("IAM actions:\n" + "\n".join(f"  {name}" for name in _actions(one)) + "\n")
        click.echo(f"See:\n  {docs.see}")
    return 0


@cli.command()
@_selection
@_format
def exam(form: str, **chosen: Any) -> int:
    """Show the exam guide with the checks of each statement."""
    use = _Use.of(**chosen)
    speaking: dict[str, list[str]] = {}
    for check in use.selected:
        for name in check.statements:
            speaking.setdefault(name, []).append(check.id)
    guide = use.library.exam
    if form == "json":
        import msgspec

        tree = msgspec.to_builtins(guide)
        for domain in tree["domains"]:
            for section in domain["sections"]:
                for statement in section["statements"]:
                    statement["checks"] = speaking.get(statement["id"], [])
        _print_json(tree)
        return 0
    click.echo(f"{guide.id}  {guide.title}")
    for domain in guide.domains:
        click.echo(f"\nDomain {domain.id}: {domain.title} ({domain.weight:g} %)")
        for section in domain.sections:
            click.echo(f"\n  {section.id} {section.title}")
            for statement in section.statements:
                click.echo(f"    {statement.id:8} {statement.text}")
                if statement.observable == "none":
                    click.echo(f"             not observable: {statement.limit}")
                elif statement.id in speaking:
                    click.echo(f"             {', '.join(speaking[statement.id])}")
                else:
                    click.echo(
                        "             no check selected"
                        if chosen["only"] or chosen["skip"]
                        else "             not covered yet"
                    )
    return 0


@cli.command()
@_selection
@_artifacts
@click.option(
    "--part",
    type=click.IntRange(min=1),
    help="Which of several policies to print, where IAM's limit on the size of one does not let all fit.",
)
def policy(part: int | None, artifacts: bool, **chosen: Any) -> int:
    """Print the least IAM policy that the selected checks need, ready for `aws iam create-policy`."""
    from readiness.plan import plan
    from readiness.policy import policies

    use = _Use.of(**chosen)
    documents = policies(plan(use.selected, artifacts=artifacts).operations)
    if part is None and len(documents) > 1:
        raise UsageError(
            f"the actions take {len(documents)} managed policies: print each with --part 1 to --part {len(documents)}"
        )
    if part is not None and part > len(documents):
        raise UsageError(f"there is no part {part}: the actions fit into {len(documents)}")
    _print_json(documents[(part or 1) - 1] if documents else {})
    return 0


@cli.command()
def schema() -> int:
    """Print the JSON Schema of the JSON report."""
    from readiness.results import schema as described

    _print_json(described())
    return 0


class _Use:
    """What a command works with: configuration, packs, the selected checks and their settings."""

    def __init__(self, config: Config, library: Library, only: Sequence[str], skip: Sequence[str]) -> None:
        from readiness import config as configs
        from readiness import select

        self.config = config
        self.library = library
        self.only = list(only) or config.only
        self.skip = list(skip) or config.skip
        self.selected = select.select(library.checks, library.exam, self.only, self.skip)
        self.settings = configs.settings(config, library.checks)

    @classmethod
    def of(cls, *, only: Sequence[str], skip: Sequence[str], folders: Sequence[Path], exam: str | None) -> _Use:
        """Load the configuration of the current folder and the packs."""
        from readiness import config as configs
        from readiness import packs

        config = configs.load(Path.cwd())
        library = packs.load([*(Path(name) for name in config.checks), *folders], exam)
        return cls(config, library, only, skip)

    def matching(self, mute: Sequence[str]) -> list[Check]:
        """The muted checks, by the options and the configuration."""
        from readiness import select

        exam, all_checks = self.library.exam, self.library.checks
        return [check for pattern in (*self.config.mute, *mute) for check in select.matching(all_checks, exam, pattern)]

    def gates(self, *, fail_under: Sequence[str], require: Sequence[str], max_unknown: int | None) -> Gates:
        """What the report must hold to."""
        from readiness import gate, select

        exam = self.library.exam
        wanted = [check for pattern in require for check in select.matching(self.library.checks, exam, pattern)]
        return gate.Gates(gate.floors(fail_under, exam), gate.required(wanted, self.selected), max_unknown)

    def prepared(self, session: Any, regions: Sequence[str], resumed: Snapshot | None, **limits: Any) -> Prepared:
        """All of a scan that comes before its first call, its imports too."""
        from readiness import terminal  # noqa: F401 - it takes long to import, and is needed next
        from readiness.scan import Prepared

        if not self.selected:
            raise UsageError("no check is selected: nothing to scan for")
        return Prepared.of(session, regions, self.selected, resumed=resumed, **limits)

    def scan(self, session: Any, identity: Any, regions: Sequence[str], **options: Any) -> Snapshot:
        """Gather with a progress bar on the terminal; the options are those of `readiness.scan.scan`."""
        from readiness import terminal
        from readiness.kinds import scope_of
        from readiness.plan import plan
        from readiness.scan import scan as gather

        if not self.selected:
            raise UsageError("no check is selected: nothing to scan for")
        listed = plan(self.selected, artifacts=options.get("artifacts", False)).listed
        total = sum(1 if scope_of(kind) == "global" else len(regions) for kind in listed)
        with terminal.progress(total, identity.account, regions) as advance:
            return gather(
                session,
                identity,
                regions,
                self.library.exam.id,
                self.selected,
                settings=self.settings,
                only=self.only,
                skip=self.skip,
                progress=advance,
                **options,
            )

    def audit(self, gathered: Snapshot, muted: Sequence[Check]) -> Results:
        """Judge and score a snapshot."""
        from readiness.audit import audit as judge

        return judge(gathered, self.library.exam, self.library.checks, self.selected, self.settings, muted)


def _writers(outputs: Sequence[Path]) -> list[tuple[Path, Callable[[Any], bytes]]]:
    """The renderers, found before anything is read: a wrong suffix must not cost a scan."""
    from readiness import output

    return output.renderers(outputs or [Path(name) for name in DEFAULT_OUTPUTS])


def _check_folder(path: Path | None) -> None:
    if path is not None and not path.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {path.parent} for {path.name}: make it first")


def _write(path: Path, content: bytes, *, private: bool = False) -> None:
    from readiness import output

    output.write(path, content, private=private)


def _kept(
    use: _Use,
    gathered: Snapshot,
    snapshot: Path | None,
    writers: Sequence[tuple[Path, Callable[[Any], bytes]]],
    muted: Sequence[Check],
    gates: Gates,
) -> int:
    """Keep the snapshot where it is wanted, before anything else can go wrong, and write the reports."""
    from readiness import checkpoint

    if snapshot is not None:
        _write(snapshot, gathered.encode(), private=True)
        checkpoint.beside(snapshot).unlink(missing_ok=True)
        why = "interrupted" if gathered.interrupted else "the credentials have expired" if _expired(gathered) else ""
        if why:
            click.echo(f"readiness: {why}: `readiness scan --resume {snapshot}` goes on from here", err=True)
    code = _finish(use, gathered, writers, muted, gates)
    return INTERRUPTED if gathered.interrupted else code


def _expired(gathered: Snapshot) -> bool:
    from readiness.failures import EXPIRED

    readings = [reading for regions in gathered.readings.values() for reading in regions.values()]
    return any(error.code in EXPIRED for reading in readings for error in reading.errors)


def _finish(
    use: _Use,
    gathered: Snapshot,
    writers: Sequence[tuple[Path, Callable[[Any], bytes]]],
    muted: Sequence[Check],
    gates: Gates,
) -> int:
    """Judge, write the reports, and tell whether they pass the gates."""
    from readiness import terminal

    results = use.audit(gathered, muted)
    rendered = [(path, render(results)) for path, render in writers]
    for path, content in rendered:
        _write(path, content)
    terminal.summary(results)
    for path, _ in rendered:
        click.echo(f"wrote {path}")
    broken, unread = gates.broken(results), gates.unread(results)
    for reason in (*broken, *([unread] if unread else [])):
        click.echo(f"readiness: not passed: {reason}", err=True)
    return GATE_BROKEN if broken else TOO_MUCH_UNKNOWN if unread else 0


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Take a request to end, as a CI job gets it, as Ctrl-C: what was read is written before."""
    import signal

    before = signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _demanded(chosen: dict[str, Any]) -> dict[str, Any]:
    """The options of the gates, taken out of what was chosen."""
    return {name: chosen.pop(name) for name in ("fail_under", "require", "max_unknown")}


def _described(check: Check) -> dict[str, Any]:
    docs = check.docs
    return {
        "id": check.id,
        "name": check.name,
        "kind": check.kind,
        "severity": check.severity,
        "title": docs.title,
        "statements": list(check.statements),
        "why": docs.why,
        "fix": docs.fix,
        "see": docs.see,
        "cost": docs.cost,
        "survives": docs.survives,
        "closed": check.closed,
        "operations": sorted(check.operations),
        "actions": _actions(check),
    }


def _actions(check: Check) -> list[str]:
    from readiness.policy import actions_of

    return sorted({action for operation in check.operations for action in actions_of(operation)})


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def main() -> None:
    """Run the command; a problem is one line on stderr and an exit code."""
    # Nearly all that is made is kept to the end: to look for garbage at the usual pace would be in vain.
    gc.set_threshold(GARBAGE)
    try:
        code = cli(standalone_mode=False, prog_name="readiness") or 0
        if _threads_hang():
            _leave_at_once(code)
        sys.exit(code)
    except click.UsageError as problem:
        hint = f" (see `{problem.ctx.command_path} --help`)" if problem.ctx else ""
        _fail(f"{problem.format_message()}{hint}", problem.exit_code)
    except click.ClickException as problem:
        _fail(problem.format_message(), problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted", INTERRUPTED)
    except ReadinessError as problem:
        _fail(" ".join(str(problem).split()), problem.exit_code)


def _threads_hang() -> bool:
    """Whether calls are still under way for which nobody waits: the user stopped the scan, or it gave them up."""
    workers = sys.modules.get("readiness.workers")
    return workers is not None and bool(workers.lost())


def _leave_at_once(code: int) -> None:
    """Leave without waiting for the threads whose calls hang; all files are written by now."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _fail(message: str, code: int) -> None:
    from readiness.plain import visible

    click.echo(f"readiness: {visible(message)}", err=True)
    sys.exit(code)
