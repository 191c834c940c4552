"""Ground Truth: labeling jobs, and the work teams and workforces that label.

Nobody labels here: a job's workers are done when somebody looks at it. How many objects there were is what its manifest
in S3 says, and what they were labeled is written to the output manifest, so that another job can verify or adjust it.
"""

from __future__ import annotations

import json
import uuid
import zlib
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed
from readiness.emulator.services.sagemaker.catalogue import INVALID, Sort
from readiness.emulator.services.sagemaker.kinds import SERVICE, Job
from readiness.emulator.services.sagemaker.objects import read, write

PRIVATE = "workteam/private-crowd/"
AUTOMATED = 1250
"""How many objects people label at least before a model labels the others."""


def _host(call: Call, item: Item) -> None:
    item["SubDomain"] = f"{uuid.uuid4().hex[:10]}.labeling.{call.region}.sagemaker.aws"


WORKFORCES = Sort(
    SERVICE,
    "Workforce",
    "WorkforceName",
    "workforce/{}",
    status=("Status", "Active"),
    created=_host,
    taken=INVALID,
    missing=INVALID,
)


def _staff(call: Call, item: Item) -> None:
    """A work team is of a workforce, of the one that there is where none is named."""
    forces = WORKFORCES.items(call)
    name = item.get("WorkforceName")
    if name and name not in forces:
        raise Invalid(f"Workforce {name} does not exist.")
    force = forces.get(name) if name else next(iter(forces.values()), None)
    if force:
        item["SubDomain"] = force["SubDomain"]
        item["WorkforceArn"] = force["WorkforceArn"]
    else:
        _host(call, item)


TEAMS = Sort(
    SERVICE, "Workteam", "WorkteamName", PRIVATE + "{}", created=_staff, taken="ResourceInUse", missing=INVALID
)


def _delete_team(call: Call) -> Item:
    TEAMS.delete(call)
    return {"Success": True}


def _delete_workforce(call: Call) -> None:
    force = WORKFORCES.find(call)
    if any(team.get("WorkforceArn") == force["WorkforceArn"] for team in TEAMS.items(call).values()):
        raise Invalid(f"Workforce {force['WorkforceName']} has work teams.")
    WORKFORCES.delete(call)


def _give(call: Call, item: Item) -> None:
    """A job is for a team: of this account and there, or of the public or of a vendor."""
    task = item["HumanTaskConfig"]
    team = task["WorkteamArn"]
    if PRIVATE in team and team not in {one["WorkteamArn"] for one in TEAMS.items(call).values()}:
        raise Invalid(f"The work team {team} does not exist.")
    item["WorkteamArn"] = team
    item["PreHumanTaskLambdaArn"] = task.get("PreHumanTaskLambdaArn")
    item["AnnotationConsolidationLambdaArn"] = task.get("AnnotationConsolidationConfig", {}).get(
        "AnnotationConsolidationLambdaArn"
    )
    item["JobReferenceCode"] = uuid.uuid4().hex[:16]
    item["LabelCounters"] = _counters(0)


def _counters(total: int, human: int = 0, machine: int = 0) -> Item:
    return {
        "TotalLabeled": human + machine,
        "HumanLabeled": human,
        "MachineLabeled": machine,
        "FailedNonRetryableError": 0,
        "Unlabeled": total - human - machine,
    }


