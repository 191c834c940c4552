"""Where people work, closed to the internet, and an account that keeps a record of what is done in it."""

from __future__ import annotations

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import OWNED, TRAIL, Foundation, logs
from readiness_mla.accounts.ready.jobs import OWNED_MAP

KEPT_DAYS = 90
ML_LOGS = (
    "/aws/sagemaker/Endpoints/churn-live",
    "/aws/sagemaker/ProcessingJobs",
    "/aws/sagemaker/TrainingJobs",
    "/aws/sagemaker/TransformJobs",
    "/aws-glue/jobs/output",
    "/ecs/churn-in-shop",
)
"""Log groups of the lab's work, made before their services would make them to last for ever."""


def secure(do: Do, base: Foundation) -> None:
    """A root user who is protected, Studio, a notebook, a trail, and logs that are forgotten in time."""
    _second_factor(do)
    _studio(do, base)
    _notebook(do, base)
    _trail(do, base)
    _log_groups(do, base)


def _second_factor(do: Do) -> None:
    """The root user, whom nobody uses, needs a device besides the password; AWS has it set up in the console."""
    device = do("iam", "CreateVirtualMFADevice", VirtualMFADeviceName="root-account-mfa-device")["VirtualMFADevice"]
    do(
        "iam",
        "EnableMFADevice",
        UserName="root",
        SerialNumber=device["SerialNumber"],
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )


def _studio(do: Do, base: Foundation) -> None:
    """Studio within the VPC, its volumes encrypted."""
    do(
        "sagemaker",
        "CreateDomain",
        DomainName="ml-lab",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": base.here.role("ml-studio"), "SecurityGroups": [base.group]},
        SubnetIds=list(base.subnets),
        VpcId=base.vpc,
        AppNetworkAccessType="VpcOnly",
        KmsKeyId=base.key,
        Tags=OWNED,
    )


def _notebook(do: Do, base: Foundation) -> None:
    """A notebook without root and without a way past the VPC, that is stopped at the end of the day."""
    do(
        "sagemaker",
        "CreateNotebookInstance",
        NotebookInstanceName="explore",
        InstanceType="ml.t3.medium",
        RoleArn=base.here.role("ml-studio"),
        SubnetId=base.subnets[0],
        SecurityGroupIds=[base.group],
        DirectInternetAccess="Disabled",
        RootAccess="Disabled",
        PlatformIdentifier="notebook-al2023-v1",
        InstanceMetadataServiceConfiguration={"MinimumInstanceMetadataServiceVersion": "2"},
        KmsKeyId=base.key,
        VolumeSizeInGB=20,
        Tags=OWNED,
    )
    do("sagemaker", "StopNotebookInstance", NotebookInstanceName="explore")


def _trail(do: Do, base: Foundation) -> None:
    """Every management event of every Region, signed and encrypted, and who touched the data besides."""
    do(
        "cloudtrail",
        "CreateTrail",
        Name=TRAIL,
        S3BucketName=logs(base.here),
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        KmsKeyId=base.key,
        TagsList=OWNED,
    )
    data = {"Type": "AWS::S3::Object", "Values": [base.here.arn("s3", f"{base.here.data}/")]}
    everything = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [data]}
    do("cloudtrail", "PutEventSelectors", TrailName=TRAIL, EventSelectors=[everything])
    do("cloudtrail", "StartLogging", Name=TRAIL)


def _log_groups(do: Do, base: Foundation) -> None:
    """Logs that are encrypted and kept for a quarter."""
    for name in ML_LOGS:
        do("logs", "CreateLogGroup", logGroupName=name, kmsKeyId=base.key, tags=OWNED_MAP)
        do("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=KEPT_DAYS)
