"""Runs the installed command against the server in `server.py`; prints a table of counts, and of ratios of one run."""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import datetime
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Heavy imports wait until the scans are done: a child's peak memory begins with that of the process that starts it.
if TYPE_CHECKING:
    import boto3

    from readiness.snapshot import Caller

SIZES = {"small": 0, "medium": 1500, "large": 15000}
"""How many resources an account has beyond those that are recorded."""
REGION = "us-east-1"
REGIONS = (REGION, "us-west-2", "eu-west-1", "ap-southeast-2")
"""What several regions are: each answers as the first does."""
KEYS = {"aws_access_key_id": "benchmark", "aws_secret_access_key": "benchmark"}
BIN = Path(sys.executable).parent
TOKENS = frozenset({"continuationtoken", "marker", "nexttoken", "nextpagetoken"})
SAMPLE = 20
"""How many calls of an operation are made again to learn what they cost."""
REPEATS = 3
"""How often a stage is run, to take the run that was disturbed least."""
STARTS = 15
"""How often a command is started to learn how long it takes."""
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
    **{name.upper(): value for name, value in KEYS.items()},
    "AWS_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}

Calls = list[dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class Row:
    """A figure: what it is, how much, and what it should be."""

    figure: str
    value: float
    target: str = ""
    met: bool | None = None


@dataclasses.dataclass(frozen=True)
class Scan:
    """What one run of the command did.

    Attributes:
        calls: what the server was asked; who one is comes first.
        unknown: what the server could not answer.
        wall: seconds from start to end.
        cpu: seconds of its processor time.
        rss: bytes of its peak memory.
        folder: where its reports and its snapshot are.
    """

    calls: Calls
    unknown: list[str]
    wall: float
    cpu: float
    rss: int
    folder: Path

    @property
    def gathered(self) -> Calls:
        """The calls of the gather."""
        return [call for call in self.calls if call["service"] != "sts"]

    @property
    def gather(self) -> float:
        """Seconds from the first call of the gather to its last answer."""
        begun = min(call["arrived"] for call in self.gathered)
        return float(max(call["answered"] for call in self.gathered) - begun)

    @property
    def ready(self) -> float:
        """Seconds from knowing who one is to the last answer: what of the preparation is not done by then, too."""
        known = max(call["answered"] for call in self.calls if call["service"] == "sts")
        return float(max(call["answered"] for call in self.gathered) - known)

    @property
    def identical(self) -> int:
        """How many calls were made although one just like them was."""
        texts = [json.dumps(_named(call), sort_keys=True) for call in self.calls]
        return len(texts) - len(set(texts))

    @property
    def snapshot(self) -> Path:
        """What it kept."""
        return self.folder / "snapshot.json"


def _named(call: dict[str, Any]) -> list[Any]:
    return [call["region"], call["service"], call["operation"], call["parameters"]]


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The server in a process of its own: gives its address."""
    command = [sys.executable, str(Path(__file__).with_name("server.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            if not address:
                raise RuntimeError("the server did not start")
            yield address
        finally:
            process.terminate()


def told(address: str, target: str) -> dict[str, Any]:
    """What the server tells of itself."""
    with urllib.request.urlopen(f"{address}/-/{target}", timeout=600) as answer:  # noqa: S310 - our own server
        found: dict[str, Any] = json.load(answer)
        return found


def scan(
    address: str, clones: int, latency: float, workers: int, folder: Path, regions: Sequence[str] = (REGION,)
) -> Scan:
    """Run the installed command on an account of this size.

    Raises:
        subprocess.CalledProcessError: it did not end well.
    """
    told(address, f"reset?clones={clones}&latency={latency}")
    folder.mkdir()
    command = [str(BIN / "readiness"), "scan", "--endpoint-url", address, "--max-workers", str(workers)]
    command += ["--snapshot", "snapshot.json", "-o", "report.html", "-o", "report.json"]
    command += [option for region in regions for option in ("--region", region)]
    begun = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begun
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    counted = told(address, "calls")
    cpu = usage.ru_utime + usage.ru_stime
    return Scan(counted["calls"], counted["unknown"], wall, cpu, usage.ru_maxrss * 1024, folder)


def chains(calls: Calls) -> dict[tuple[str, str], list[tuple[dict[str, Any], int]]]:
    """By operation, the calls without their pages' tokens, each with how many pages it took one after another."""
    found: collections.Counter[str] = collections.Counter()
    for call in calls:
        asked = {name: value for name, value in call["parameters"].items() if name.lower() not in TOKENS}
        found[json.dumps([call["service"], call["operation"], asked], sort_keys=True)] += 1
    by_operation: dict[tuple[str, str], list[tuple[dict[str, Any], int]]] = {}
    for text, pages in found.items():
        service, operation, asked = json.loads(text)
        by_operation.setdefault((service, operation), []).append((asked, pages))
    return by_operation


def critical_path(calls: Calls) -> int:
    """How many calls must wait for one another: pages for pages, details for lists, children for their parents."""
    from readiness import packs
    from readiness.kinds import Call, Kind, parents_of, source_of
    from readiness.plan import plan

    taken = chains(calls)

    def pages(service: str, call: Call) -> int:
        fixed = {name: value for name, value in call.give.items() if not isinstance(value, datetime.timedelta)}
        same = taken.get((service, call.operation), [])
        return max(
            (count for asked, count in same if all(asked.get(name) == value for name, value in fixed.items())),
            default=0,
        )

    depths: dict[Kind, int] = {}
    for kind in plan(packs.load([], None).checks).kinds:
        before = max((depths[parent] for parent in parents_of(kind)), default=0)
        source = source_of(kind)
        depths[kind] = before + (sum(pages(source.service, call) for call in source.calls) if source else 0)
    return max(depths.values())


def allowed(done: Scan) -> int:
    """The most calls that this account may take, by what was found in it.

    For each kind a list, for each choice and each parent's record; a call for each item and detail, or for each batch
    of them; and the pages that the server asked to follow. What several kinds share is counted for each of them.
    """
    from readiness import packs, snapshot
    from readiness.kinds import scope_of, source_of
    from readiness.plan import plan
    from readiness.view import View

    kept = snapshot.load(done.snapshot)
    view = View(kept.readings, kept.caller, kept.scanned_at, {})
    total = sum(any(name.lower() in TOKENS for name in call["parameters"]) for call in done.gathered)
    for kind in plan(packs.load([], None).checks).listed:
        source = source_of(kind)
        if source is None:
            continue
        region = snapshot.GLOBAL if scope_of(kind) == "global" else REGION
        parents = len(view.reading(source.per, region).records) if source.per else 1
        total += parents * math.prod(len(list(values)) for values in source.listing.each.values())
        items = len(view.reading(kind, region).records)
        total += sum(math.ceil(items / (call.batch or 1)) for call in source.details)
    return total


def session() -> boto3.Session:
    """A session as the command makes it."""
    from readiness.session import new_session

    os.environ |= {name: value for name, value in ENVIRONMENT.items() if name.startswith("AWS_")}
    return new_session(region=REGION, **KEYS)


def identity() -> Caller:
    """Whose account the server has."""
    from readiness.snapshot import Caller

    return Caller(account="123456789012", arn="arn:aws:sts::123456789012:user/moto", partition="aws")


def cpu_of_calls(address: str, calls: Calls) -> float:
    """Processor seconds that plain boto3 takes for these calls, one after another, by a sample of each operation."""
    import botocore.config
    import botocore.exceptions
    from botocore import xform_name

    by_operation: dict[tuple[str, str], Calls] = {}
    for call in calls:
        by_operation.setdefault((call["service"], call["operation"]), []).append(call)
    used, total = session(), 0.0
    made: dict[str, Any] = {}
    plain = botocore.config.Config(retries={"mode": "standard"})
    for (service, operation), same in by_operation.items():
        if service not in made:
            made[service] = used.client(service, endpoint_url=address, config=plain)
        method = getattr(made[service], xform_name(operation))
        sample = same[:: max(1, len(same) // SAMPLE)]
        took = []
        # The first call opens the connection and loads what is loaded once.
        for call in (sample[0], *sample):
            begun = time.process_time()
            with contextlib.suppress(botocore.exceptions.ClientError):
                method(**call["parameters"])
            took.append(time.process_time() - begun)
        total += statistics.fmean(took[1:]) * len(same)
    return total


def clients(address: str, services: set[str], workers: int) -> tuple[int, float]:
    """How many clients a scan makes, and the processor seconds that the engine takes to make one for each service."""
    from readiness import packs
    from readiness.caller import Caller
    from readiness.scan import scan as gather

    begun = time.process_time()
    caller = Caller(session(), frozenset(), address, workers)
    for service in sorted(services):
        caller.client(service, REGION)
    seconds = time.process_time() - begun
    made: list[object] = []
    counted = session()
    counted.events.register("creating-client-class", lambda **_: made.append(None))
    library = packs.load([], None)
    gather(counted, identity(), [REGION], library.exam.id, library.checks, endpoint_url=address, max_workers=workers)
    return len(made), seconds


def judged(path: Path) -> float:
    """Processor seconds of audit, score and both reports of a snapshot: the least disturbed of some runs."""
    from readiness import audit, output, packs, snapshot

    library = packs.load([], None)
    writers = output.renderers([Path("report.html"), Path("report.json")])
    gathered = snapshot.load(path)
    took = []
    for _ in range(REPEATS):
        begun = time.process_time()
        results = audit.audit(gathered, library.exam, library.checks, library.checks)
        for _, render in writers:
            render(results)
        took.append(time.process_time() - begun)
    return min(took)


def starts() -> list[Row]:
    """How long commands without AWS take, against a bare import of what each can't do without.

    That is click, and where checks are listed also their modules, what finds packs and what reads the exam map.
    Medians of processor time, taken in turns.
    """
    from readiness import packs

    modules = sorted({check.function.__module__ for check in packs.load([], None).checks})
    bare = {"click": "import click", "the checks": f"import click, importlib.metadata, tomllib, {', '.join(modules)}"}
    commands = {"--help": "click", "checks": "the checks", "explain avro-data": "the checks"}

    def took(*command: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=ENVIRONMENT)  # noqa: S603 - our own command
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    rows = []
    for command, needed in commands.items():
        least = (sys.executable, "-c", bare[needed])
        pairs = [(took(str(BIN / "readiness"), *command.split()), took(*least)) for _ in range(STARTS)]
        ratio = statistics.median(one for one, _ in pairs) / statistics.median(other for _, other in pairs)
        rows.append(Row(f"`readiness {command}` / import of {needed}", ratio, "<= 1.5", ratio <= 1.5))
    return rows


def counts(name: str, done: Scan) -> list[Row]:
    """How many calls a scan made, and how many of them in vain."""
    calls, most = len(done.gathered), allowed(done)
    return [
        Row(f"{name}: calls", calls),
        Row(f"{name}: calls / most that lists, pages and details need", calls / most, "<= 1", calls <= most),
        Row(f"{name}: identical calls", done.identical, "0", done.identical == 0),
        Row(f"{name}: calls that the server did not know", len(done.unknown), "0", not done.unknown),
    ]


def speed(name: str, address: str, done: Scan, latency: float, workers: int, clients_cpu: float) -> list[Row]:
    """The gather against what no scan could beat, from parts measured in the same run."""
    path = critical_path(done.gathered)
    parts = {
        "critical path": path * latency,
        "calls x latency / concurrency": len(done.gathered) * latency / workers,
        "CPU of the calls": cpu_of_calls(address, done.gathered),
    }
    bound = max(parts.values())
    with_clients = max(bound, parts["CPU of the calls"] + clients_cpu)
    served = sum(call["worked"] for call in done.gathered) / done.gather
    return [
        Row(f"{name}: calls that wait for one another", path),
        *(Row(f"{name}: {part} / bound", seconds / bound) for part, seconds in parts.items()),
        Row(f"{name}: wall of the gather / bound", done.gather / bound, "<= 1.3", done.gather / bound <= 1.3),
        Row(f"{name}: wall from knowing who one is / bound with the CPU of making clients", done.ready / with_clients),
        Row(f"{name}: wall of the command / bound", done.wall / bound),
        Row(f"{name}: CPU of the command / wall of the command", done.cpu / done.wall),
        Row(f"{name}: the server's work / wall of the gather", served),
    ]


def memory(name: str, small: Scan, done: Scan) -> list[Row]:
    """Peak memory against that of the small account."""
    kept = done.snapshot.stat().st_size
    allowed = 1.5 * small.rss + kept
    return [
        Row(f"{name}: peak RSS / small's", done.rss / small.rss),
        Row(f"{name}: snapshot, MB", kept / 1e6),
        Row(f"{name}: peak RSS / (1.5 x small's + snapshot)", done.rss / allowed, "<= 1", done.rss <= allowed),
    ]


def stages(name: str, scans: Sequence[Scan], small: Scan) -> list[Row]:
    """Audit, score and reports of a quarter, a half and the whole of the account against the gather."""
    # What is loaded once is no matter of size.
    judged(small.snapshot)
    took = [judged(one.snapshot) for one in scans]
    kept = [one.snapshot.stat().st_size for one in scans]
    growth = (took[-1] / took[0]) / (kept[-1] / kept[0])
    share = took[-1] / scans[-1].gather
    return [
        *(
            Row(f"{name} x {part}: audit, score, reports / gather's wall of the whole", seconds / scans[-1].gather)
            for part, seconds in zip(("1/4", "1/2", "1"), took, strict=True)
        ),
        Row(f"{name}: growth of that / growth of the snapshot, 1/4 to 1", growth, "<= 1.2", growth <= 1.2),
        Row(f"{name}: audit, score, reports / gather's wall", share, "<= 0.2", share <= 0.2),
    ]


def spread(address: str, latency: float, workers: int, folder: Path, small: Scan) -> list[Row]:
    """The small account in several regions, against in one."""
    from readiness import packs
    from readiness.kinds import scope_of, source_of
    from readiness.plan import plan

    done = scan(address, 0, latency, workers, folder, REGIONS)
    operations: dict[str, set[str]] = {"global": set(), "region": set()}
    for kind in plan(packs.load([], None).checks).listed:
        source = source_of(kind)
        operations[scope_of(kind)] |= source.operations if source else frozenset()
    everywhere = operations["global"] - operations["region"]
    once = sum(f"{call['service']}:{call['operation']}" in everywhere for call in small.gathered)
    least = len(REGIONS) * (len(small.gathered) - once) + once
    ratio = len(done.gathered) / least
    return [
        Row(f"{len(REGIONS)} regions: calls", len(done.gathered)),
        Row(f"{len(REGIONS)} regions: calls / those of one region, global ones once", ratio, "<= 1", ratio <= 1),
        Row(f"{len(REGIONS)} regions: identical calls", done.identical, "0", done.identical == 0),
        Row(f"{len(REGIONS)} regions: wall of the gather / in one region", done.gather / small.gather),
    ]


def measured(size: str, latency: float, workers: int, folder: Path) -> list[Row]:
    """All rows for one size."""
    with serving() as address:
        small = scan(address, 0, latency, workers, folder / "small")
        clones = SIZES[size]
        parts = [
            scan(address, clones // part, latency, workers, folder / f"part-{part}")
            for part in ((4, 2, 1) if clones else ())
        ]
        done = parts[-1] if parts else small
        rows = counts(size, done)
        rows += spread(address, latency, workers, folder / "regions", small)
        told(address, "reset?clones=0&latency=0")
        services = {call["service"] for call in done.gathered}
        made, seconds = clients(address, services, workers)
        # Calls that are made again get the same answers.
        told(address, f"reset?clones={clones}&latency=0")
        rows += speed(size, address, done, latency, workers, seconds)
        if parts:
            rows += [*memory(size, small, done), *stages(size, parts, small)]
    page = (done.folder / "report.html").stat().st_size
    return [
        *rows,
        Row(f"{size}: HTML report, MB", page / 1e6, "< 1", page < 1e6),
        Row("clients made by a scan", made),
        Row("clients made / services asked", made / len(services), "1", made == len(services)),
        Row("CPU of making the clients / CPU of the command", seconds / done.cpu),
        *starts(),
    ]


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    verdicts = {True: "yes", False: "**no**", None: ""}
    lines = ["| figure | value | target | met |", "|---|---:|---|---|"]
    lines += [f"| {row.figure} | {row.value:.4g} | {row.target} | {verdicts[row.met]} |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--latency", type=float, default=0.06, help="seconds until the server answers")
    parser.add_argument("--workers", type=int, default=32, help="calls at the same time")
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measured(options.size, options.latency, options.workers, Path(folder))
    if options.format == "json":
        sys.stdout.write(json.dumps([dataclasses.asdict(row) for row in rows], indent=2) + "\n")
    else:
        sys.stdout.write(table(rows))


if __name__ == "__main__":
    main()
