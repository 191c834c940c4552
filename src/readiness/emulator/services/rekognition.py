"""Rekognition: collections of faces, Custom Labels projects, and the metrics that analysing an image leaves.

No model runs here: an image has one face, at a place that follows from its bytes, and a face is found again in the same
image only. Moto answers labels, texts and faces for any request, also where the image or the Custom Labels model is not
there; what it answers for those that are is left to it.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Elsewhere, Handler, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.metrics import counted
from readiness.emulator.references import content, uuid
from readiness.emulator.resources import Resource, listed
from readiness.emulator.tagging import Tagging

SERVICE = "rekognition"
NAMESPACE = "AWS/Rekognition"
FACES = "7.0"
"""The version of the model of faces, and of that of moderation."""
COUNTED = (
    "CompareFaces",
    "DetectCustomLabels",
    "DetectFaces",
    "DetectLabels",
    "DetectModerationLabels",
    "DetectText",
    "IndexFaces",
    "RecognizeCelebrities",
    "SearchFaces",
    "SearchFacesByImage",
    "StartFaceSearch",
    "StartLabelDetection",
    "StartTextDetection",
)
IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How PNG and JPEG begin."""


def _image(call: Call, name: str = "Image") -> str:
    """The digest of an image that is there, and is one."""
    found = content(call, call.parameters[name])
    if not found.startswith(IMAGES):
        raise Coded("InvalidImageFormatException", "Request has invalid image format")
    return hashlib.sha256(found).hexdigest()


def _box(digest: str) -> dict[str, float]:
    left, top = (int(digest[at : at + 4], 16) / 0xFFFF / 2 for at in (0, 4))
    return {"Width": 0.25, "Height": 0.25, "Left": left, "Top": top}


def _collection(_: Call, item: Item) -> None:
    item |= {"StatusCode": 200, "FaceModelVersion": FACES, "faces": {}}


COLLECTIONS = Resource(
    SERVICE,
    "Collection",
    "CollectionId",
    "collection/{}",
    arn_member="CollectionArn",
    result="CollectionIds",
    created=_collection,
)


def _describe_collection(call: Call) -> Item:
    item = COLLECTIONS.find(call)
    return {**item, "CollectionARN": item["CollectionArn"], "FaceCount": len(item["faces"]), "UserCount": 0}


def _list_collections(call: Call) -> Item:
    answer = COLLECTIONS.list(call)
    return {**answer, "FaceModelVersions": [FACES] * len(answer["CollectionIds"])}


def _index(call: Call) -> Item:
    item, digest = COLLECTIONS.find(call), _image(call)
    face = {
        "FaceId": uuid(),
        "ImageId": f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}",
        "ExternalImageId": call.parameters.get("ExternalImageId"),
        "BoundingBox": _box(digest),
        "Confidence": 99.9,
        "IndexFacesModelVersion": FACES,
    }
    face = {name: value for name, value in face.items() if value is not None}
    item["faces"][face["FaceId"]] = face
    return {"FaceRecords": [{"Face": face}], "FaceModelVersion": FACES, "UnindexedFaces": []}


def _list_faces(call: Call) -> Item:
    asked = dict(call.parameters)
    wanted = asked.pop("FaceIds", None)
    faces = [face for key, face in COLLECTIONS.find(call)["faces"].items() if wanted is None or key in wanted]
    return {**listed(call, faces, asked=asked), "FaceModelVersion": FACES}


def _delete_faces(call: Call) -> Item:
    faces = COLLECTIONS.find(call)["faces"]
    gone = [key for key in call.parameters["FaceIds"] if faces.pop(key, None)]
    left = [key for key in call.parameters["FaceIds"] if key not in gone]
    return {
        "DeletedFaces": gone,
        "UnsuccessfulFaceDeletions": [{"FaceId": key, "Reasons": ["FACE_NOT_FOUND"]} for key in left],
    }


def _matches(item: Item, image: str, but: str = "") -> list[Item]:
    faces = item["faces"].values()
    same = [face for face in faces if face["ImageId"].replace("-", "") == image[:32] and face["FaceId"] != but]
    return [{"Similarity": 100.0, "Face": face} for face in same]


def _search_image(call: Call) -> Item:
    item, digest = COLLECTIONS.find(call), _image(call)
    return {
        "SearchedFaceBoundingBox": _box(digest),
        "SearchedFaceConfidence": 99.9,
        "FaceMatches": _matches(item, digest),
        "FaceModelVersion": FACES,
    }


def _search(call: Call) -> Item:
    item, key = COLLECTIONS.find(call), call.parameters["FaceId"]
    if key not in item["faces"]:
        raise Invalid(f"The face {key} is not in the collection.")
    found = _matches(item, item["faces"][key]["ImageId"].replace("-", ""), key)
    return {"SearchedFaceId": key, "FaceMatches": found, "FaceModelVersion": FACES}


