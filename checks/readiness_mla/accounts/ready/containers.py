"""Infrastructure as code, and the model in containers outside of SageMaker: a registry, ECS and EKS."""

from __future__ import annotations

import json
from typing import Any

from readiness_mla.accounts.place import XGBOOST, Do
from readiness_mla.accounts.ready.foundation import OWNED, OWNED_CAMEL, Foundation
from readiness_mla.accounts.ready.hosting import OWN_IMAGE, artifact, image
from readiness_mla.accounts.ready.jobs import OWNED_MAP

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
"""Where `cdk bootstrap` notes its version; hnb659fds is the qualifier that everybody gets."""


def contain(do: Do, base: Foundation) -> None:
    """What is scripted first, then what runs on it."""
    _template(do, base)
    _cdk(do, base)
    _service(do, base)
    _cluster(do, base)


def _stack(do: Do, name: str, resources: dict[str, Any], **more: Any) -> None:
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources, **more}
    do("cloudformation", "CreateStack", StackName=name, TemplateBody=json.dumps(template), Tags=OWNED)


def _template(do: Do, base: Foundation) -> None:
    """A template with the model for monthly batches, and with a configuration to serve it."""
    here = base.here
    model = {
        "ExecutionRoleArn": here.role("ml-inference"),
        "PrimaryContainer": {"Image": here.image(XGBOOST), "ModelDataUrl": artifact(here)},
        "VpcConfig": base.vpc_config,
        "Tags": OWNED,
    }
    variant = {
        "VariantName": "main",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
        "InitialVariantWeight": 1.0,
    }
    config = {"ProductionVariants": [variant], "KmsKeyId": base.key, "Tags": OWNED}
    _stack(
        do,
        "churn-batch",
        {
            "Model": {"Type": "AWS::SageMaker::Model", "Properties": model},
            "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": config},
        },
    )


def _cdk(do: Do, base: Foundation) -> None:
    """`cdk bootstrap`, and then `cdk deploy` of an application with the registry of the lab's own images."""
    version = {"Type": "String", "Name": BOOTSTRAP, "Value": "28"}
    _stack(do, "CDKToolkit", {"CdkBootstrapVersion": {"Type": "AWS::SSM::Parameter", "Properties": version}})
    registry = {
        "RepositoryName": OWN_IMAGE.partition(":")[0],
        "ImageScanningConfiguration": {"ScanOnPush": True},
        "ImageTagMutability": "IMMUTABLE",
        "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": base.key},
    }
    _stack(
        do,
        "ChurnImages",
        {
            "Images4F2B1C7D": {"Type": "AWS::ECR::Repository", "Properties": registry},
            "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:deflate64:H4sIAAAAAAAA"}},
        },
        Parameters={"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": BOOTSTRAP}},
    )


def _service(do: Do, base: Foundation) -> None:
    """The model as one container among those of the shop's application: two tasks on Fargate, in two zones."""
    here = base.here
    do(
        "ecs",
        "CreateCluster",
        clusterName="shop",
        settings=[{"name": "containerInsights", "value": "enabled"}],
        tags=OWNED_CAMEL,
    )
    made = do(
        "ecs",
        "RegisterTaskDefinition",
        family="churn-in-shop",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="512",
        memory="1024",
        executionRoleArn=here.role("ml-tasks"),
        containerDefinitions=[
            {
                "name": "model",
                "image": image(here),
                "essential": True,
                "memory": 1024,
                "readonlyRootFilesystem": True,
                "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": "/ecs/churn-in-shop",
                        "awslogs-region": here.region,
                        "awslogs-stream-prefix": "model",
                    },
                },
            }
        ],
        tags=OWNED_CAMEL,
    )
    network = {"subnets": list(base.subnets), "securityGroups": [base.group], "assignPublicIp": "DISABLED"}
    do(
        "ecs",
        "CreateService",
        cluster="shop",
        serviceName="churn-in-shop",
        taskDefinition=made["taskDefinition"]["taskDefinitionArn"],
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": network},
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        tags=OWNED_CAMEL,
    )
    do(
        "ecs",
        "RunTask",
        cluster="shop",
        taskDefinition=made["taskDefinition"]["taskDefinitionArn"],
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": network},
        startedBy="a-look-before-opening",
        tags=OWNED_CAMEL,
    )


def _cluster(do: Do, base: Foundation) -> None:
    """Kubernetes for the team that has it already: its API is private, its secrets are encrypted, its audit is kept."""
    do(
        "eks",
        "CreateCluster",
        name="shop",
        roleArn=base.here.role("ml-eks"),
        resourcesVpcConfig={
            "subnetIds": list(base.subnets),
            "securityGroupIds": [base.group],
            "endpointPublicAccess": False,
            "endpointPrivateAccess": True,
        },
        encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": base.key}}],
        logging={"clusterLogging": [{"types": ["api", "audit", "authenticator"], "enabled": True}]},
        tags=OWNED_MAP,
    )
