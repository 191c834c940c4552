"""Data that can be trusted: encrypted stores, masked and searched, balanced, and kept in one region."""

from __future__ import annotations

import json

from readiness_mla.accounts.place import SKLEARN, Do, policy
from readiness_mla.accounts.ready.foundation import OWNED, Foundation
from readiness_mla.accounts.ready.jobs import OWNED_MAP, given, process, put, result, s3

LABELLED = [{"key": tag["Key"], "value": tag["Value"]} for tag in OWNED]
"""The tags as Bedrock takes them."""

COMPLAINT = "My name is Jane Doe, I live at 1 Main Street. Please call me at 555-0100 about my bill.\n"
VISIT = "Jane Doe, aged 71, called 555-0100 from the ward: no signal since 2026-01-01.\n"

LOGGED = ("EmailAddress", "Name")
"""What may get into the logs of an endpoint when it is asked about a customer."""

EVERYWHERE = ["cloudfront:*", "iam:*", "organizations:*", "route53:*", "sts:*", "support:*"]
"""Services that are in no region, or in one for all."""


def examine(do: Do, base: Foundation) -> None:
    """Keep data from those whom it is not for, find out whom it is about, and let no class be too small to see."""
    _encrypt(do, base)
    _oversample(do, base)
    _mask_columns(do, base)
    _mask_words(do, base)
    _search(do, base)
    _stay(do, base)


def _encrypt(do: Do, base: Foundation) -> None:
    """The catalog, and a stream to which agents' desks write what they are told, are encrypted, too."""
    here = base.here
    do(
        "glue",
        "PutDataCatalogEncryptionSettings",
        DataCatalogEncryptionSettings={
            "EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": base.key},
            "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": True, "AwsKmsKeyId": base.key},
        },
    )
    group = "/aws/kinesisfirehose/notes-to-s3"
    do("logs", "CreateLogGroup", logGroupName=group, tags=OWNED_MAP)
    do("logs", "PutRetentionPolicy", logGroupName=group, retentionInDays=30)
    do(
        "firehose",
        "CreateDeliveryStream",
        DeliveryStreamName="notes-to-s3",
        DeliveryStreamType="DirectPut",
        DeliveryStreamEncryptionConfigurationInput={"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": base.key},
        ExtendedS3DestinationConfiguration={
            "RoleARN": here.role("ml-firehose"),
            "BucketARN": here.arn("s3", here.data),
            "Prefix": "raw/notes/!{timestamp:yyyy/MM/dd}/",
            "ErrorOutputPrefix": "raw/notes-failed/!{firehose:error-output-type}/",
            "CompressionFormat": "GZIP",
            "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": base.key}},
            "CloudWatchLoggingOptions": {"Enabled": True, "LogGroupName": group, "LogStreamName": "delivery"},
        },
        Tags=OWNED,
    )


def _oversample(do: Do, base: Foundation) -> None:
    """Few customers leave: new ones like them are made up between those that there are."""
    process(
        do,
        base,
        "oversample-by-smote",
        base.here.image(SKLEARN),
        [given(base, "train", "split/train/", "train"), given(base, "code", "scripts/smote.py", "code")],
        [result(base, "train", "balanced/smote/train/")],
        ContainerEntrypoint=["python3", "/opt/ml/processing/input/code/smote.py"],
        ContainerArguments=["--label", "churned", "--seed", "7"],
    )


def _mask_columns(do: Do, base: Foundation) -> None:
    """Who asks for customers sees neither their numbers nor their age; and marketing gets numbers that are hashed."""
    here = base.here
    do(
        "lakeformation",
        "CreateDataCellsFilter",
        TableData={
            "TableCatalogId": here.account,
            "DatabaseName": "churn",
            "TableName": "customers_clean",
            "Name": "nobody-in-particular",
            "RowFilter": {"AllRowsWildcard": {}},
            "ColumnWildcard": {"ExcludedColumnNames": ["id", "age"]},
        },
    )
    how = {"sourceColumns": '["id"]', "secretId": "databrew!default", "createSecretIfMissing": "true"}
    hashed = {"Operation": "CRYPTOGRAPHIC_HASH", "Parameters": how}
    do("databrew", "CreateRecipe", Name="hash-customers", Steps=[{"Action": hashed}], Tags=OWNED_MAP)
    do("databrew", "PublishRecipe", Name="hash-customers", Description="Nobody can be told by their number")
    do(
        "databrew",
        "CreateRecipeJob",
        Name="hash-customers",
        DatasetName="customers",
        RecipeReference={"Name": "hash-customers", "RecipeVersion": "1.0"},
        RoleArn=here.role("ml-databrew"),
        Outputs=[{"Location": {"Bucket": here.data, "Key": "clean/hashed/"}, "Format": "PARQUET"}],
        EncryptionMode="SSE-KMS",
        EncryptionKeyArn=base.key,
        LogSubscription="ENABLE",
        MaxCapacity=2,
        Timeout=30,
        Tags=OWNED_MAP,
    )
    do("databrew", "StartJobRun", Name="hash-customers")