def _detect_faces(call: Call) -> Item:
    return {"FaceDetails": [{"BoundingBox": _box(_image(call)), "Confidence": 99.9}]}


def _moderate(call: Call) -> Item:
    _image(call)
    return {"ModerationLabels": [], "ModerationModelVersion": FACES}


def _recognize(call: Call) -> Item:
    face = {"BoundingBox": _box(_image(call)), "Confidence": 99.9}
    return {"CelebrityFaces": [], "UnrecognizedFaces": [face]}


def _look(*names: str) -> Handler:
    """Moto answers, once there is an image to look at."""

    def handler(call: Call) -> Item:
        for name in names:
            _image(call, name)
        raise Elsewhere

    return handler


def _watch(call: Call) -> Item:
    """A job over a video that is there."""
    video = call.parameters["Video"]
    content(call, video)
    key = hashlib.sha256(uuid().encode()).hexdigest()
    call.table("LabelDetection")[key] = {"JobId": key, "Video": video, "JobTag": call.parameters.get("JobTag")}
    return {"JobId": key}


def _watched(call: Call) -> Item:
    job = call.table("LabelDetection").get(call.parameters["JobId"])
    if job is None:
        raise NotFound("Could not find JobId")
    return {**job, "JobStatus": "SUCCEEDED", "Labels": [], "LabelModelVersion": "3.0"}


def _moment() -> int:
    """The end of the ARNs of Custom Labels: milliseconds."""
    return time.time_ns() // 1_000_000


def _start_project(call: Call, item: Item) -> None:
    item["ProjectArn"] = call.arn(f"project/{item['ProjectName']}/{_moment()}")
    item.setdefault("Feature", "CUSTOM_LABELS")
    item["Datasets"] = []


PROJECTS = Resource(
    SERVICE,
    "Project",
    "ProjectName",
    arn_member="ProjectArn",
    status=("Status", "CREATED"),
    created=_start_project,
)


def _describe_projects(call: Call) -> Item:
    asked = dict(call.parameters)
    names, features = asked.pop("ProjectNames", None), asked.pop("Features", ["CUSTOM_LABELS"])
    found = [
        item
        for name, item in PROJECTS.items(call).items()
        if (names is None or name in names) and item["Feature"] in features
    ]
    return listed(call, found, asked=asked)


def _delete_project(call: Call) -> Item:
    """A project goes once its models have gone."""
    arn = PROJECTS.find(call)["ProjectArn"]
    if any(version["ProjectArn"] == arn for version in VERSIONS.items(call).values()):
        raise InUse("The project has models, which must be deleted first.")
    return {**PROJECTS.delete(call), "Status": "DELETING"}


def _create_dataset(call: Call) -> Item:
    project, kind = PROJECTS.find(call), call.parameters["DatasetType"]
    if any(dataset["DatasetType"] == kind for dataset in project["Datasets"]):
        raise Coded("ResourceAlreadyExistsException", f"The project has a {kind} dataset already.")
    source = call.parameters.get("DatasetSource", {})
    lines = content(call, source["GroundTruthManifest"]).splitlines() if "GroundTruthManifest" in source else []
    now = utcnow()
    item = {
        "DatasetArn": call.arn(f"project/{project['ProjectName']}/dataset/{kind.lower()}/{_moment()}"),
        "DatasetType": kind,
        "Status": "CREATE_COMPLETE",
        "StatusMessage": "The dataset was created successfully.",
        "StatusMessageCode": "SUCCESS",
        "CreationTimestamp": now,
        "LastUpdatedTimestamp": now,
        "DatasetStats": {"LabeledEntries": len(lines), "TotalEntries": len(lines), "TotalLabels": 0, "ErrorEntries": 0},
        "Tags": call.parameters.get("Tags", {}),
    }
    told = ("CreationTimestamp", "DatasetType", "DatasetArn", "Status", "StatusMessage", "StatusMessageCode")
    project["Datasets"].append({name: item[name] for name in told})
    call.table("Dataset")[item["DatasetArn"]] = item
    return item


def _dataset(call: Call) -> Item:
    item = call.table("Dataset").get(call.parameters["DatasetArn"])
    if item is None:
        raise NotFound(f"The dataset {call.parameters['DatasetArn']} does not exist.")
    return item


def _delete_dataset(call: Call) -> None:
    arn = _dataset(call)["DatasetArn"]
    del call.table("Dataset")[arn]
    for project in PROJECTS.items(call).values():
        project["Datasets"] = [dataset for dataset in project["Datasets"] if dataset["DatasetArn"] != arn]


