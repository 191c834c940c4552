"""ECR's scans of images, which moto never does on push, and which find the same invented flaw in every image.

What is in an image is not known here, so a scan of one completes and finds nothing.
"""

from __future__ import annotations

import fnmatch
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Elsewhere, Item
from readiness.emulator.door import Extension

SERVICE = "ecr"
COMPLETE = {"status": "COMPLETE", "description": "The scan was completed successfully."}
AT_ONCE = {"SCAN_ON_PUSH", "CONTINUOUS_SCAN"}


def _images(call: Call) -> list[Any]:
    repository = call.backend(SERVICE).repositories.get(call.parameters["repositoryName"])
    return list(repository.images) if repository else []


def _wanted(call: Call) -> Any:
    """The image that the request names by its digest or a tag."""
    told = call.parameters["imageId"]
    for image in _images(call):
        if told.get("imageDigest") == image.image_digest or told.get("imageTag") in image.image_tags:
            return image
    return None


def _scan(image: Any) -> None:
    """Set what moto's answer tells of an image, too."""
    now = utcnow()
    image.last_scan = now
    image.image_scan_status = COMPLETE
    image.image_scan_findings_summary = {
        "imageScanCompletedAt": now,
        "vulnerabilitySourceUpdatedAt": now,
        "findingSeverityCounts": {},
    }


def _pushed(call: Call) -> None:
    """Scan a new image if its repository, or a rule of the registry that fits its name, says so."""
    backend, name = call.backend(SERVICE), call.parameters["repositoryName"]
    rules = backend.registry_scanning_configuration["rules"]
    fitting = any(
        rule["scanFrequency"] in AT_ONCE
        and any(fnmatch.fnmatchcase(name, one["filter"]) for one in rule["repositoryFilters"])
        for rule in rules
    )
    if fitting or backend.repositories[name].image_scanning_configuration.get("scanOnPush"):
        for image in _images(call):
            if image.last_scan is None and image.image_manifest == call.parameters["imageManifest"]:
                _scan(image)


def _scanned(call: Call) -> None:
    _scan(_wanted(call))


def _findings(call: Call) -> Item:
    image = _wanted(call)
    if image is None or image.last_scan is None:
        raise Elsewhere
    summary: Item = image.image_scan_findings_summary
    return {
        "registryId": image.registry_id,
        "repositoryName": call.parameters["repositoryName"],
        "imageId": {name: value for name, value in image.image_id.items() if value is not None},
        "imageScanStatus": COMPLETE,
        "imageScanFindings": {**summary, "findings": []},
    }


EXTENSION = Extension(
    SERVICE,
    {"DescribeImageScanFindings": _findings},
    after={"PutImage": _pushed, "StartImageScan": _scanned},
)