def _finish(call: Call, item: Item) -> None:
    """The objects of the manifest are labeled, as many as the stopping conditions allow."""
    source = item["InputConfig"]["DataSource"].get("S3DataSource")
    if source is None:
        item["LabelingJobStatus"] = "InProgress"
        return
    manifest = read(call, source["ManifestS3Uri"])
    try:
        objects = [json.loads(line) for line in (manifest or b"").decode().splitlines() if line.strip()]
    except ValueError:
        objects = []
    if not objects:
        item["LabelingJobStatus"] = "Failed"
        item["FailureReason"] = f"ClientError: Can't read the objects that {source['ManifestS3Uri']} lists."
        return
    human, machine, stopped = _share(item, len(objects))
    item["LabelCounters"] = _counters(len(objects), human, machine)
    item["LabelingJobStatus"] = "Stopped" if stopped else "Completed"
    output = (
        f"{item['OutputConfig']['S3OutputPath'].rstrip('/')}/{item['LabelingJobName']}/manifests/output/output.manifest"
    )
    item["LabelingJobOutput"] = {"OutputDatasetS3Uri": output}
    labeled = _labeled(call, item, objects[: human + machine], human)
    write(call, output, "".join(f"{json.dumps(one)}\n" for one in labeled).encode())


def _share(item: Item, total: int) -> tuple[int, int, bool]:
    """How many objects people label, how many a model does, and whether a condition stopped them."""
    stopping = item.get("StoppingConditions", {})
    labeled = total * stopping.get("MaxPercentageOfInputDatasetLabeled", 100) // 100
    human = min(labeled, AUTOMATED) if "LabelingJobAlgorithmsConfig" in item else labeled
    machine = labeled - human
    human = min(human, stopping.get("MaxHumanLabeledObjectCount", human))
    return human, machine, human + machine < total


def _labeled(call: Call, item: Item, objects: list[dict[str, Any]], human: int) -> list[dict[str, Any]]:
    """The objects with a label each, which its own text chooses among the categories."""
    name = item["LabelAttributeName"]
    categories = _categories(call, item)
    found = []
    for number, one in enumerate(objects):
        label = zlib.crc32(json.dumps(one, sort_keys=True).encode()) % len(categories)
        told = {
            "class-name": categories[label],
            "job-name": f"labeling-job/{item['LabelingJobName'].lower()}",
            "human-annotated": "yes" if number < human else "no",
            "creation-date": utcnow().isoformat(),
            "type": "groundtruth/custom",
        }
        found.append({**one, name: label, f"{name}-metadata": told})
    return found


def _categories(call: Call, item: Item) -> list[str]:
    text = read(call, item.get("LabelCategoryConfigS3Uri", ""))
    labels = json.loads(text).get("labels", []) if text else []
    return [str(one["label"]) for one in labels if "label" in one] or [item["LabelAttributeName"]]


JOBS = Job(
    SERVICE,
    "LabelingJob",
    "LabelingJobName",
    "labeling-job/{}",
    status=("LabelingJobStatus", "InProgress"),
    result="LabelingJobSummaryList",
    created=_give,
    stopped="Stopped",
    finished=_finish,
)


def _jobs_of_team(call: Call) -> Item:
    """The jobs that a team was given, by what its members are told of them."""
    JOBS.list(call)
    team = call.parameters["WorkteamArn"]
    part = call.parameters.get("JobReferenceCodeContains", "")
    found = []
    for job in JOBS.items(call).values():
        if job["WorkteamArn"] == team and part in job["JobReferenceCode"]:
            counters = job["LabelCounters"]
            told = {
                "HumanLabeled": counters["HumanLabeled"],
                "PendingHuman": counters["Unlabeled"],
                "Total": counters["TotalLabeled"] + counters["Unlabeled"],
            }
            people = job["HumanTaskConfig"]["NumberOfHumanWorkersPerDataObject"]
            summary = {"NumberOfHumanWorkersPerDataObject": people, "WorkRequesterAccountId": call.account}
            found.append({**job, **summary, "LabelCounters": told})
    return listed(call, found, JOBS.key)


EXTENSION = Extension(
    SERVICE,
    {
        **WORKFORCES.handlers(),
        **TEAMS.handlers(),
        **JOBS.handlers(),
        "DeleteWorkteam": _delete_team,
        "DeleteWorkforce": _delete_workforce,
        "ListLabelingJobsForWorkteam": _jobs_of_team,
    },
)