def _train(call: Call, item: Item) -> None:
    """A model needs images to learn from; how well it does follows from them."""
    project = PROJECTS.find(call)
    if any(
        version["ProjectArn"] == project["ProjectArn"] and version["VersionName"] == item["VersionName"]
        for version in VERSIONS.items(call).values()
    ):
        raise InUse(f"The project has a version {item['VersionName']} already.")
    if not project["Datasets"] and not item.get("TrainingData", {}).get("Assets"):
        raise Invalid("The project has no training dataset, and none is given.")
    item["ProjectVersionArn"] = call.arn(f"project/{project['ProjectName']}/version/{item['VersionName']}/{_moment()}")
    entries = [
        call.table("Dataset")[dataset["DatasetArn"]]["DatasetStats"]["TotalEntries"] for dataset in project["Datasets"]
    ]
    images = sum(entries)
    item |= {
        "Feature": project["Feature"],
        "TrainingEndTimestamp": item["CreationTimestamp"],
        "BillableTrainingTimeInSeconds": 60 * max(images, 1),
        "EvaluationResult": {"F1Score": round(images / (images + 10), 4)},
    }


VERSIONS = Resource(
    SERVICE,
    "ProjectVersion",
    "ProjectVersionArn",
    identity=uuid,
    arn_member="ProjectVersionArn",
    status=("Status", "TRAINING_COMPLETED"),
    created=_train,
)


def _describe_versions(call: Call) -> Item:
    asked = dict(call.parameters)
    project, names = PROJECTS.find(call), asked.pop("VersionNames", None)
    del asked["ProjectArn"]
    found = [
        version
        for version in VERSIONS.items(call).values()
        if version["ProjectArn"] == project["ProjectArn"] and (names is None or version["VersionName"] in names)
    ]
    return listed(call, reversed(found), asked=asked)


def _version(call: Call) -> Item:
    arn = call.parameters["ProjectVersionArn"]
    for version in VERSIONS.items(call).values():
        if version["ProjectVersionArn"] == arn:
            return version
    raise NotFound(f"The model {arn} does not exist.")


def _start(call: Call) -> Item:
    version = _version(call)
    if version["Status"] == "RUNNING":
        raise InUse("The model is running.")
    version |= {name: value for name, value in call.parameters.items() if name.endswith("InferenceUnits")}
    version["Status"] = "RUNNING"
    return {"Status": "STARTING"}


def _stop(call: Call) -> Item:
    version = _version(call)
    if version["Status"] != "RUNNING":
        raise InUse("The model is not running.")
    version["Status"] = "STOPPED"
    return {"Status": "STOPPING"}


def _delete_version(call: Call) -> Item:
    version = _version(call)
    if version["Status"] == "RUNNING":
        raise InUse("The model is running, and must be stopped first.")
    items: dict[str, Any] = VERSIONS.items(call)
    for key in [key for key, one in items.items() if one is version]:
        del items[key]
    return {"Status": "DELETING"}


def _detect_custom(call: Call) -> Item:
    if _version(call)["Status"] != "RUNNING":
        raise Coded("ResourceNotReadyException", "The model is not running.")
    _image(call)
    raise Elsewhere


TAGGED = {"Collection": "CollectionArn", "Project": "ProjectArn", "ProjectVersion": "ProjectVersionArn"}

EXTENSION = Extension(
    SERVICE,
    {
        **COLLECTIONS.handlers(),
        **PROJECTS.handlers(),
        **VERSIONS.handlers(),
        **Tagging(SERVICE, {**TAGGED, "Dataset": "DatasetArn"}).handlers(),
        "DescribeCollection": _describe_collection,
        "ListCollections": _list_collections,
        "IndexFaces": _index,
        "ListFaces": _list_faces,
        "DeleteFaces": _delete_faces,
        "SearchFaces": _search,
        "SearchFacesByImage": _search_image,
        "DetectFaces": _detect_faces,
        "DetectModerationLabels": _moderate,
        "RecognizeCelebrities": _recognize,
        "DetectLabels": _look("Image"),
        "DetectText": _look("Image"),
        "CompareFaces": _look("SourceImage", "TargetImage"),
        "DetectCustomLabels": _detect_custom,
        "StartLabelDetection": _watch,
        "GetLabelDetection": _watched,
        "DescribeProjects": _describe_projects,
        "DeleteProject": _delete_project,
        "CreateDataset": _create_dataset,
        "DescribeDataset": _dataset,
        "DeleteDataset": _delete_dataset,
        "DescribeProjectVersions": _describe_versions,
        "StartProjectVersion": _start,
        "StopProjectVersion": _stop,
        "DeleteProjectVersion": _delete_version,
    },
    counted(COUNTED, NAMESPACE),
)
