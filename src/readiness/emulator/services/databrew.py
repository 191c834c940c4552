"""DataBrew: datasets, recipes, rulesets, projects, schedules and jobs, whose runs end.

What moto says, and what AWS does:

- No job can be run: a run ends at once, and fails where its input or the bucket of its output is not there.
- A dataset does not tell where it comes from, a ruleset how many rules it has, and a job forgets its key, its timeout
  and its sample: all of them are answered.
- Neither recipes nor rulesets have an ARN, and nothing has tags that can be read: they do.
- A reference to a dataset, recipe or ruleset that is not there is taken: it is refused.
"""

from __future__ import annotations

import datetime
import posixpath
import uuid
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Elsewhere, Handler, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.files import files
from readiness.emulator.resources import Resource, listed

SERVICE = "databrew"
SECONDS = 1
"""How long a run takes."""
SOURCES = {
    "S3InputDefinition": "S3",
    "DataCatalogInputDefinition": "DATA-CATALOG",
    "DatabaseInputDefinition": "DATABASE",
}
"""What DataBrew calls the place that an input names."""
FORMATS = {".csv": "CSV", ".json": "JSON", ".parquet": "PARQUET", ".xlsx": "EXCEL", ".orc": "ORC"}
NODES = 5
"""How many nodes a job may use where nobody says."""
TIMEOUT = 2880


def _made(call: Call, item: Item) -> None:
    """Whoever makes something is remembered."""
    item["AccountId"] = call.account
    item["CreatedBy"] = item["LastModifiedBy"] = _caller(call)
    item.setdefault("Tags", {})


def _caller(call: Call) -> str:
    identity: str = call.backend("sts").get_caller_identity(call.access_key, call.region)[1]
    return identity


def _changed(call: Call, item: Item) -> None:
    item["LastModifiedBy"] = _caller(call)


def _source(call: Call, item: Item) -> None:
    """A dataset knows what sort of place it comes from, and its format by the name of its file."""
    item["Source"] = next(name for member, name in SOURCES.items() if member in item["Input"])
    key = item["Input"].get("S3InputDefinition", {}).get("Key", "")
    ending = posixpath.splitext(key.lower())[1]
    if "Format" not in item and ending in FORMATS:
        item["Format"] = FORMATS[ending]
    if "CreatedBy" in item:
        _changed(call, item)
    else:
        _made(call, item)


def _rules(call: Call, item: Item) -> None:
    """A ruleset is about a dataset that is there."""
    item["RuleCount"] = len(item["Rules"])
    if "CreatedBy" in item:
        _changed(call, item)
        return
    if item["TargetArn"] not in _arns(DATASETS, call):
        raise NotFound(f"The dataset {item['TargetArn']} wasn't found.")
    _made(call, item)


def _project(call: Call, item: Item) -> None:
    _dataset(call, item["DatasetName"])
    _recipe(call, item["RecipeName"])
    _made(call, item)


def _schedule(call: Call, item: Item) -> None:
    for name in item.get("JobNames", []):
        if name not in JOBS.items(call):
            raise NotFound(f"Job {name} wasn't found.")
    if "CreatedBy" in item:
        _changed(call, item)
    else:
        _made(call, item)


def _job(call: Call, item: Item) -> None:
    """A job profiles a dataset, or applies a recipe to it; those of a project are the project's."""
    item["Type"] = "PROFILE" if call.operation == "CreateProfileJob" else "RECIPE"
    if "ProjectName" in item:
        project = PROJECTS.items(call).get(item["ProjectName"])
        if project is None:
            raise NotFound(f"Project {item['ProjectName']} wasn't found.")
        item["DatasetName"] = project["DatasetName"]
        item["RecipeReference"] = {"Name": project["RecipeName"], "RecipeVersion": "LATEST_WORKING"}
    elif item["Type"] == "RECIPE" and not {"DatasetName", "RecipeReference"} <= item.keys():
        raise Coded("ValidationException", "A recipe job needs a project, or a dataset and a recipe.")
    _refer(call, item)
    item.setdefault("MaxCapacity", NODES)
    item.setdefault("MaxRetries", 0)
    item.setdefault("Timeout", TIMEOUT)
    item.setdefault("LogSubscription", "ENABLE")
    _made(call, item)


def _refer(call: Call, item: Item) -> None:
    """What a job refers to must be there."""
    _dataset(call, item["DatasetName"])
    if recipe := item.get("RecipeReference"):
        _recipe(call, recipe["Name"], recipe.get("RecipeVersion", "LATEST_PUBLISHED"))
    for validation in item.get("ValidationConfigurations", []):
        if validation["RulesetArn"] not in _arns(RULESETS, call):
            raise NotFound(f"Ruleset {validation['RulesetArn']} wasn't found.")
    if "Configuration" in item:
        item["ProfileConfiguration"] = item["Configuration"]