def _mask_words(do: Do, base: Foundation) -> None:
    """Complaints and logs without names and numbers; and an assistant that repeats none, whatever it is told."""
    put(do, base, "complaints/raw/1.txt", COMPLAINT)
    do(
        "comprehend",
        "StartPiiEntitiesDetectionJob",
        JobName="complaints-without-names",
        Mode="ONLY_REDACTION",
        RedactionConfig={"PiiEntityTypes": ["ALL"], "MaskMode": "REPLACE_WITH_PII_ENTITY_TYPE"},
        InputDataConfig={"S3Uri": s3(base, "complaints/raw/"), "InputFormat": "ONE_DOC_PER_FILE"},
        OutputDataConfig={"S3Uri": s3(base, "complaints/redacted/"), "KmsKeyId": base.key},
        DataAccessRoleArn=base.here.role("ml-comprehend"),
        LanguageCode="en",
        Tags=OWNED,
    )
    do(
        "bedrock",
        "CreateGuardrail",
        name="no-names",
        description="Names and numbers of customers are masked in questions and answers",
        blockedInputMessaging="Please ask without a customer's card number.",
        blockedOutputsMessaging="The answer would have told a customer's card number.",
        sensitiveInformationPolicyConfig={
            "piiEntitiesConfig": [
                *({"type": kind, "action": "ANONYMIZE"} for kind in ("ADDRESS", "EMAIL", "NAME", "PHONE")),
                {"type": "CREDIT_DEBIT_CARD_NUMBER", "action": "BLOCK"},
            ]
        },
        kmsKeyId=base.key,
        tags=LABELLED,
    )
    personal = [f"arn:{base.here.partition}:dataprotection::aws:data-identifier/{name}" for name in LOGGED]
    masked = {
        "Name": "personal-data",
        "Version": "2021-06-01",
        "Statement": [
            {"DataIdentifier": personal, "Operation": {"Audit": {"FindingsDestination": {}}}},
            {"DataIdentifier": personal, "Operation": {"Deidentify": {"MaskConfig": {}}}},
        ],
    }
    do(
        "logs",
        "PutDataProtectionPolicy",
        logGroupIdentifier="/aws/sagemaker/Endpoints/churn-live",
        policyDocument=json.dumps(masked),
    )


def _search(do: Do, base: Foundation) -> None:
    """What was never meant to be in the data: names, card numbers, and illnesses that customers tell of."""
    here = base.here
    do("macie2", "EnableMacie")
    do(
        "macie2",
        "CreateClassificationJob",
        jobType="ONE_TIME",
        name="customers",
        clientToken="the-first-search-of-customers",
        s3JobDefinition={"bucketDefinitions": [{"accountId": here.account, "buckets": [here.data]}]},
        tags=OWNED_MAP,
    )
    put(do, base, "visits/1.txt", VISIT)
    do(
        "comprehendmedical",
        "StartPHIDetectionJob",
        JobName="visits",
        InputDataConfig={"S3Bucket": here.data, "S3Key": "visits/"},
        OutputDataConfig={"S3Bucket": here.data, "S3Key": "visits-searched/"},
        DataAccessRoleArn=here.role("ml-comprehend-medical"),
        KMSKey=base.key,
        LanguageCode="en",
    )


def _stay(do: Do, base: Foundation) -> None:
    """Who works in Studio can't ask another region for anything, and AI services keep nothing to learn from."""
    elsewhere = {
        "Sid": "Stay",
        "Effect": "Deny",
        "NotAction": EVERYWHERE,
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": [base.here.region]}},
    }
    made = do("iam", "CreatePolicy", PolicyName="stay-in-region", PolicyDocument=policy(elsewhere), Tags=OWNED)
    do("iam", "AttachRolePolicy", RoleName="ml-studio", PolicyArn=made["Policy"]["Arn"])
    do("organizations", "CreateOrganization", FeatureSet="ALL")
    [root] = do("organizations", "ListRoots")["Roots"]
    do("organizations", "EnablePolicyType", RootId=root["Id"], PolicyType="AISERVICES_OPT_OUT_POLICY")
    opted = {"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}}
    kept = do(
        "organizations",
        "CreatePolicy",
        Name="keep-nothing",
        Description="AI services neither keep what they are given nor learn from it",
        Type="AISERVICES_OPT_OUT_POLICY",
        Content=json.dumps(opted),
    )
    summary = kept["Policy"]["PolicySummary"]
    do("organizations", "AttachPolicy", PolicyId=summary["Id"], TargetId=root["Id"])
