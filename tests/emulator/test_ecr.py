from __future__ import annotations

import json
from typing import Any

import pytest

MEDIA = "application/vnd.docker.distribution.manifest.v2+json"


def push(client: Any, name: str, tag: str = "1") -> dict[str, Any]:
    layers = [{"digest": f"sha256:{tag:0>64}", "size": 1, "mediaType": MEDIA}]
    manifest = {"schemaVersion": 2, "mediaType": MEDIA, "config": {"size": 10}, "layers": layers}
    client.put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag=tag)
    [found] = client.describe_images(repositoryName=name, imageIds=[{"imageTag": tag}])["imageDetails"]
    return dict(found)


@pytest.mark.parametrize("by", ["repository", "registry"])
def test_images_are_scanned_when_they_are_pushed(aws: Any, by: str) -> None:
    client = aws("ecr")
    client.create_repository(repositoryName="ml", imageScanningConfiguration={"scanOnPush": by == "repository"})
    if by == "registry":
        rule = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}
        client.put_registry_scanning_configuration(scanType="BASIC", rules=[rule])
    found = push(client, "ml")
    assert found["imageScanStatus"]["status"] == "COMPLETE"
    assert found["imageScanFindingsSummary"]["findingSeverityCounts"] == {}


def test_images_are_scanned_when_somebody_wants_it(aws: Any, refused: Any) -> None:
    client = aws("ecr")
    client.create_repository(repositoryName="ml")
    assert "imageScanFindingsSummary" not in push(client, "ml")
    image = {"repositoryName": "ml", "imageId": {"imageTag": "1"}}
    assert refused(client.describe_image_scan_findings, **image) == "ScanNotFoundException"
    client.start_image_scan(**image)
    assert client.describe_image_scan_findings(**image)["imageScanFindings"]["findings"] == []
    assert refused(client.start_image_scan, **image) == "LimitExceededException"