def _update_job(call: Call, item: Item) -> None:
    _refer(call, item)
    _changed(call, item)


DATASETS = Resource(
    SERVICE, "Dataset", "Name", "dataset/{}", arn_member="ResourceArn", created=_source, changed=_source
)
RULESETS = Resource(
    SERVICE,
    "Ruleset",
    "Name",
    "ruleset/{}",
    arn_member="ResourceArn",
    equals={"TargetArn": "TargetArn"},
    created=_rules,
    changed=_rules,
)
PROJECTS = Resource(
    SERVICE, "Project", "Name", "project/{}", arn_member="ResourceArn", created=_project, changed=_changed
)
SCHEDULES = Resource(
    SERVICE, "Schedule", "Name", "schedule/{}", arn_member="ResourceArn", created=_schedule, changed=_schedule
)
JOBS = Resource(
    SERVICE,
    "Job",
    "Name",
    "job/{}",
    arn_member="ResourceArn",
    equals={"DatasetName": "DatasetName", "ProjectName": "ProjectName"},
    created=_job,
    changed=_update_job,
)


def _arns(resource: Resource, call: Call) -> set[str]:
    return {item["ResourceArn"] for item in resource.items(call).values()}


def _dataset(call: Call, name: str) -> Item:
    found = DATASETS.items(call).get(name)
    if found is None:
        raise NotFound(f"The dataset {name} wasn't found.")
    return found


def _recipe(call: Call, name: str, version: str = "LATEST_WORKING") -> Any:
    """A version of one of moto's recipes."""
    recipe = call.backend("databrew").recipes.get(name)
    named = {"LATEST_WORKING": "latest_working", "LATEST_PUBLISHED": "latest_published"}
    if recipe is not None and version in named:
        found = getattr(recipe, named[version])
    elif recipe is not None:
        found = next((one for number, one in recipe.versions.items() if str(number) == version), None)
    else:
        found = None
    if found is None:
        raise NotFound(f"The recipe {name} for version {version} wasn't found.")
    return found


def _delete_dataset(call: Call) -> Item:
    """A dataset that a job or a project uses stays."""
    name = DATASETS.find(call)["Name"]
    for item in (*JOBS.items(call).values(), *PROJECTS.items(call).values()):
        if item["DatasetName"] == name:
            raise Coded("ConflictException", f"The dataset {name} is in use by {item['Name']}.")
    return DATASETS.delete(call)


def _start(call: Call) -> Item:
    """A run that is done, well or not."""
    job = JOBS.find(call)
    now = utcnow()
    runs = call.table("JobRun")
    attempts = (1 + job["MaxRetries"]) if (wrong := _wrong(call, job)) else 1
    run = {
        **{name: value for name, value in job.items() if name != "Tags"},
        "JobName": job["Name"],
        "RunId": f"db_{uuid.uuid4().hex}{uuid.uuid4().hex}",
        "Attempt": attempts - 1,
        "State": "FAILED" if wrong else "SUCCEEDED",
        "StartedBy": _caller(call),
        "StartedOn": now,
        "CompletedOn": now + datetime.timedelta(seconds=SECONDS),
        "ExecutionTime": SECONDS,
        **({"ErrorMessage": wrong} if wrong else {}),
        **({"LogGroupName": "/aws-glue-databrew/jobs"} if job["LogSubscription"] == "ENABLE" else {}),
    }
    runs[run["RunId"]] = run
    return run


def _wrong(call: Call, job: Item) -> str:
    """Why a job can't be run; nothing where it can."""
    given = DATASETS.items(call).get(job["DatasetName"], {}).get("Input")
    if given is None:
        return f"The dataset {job['DatasetName']} wasn't found."
    if place := given.get("S3InputDefinition"):
        if not files(call, f"s3://{place['Bucket']}/{place.get('Key', '').partition('<')[0]}"):
            return f"Unable to read s3://{place['Bucket']}/{place.get('Key', '')}: there is no such file."
    elif table := given.get("DataCatalogInputDefinition"):
        database = call.backend("glue").databases.get(table["DatabaseName"])
        if database is None or table["TableName"] not in database.tables:
            return f"Table {table['DatabaseName']}.{table['TableName']} not found."
    outputs = (
        [job["OutputLocation"]] if "OutputLocation" in job else [out["Location"] for out in job.get("Outputs", [])]
    )
    for place in outputs:
        if files(call, f"s3://{place['Bucket']}/") is None:
            return f"The specified bucket does not exist: {place['Bucket']}"
    return ""


