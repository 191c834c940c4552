"""The Model Registry: which versions of the model there are, how good each is, and why it was taken or not."""

from __future__ import annotations

from typing import Any

from readiness_mla.accounts.place import XGBOOST, Do, Place
from readiness_mla.accounts.ready.foundation import OWNED, Foundation

GROUP = "churn"


def register(do: Do, base: Foundation) -> None:
    """A group with a version that was turned down on its metrics, and the better one that went live."""
    do(
        "sagemaker",
        "CreateModelPackageGroup",
        ModelPackageGroupName=GROUP,
        ModelPackageGroupDescription="Which customers are about to leave",
        Tags=OWNED,
    )
    first = _version(do, base.here, "first")
    _decide(do, first, "Rejected", "AUC 0.84 is below the baseline of 0.88")
    second = _version(do, base.here, "second")
    _decide(do, second, "Approved", "AUC 0.91, baseline 0.88; no group is treated worse than the limits allow")


def turn_down(do: Do) -> None:
    """Versions of the pipeline that wait for a decision, and are no better than what is live."""
    waiting = do(
        "sagemaker", "ListModelPackages", ModelPackageGroupName=GROUP, ModelApprovalStatus="PendingManualApproval"
    )
    for version in waiting["ModelPackageSummaryList"]:
        _decide(do, version["ModelPackageArn"], "Rejected", "AUC 0.90, the live model has 0.91")


def approved(here: Place) -> str:
    """The ARN of the version that may be deployed."""
    return here.arn("sagemaker", f"model-package/{GROUP}/2", region=here.region, account=here.account)


def _version(do: Do, here: Place, name: str) -> str:
    """A version that waits for a decision, with what it was measured by and what later ones are compared with."""
    made = do(
        "sagemaker",
        "CreateModelPackage",
        ModelPackageGroupName=GROUP,
        ModelPackageDescription=f"The {name} model, boosted trees on a year of customers",
        InferenceSpecification={
            "Containers": [
                {
                    "Image": here.image(XGBOOST),
                    "ModelDataUrl": f"s3://{here.data}/output/churn-1/output/model.tar.gz",
                }
            ],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
            "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
            "SupportedTransformInstanceTypes": ["ml.m5.large"],
        },
        ModelMetrics={
            "ModelQuality": {"Statistics": _report(here, name, "quality-statistics")},
            "Bias": {
                "PreTrainingReport": _report(here, name, "bias-before-training"),
                "PostTrainingReport": _report(here, name, "bias-after-training"),
            },
            "Explainability": {"Report": _report(here, name, "shap")},
        },
        DriftCheckBaselines={
            "ModelQuality": {
                "Statistics": _report(here, name, "quality-statistics"),
                "Constraints": _report(here, name, "quality-constraints"),
            },
            "ModelDataQuality": {
                "Statistics": _report(here, name, "statistics"),
                "Constraints": _report(here, name, "constraints"),
            },
            "Bias": {
                "PreTrainingConstraints": _report(here, name, "limits-before-training"),
                "PostTrainingConstraints": _report(here, name, "limits-after-training"),
            },
            "Explainability": {"Constraints": _report(here, name, "shap-limits")},
        },
        ModelApprovalStatus="PendingManualApproval",
    )
    return str(made["ModelPackageArn"])


def _report(here: Place, version: str, name: str) -> dict[str, Any]:
    return {"ContentType": "application/json", "S3Uri": f"s3://{here.data}/evaluation/{version}/{name}.json"}


def _decide(do: Do, version: str, status: str, reason: str) -> None:
    do(
        "sagemaker",
        "UpdateModelPackage",
        ModelPackageArn=version,
        ModelApprovalStatus=status,
        ApprovalDescription=reason,
    )