def _find_run(call: Call) -> Item:
    run = call.table("JobRun").get(call.parameters["RunId"])
    if run is None or run["JobName"] != call.parameters["Name"]:
        raise NotFound(f"Job run {call.parameters['RunId']} wasn't found.")
    return run


def _list_runs(call: Call) -> Item:
    """The runs of a job, the newest first."""
    name = JOBS.find(call)["Name"]
    runs = [run for run in call.table("JobRun").values() if run["JobName"] == name]
    return listed(call, runs[::-1], "RunId")


def _stop_run(call: Call) -> None:
    raise Coded("ValidationException", f"Job run {_find_run(call)['RunId']} has ended already.")


def _delete_job(call: Call) -> Item:
    """The runs of a job go with it."""
    job = JOBS.delete(call)
    runs = call.table("JobRun")
    for run in [run for run in runs.values() if run["JobName"] == job["Name"]]:
        del runs[run["RunId"]]
    return job


def _told(call: Call, recipe: Any) -> Item:
    """A version of a recipe; moto's times are local where they are of creation, and UTC of publication."""
    created = recipe.created_time
    told = {
        "Name": recipe.name,
        "Steps": recipe.steps,
        "Description": recipe.description or "",
        "Tags": recipe.tags or {},
        "RecipeVersion": str(recipe.version),
        "ResourceArn": call.arn(f"recipe/{recipe.name}"),
        "CreateDate": created.astimezone(datetime.UTC) if recipe.published_date is None else recipe.published_date,
    }
    if recipe.published_date:
        told |= {"PublishedDate": recipe.published_date, "PublishedBy": _caller(call)}
    return told


def _describe_recipe(call: Call) -> Item:
    return _told(call, _recipe(call, call.parameters["Name"], call.parameters.get("RecipeVersion", "LATEST_PUBLISHED")))


def _list_recipes(call: Call) -> Item:
    """The newest version of each, published or worked on."""
    wanted = call.parameters.get("RecipeVersion", "LATEST_PUBLISHED")
    members = {"LATEST_WORKING": "latest_working", "LATEST_PUBLISHED": "latest_published"}
    if wanted not in members:
        raise Elsewhere
    found = [getattr(recipe, members[wanted]) for recipe in call.backend("databrew").recipes.values()]
    return listed(call, [_told(call, recipe) for recipe in found if recipe is not None], "Name")


def _list_versions(call: Call) -> Item:
    """The published versions of one."""
    recipe = call.backend("databrew").recipes.get(call.parameters["Name"])
    found = [one for one in recipe.versions.values() if one is not recipe.latest_working] if recipe else []
    return listed(call, [_told(call, one) for one in found], "RecipeVersion")


def _tags(call: Call) -> dict[str, str]:
    """The tags of whatever has an ARN."""
    arn = call.parameters["ResourceArn"]
    for resource in (DATASETS, RULESETS, PROJECTS, SCHEDULES, JOBS):
        for item in resource.items(call).values():
            if item["ResourceArn"] == arn:
                found: dict[str, str] = item.setdefault("Tags", {})
                return found
    recipe = call.backend("databrew").recipes.get(arn.rpartition("recipe/")[2])
    if recipe is None:
        raise NotFound(f"{arn} wasn't found.")
    for version in recipe.versions.values():
        # Tags are of the recipe, of whichever version.
        version.tags = recipe.latest_working.tags = recipe.latest_working.tags or {}
    tags: dict[str, str] = recipe.latest_working.tags
    return tags


def _tag(call: Call) -> None:
    _tags(call).update(call.parameters["Tags"])


def _untag(call: Call) -> None:
    tags = _tags(call)
    for key in call.parameters["TagKeys"]:
        tags.pop(key, None)


ANSWERS: Mapping[str, Handler] = {
    **DATASETS.handlers(),
    **RULESETS.handlers(),
    **PROJECTS.handlers(),
    **SCHEDULES.handlers(),
    **JOBS.handlers(),
    "DeleteDataset": _delete_dataset,
    "CreateProfileJob": JOBS.create,
    "CreateRecipeJob": JOBS.create,
    "UpdateProfileJob": JOBS.update,
    "UpdateRecipeJob": JOBS.update,
    "DeleteJob": _delete_job,
    "StartJobRun": _start,
    "DescribeJobRun": _find_run,
    "ListJobRuns": _list_runs,
    "StopJobRun": _stop_run,
    "DescribeRecipe": _describe_recipe,
    "ListRecipes": _list_recipes,
    "ListRecipeVersions": _list_versions,
    "ListTagsForResource": lambda call: {"Tags": _tags(call)},
    "TagResource": _tag,
    "UntagResource": _untag,
}

EXTENSION = Extension(SERVICE, ANSWERS)
