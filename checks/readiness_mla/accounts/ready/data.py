"""Data for machine learning, from where it comes in to where it can be trained on."""

from __future__ import annotations

import datetime
import io
import json
import textwrap
import zipfile
from typing import Any

from readiness_mla.accounts.place import SKLEARN, Do, allow, policy
from readiness_mla.accounts.ready.foundation import OWNED, Foundation
from readiness_mla.accounts.ready.jobs import (
    CLARIFY,
    COLUMNS,
    EXAMINED,
    OWNED_MAP,
    given,
    process,
    put,
    result,
    s3,
)

CUSTOMERS = """id,age,months,calls,bill,churned
c-1,34,12,3,29.90,0
c-2,71,2,9,54.10,1
c-3,45,60,0,19.90,0
"""

TO_PARQUET = """
    import sys

    from awsglue.context import GlueContext
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext

    target = getResolvedOptions(sys.argv, ["target"])["target"]
    glue = GlueContext(SparkContext.getOrCreate())
    customers = glue.create_dynamic_frame.from_catalog(database="churn", table_name="customers").toDF()
    customers.dropDuplicates(["id"]).dropna(subset=["churned"]).write.mode("overwrite").parquet(target)
"""
"""The ETL job: duplicates and customers of whom nobody knows whether they left are dropped."""

CLEAN_CLICKS = """
    import base64
    import json


    def handler(event, context):
        return {"records": [cleaned(record) for record in event["records"]]}


    def cleaned(record):
        click = json.loads(base64.b64decode(record["data"]))
        if "customer" not in click:
            return {"recordId": record["recordId"], "result": "Dropped", "data": record["data"]}
        line = json.dumps({"customer": click["customer"], "page": click.get("page", "")}) + "\\n"
        return {"recordId": record["recordId"], "result": "Ok", "data": base64.b64encode(line.encode()).decode()}
"""
"""The function in the delivery stream: it keeps what is asked of a click, and drops what nobody can be found for."""

COUNT_CLICKS = """
    import base64
    import collections
    import json


    def handler(event, context):
        clicks = [json.loads(base64.b64decode(record["kinesis"]["data"])) for record in event["Records"]]
        counts = collections.Counter(click["customer"] for click in clicks if "customer" in click)
        print(json.dumps({"customers": len(counts), "clicks": sum(counts.values())}))
"""
"""The function beside it: it reads the stream itself, and counts who clicks."""

READ_STREAM = ("DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards")

CLICK = {
    "type": "record",
    "name": "Click",
    "fields": [
        {"name": "customer", "type": "string"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "page", "type": "string", "default": ""},
    ],
}
"""What a click is, in Avro, of which the shop sends the JSON encoding; a new field needs a default for old clicks."""

RULES = """Rules = [
    IsComplete "id",
    IsUnique "id",
    ColumnValues "age" between 17 and 111,
    ColumnValues "churned" in [ 0, 1 ],
    RowCount > 0
]"""

HIVE = "org.apache.hadoop.hive"
CSV = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": f"{HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat",
    "SerdeInfo": {
        "SerializationLibrary": f"{HIVE}.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    },
}
PARQUET = {
    "InputFormat": f"{HIVE}.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": f"{HIVE}.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": f"{HIVE}.ql.io.parquet.serde.ParquetHiveSerDe"},
}


def prepare(do: Do, base: Foundation) -> None:
    """Take data in, describe it, transform it, guard its quality, keep features, and split it for training."""
    _upload(do, base)
    _catalog(do, base)
    _to_parquet(do, base)
    _explore(do, base)
    _stream(do, base)
    _split(do, base)
    _measure_bias(do, base)
    _features(do, base)
    _clean_without_code(do, base)
    _check_quality(do, base)


def _upload(do: Do, base: Foundation) -> None:
    """The raw data, as the shop exports it, and the script that transforms it."""
    put(do, base, "raw/customers/customers.csv", CUSTOMERS)
    put(do, base, "scripts/to-parquet.py", TO_PARQUET)


def _catalog(do: Do, base: Foundation) -> None:
    """The raw data and what becomes of it, described in the data catalog, so that every tool can query it."""
    do("glue", "CreateDatabase", DatabaseInput={"Name": "churn", "Description": "Customers, and who of them left"})
    raw = {"classification": "csv", "skip.header.line.count": "1"}
    _table(do, base, "customers", "raw/customers/", CSV, raw)
    _table(do, base, "customers_clean", "clean/customers/", PARQUET, {"classification": "parquet"})


def _table(do: Do, base: Foundation, name: str, key: str, form: dict[str, Any], parameters: dict[str, str]) -> None:
    columns = [{"Name": column, "Type": kind} for column, kind in COLUMNS.items()]
    do(
        "glue",
        "CreateTable",
        DatabaseName="churn",
        TableInput={
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": parameters,
            "StorageDescriptor": {"Columns": columns, "Location": s3(base, key), **form},
        },
    )


def _to_parquet(do: Do, base: Foundation) -> None:
    """An ETL job that writes the raw data as columns: all that it keeps anywhere is encrypted with the lab's key."""
    do(
        "glue",
        "CreateSecurityConfiguration",
        Name="churn",
        EncryptionConfiguration={
            "S3Encryption": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": base.key}],
            "CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": base.key},
            "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS", "KmsKeyArn": base.key},
        },
    )
    do(
        "glue",
        "CreateJob",
        Name="to-parquet",
        Role=base.here.role("ml-glue"),
        Command={"Name": "glueetl", "ScriptLocation": s3(base, "scripts/to-parquet.py"), "PythonVersion": "3"},
        DefaultArguments={
            "--target": s3(base, "clean/customers/"),
            "--job-bookmark-option": "job-bookmark-disable",
            "--enable-metrics": "true",
        },
        GlueVersion="5.0",
        WorkerType="G.1X",
        NumberOfWorkers=2,
        Timeout=15,
        SecurityConfiguration="churn",
        Tags=OWNED_MAP,
    )
    do("glue", "StartJobRun", JobName="to-parquet")


def _explore(do: Do, base: Foundation) -> None:
    """An interactive session, in which the ETL was tried on a sample; it is paid for until it is stopped."""
    do(
        "glue",
        "CreateSession",
        Id="customers-sample",
        Role=base.here.role("ml-glue"),
        Command={"Name": "glueetl", "PythonVersion": "3"},
        GlueVersion="5.0",
        WorkerType="G.1X",
        NumberOfWorkers=2,
        IdleTimeout=20,
        SecurityConfiguration="churn",
        Tags=OWNED_MAP,
    )
    do("glue", "StopSession", Id="customers-sample")


def _stream(do: Do, base: Foundation) -> None:
    """Clicks come in by a stream, whose schema is agreed on; Firehose has them cleaned, and writes them to S3."""
    here = base.here
    do("glue", "CreateRegistry", RegistryName="churn", Tags=OWNED_MAP)
    do(
        "glue",
        "CreateSchema",
        RegistryId={"RegistryName": "churn"},
        SchemaName="click",
        DataFormat="AVRO",
        Compatibility="BACKWARD",
        SchemaDefinition=json.dumps(CLICK),
        Tags=OWNED_MAP,
    )
    do("kinesis", "CreateStream", StreamName="clicks", StreamModeDetails={"StreamMode": "ON_DEMAND"}, Tags=OWNED_MAP)
    do("kinesis", "StartStreamEncryption", StreamName="clicks", EncryptionType="KMS", KeyId=base.key)
    click = json.dumps({"customer": "c-1", "at": 1_767_225_600_000, "page": "/cancel"})
    do("kinesis", "PutRecord", StreamName="clicks", PartitionKey="c-1", Data=click.encode())

    cleaner = _function(do, base, "churn-clicks", CLEAN_CLICKS)
    counter = _function(do, base, "churn-click-counts", COUNT_CLICKS)
    stream = here.arn("kinesis", "stream/clicks", region=here.region, account=here.account)
    role = here.role("ml-firehose")
    call = policy(allow("lambda:InvokeFunction", f"{cleaner}:*"))
    do("iam", "PutRolePolicy", RoleName="ml-firehose", PolicyName="clean-clicks", PolicyDocument=call)
    group = _log(do, "/aws/kinesisfirehose/clicks-to-s3")
    do("logs", "CreateLogStream", logGroupName=group, logStreamName="S3Delivery")
    write = policy(
        allow("logs:PutLogEvents", here.arn("logs", f"log-group:{group}:*", region=here.region, account=here.account))
    )
    do("iam", "PutRolePolicy", RoleName="ml-firehose", PolicyName="log-errors", PolicyDocument=write)
    versioned = {"ParameterName": "LambdaArn", "ParameterValue": f"{cleaner}:$LATEST"}
    do(
        "firehose",
        "CreateDeliveryStream",
        DeliveryStreamName="clicks-to-s3",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": stream, "RoleARN": role},
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": here.arn("s3", here.data),
            "Prefix": "raw/clicks/!{timestamp:yyyy/MM/dd}/",
            "ErrorOutputPrefix": "raw/clicks-failed/!{firehose:error-output-type}/",
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 300},
            "CompressionFormat": "GZIP",
            "CloudWatchLoggingOptions": {"Enabled": True, "LogGroupName": group, "LogStreamName": "S3Delivery"},
            "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": base.key}},
            "ProcessingConfiguration": {
                "Enabled": True,
                "Processors": [{"Type": "Lambda", "Parameters": [versioned]}],
            },
        },
        Tags=OWNED,
    )
    failed = keep_failed(do, base, "clicks-failed")
    read = policy(
        allow([f"kinesis:{call}" for call in READ_STREAM], stream),
        allow("kms:Decrypt", base.key),
        allow("sqs:SendMessage", failed),
    )
    do("iam", "PutRolePolicy", RoleName="ml-lambda", PolicyName="read-clicks", PolicyDocument=read)
    do(
        "lambda",
        "CreateEventSourceMapping",
        EventSourceArn=stream,
        FunctionName=counter,
        StartingPosition="LATEST",
        BatchSize=500,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=3,
        DestinationConfig={"OnFailure": {"Destination": failed}},
    )


def keep_failed(do: Do, base: Foundation, name: str) -> str:
    """A queue for the records that a function fails at, to look into them; gives its ARN."""
    here = base.here
    do("sqs", "CreateQueue", QueueName=name, Attributes={"SqsManagedSseEnabled": "true"}, tags=OWNED_MAP)
    return here.arn("sqs", name, region=here.region, account=here.account)


def _log(do: Do, group: str) -> str:
    """A log group that is kept for a month; gives its name."""
    do("logs", "CreateLogGroup", logGroupName=group, tags=OWNED_MAP)
    do("logs", "PutRetentionPolicy", logGroupName=group, retentionInDays=30)
    return group


def _function(do: Do, base: Foundation, name: str, source: str) -> str:
    """A function whose log is kept for a month; gives its ARN."""
    _log(do, f"/aws/lambda/{name}")
    made = do(
        "lambda",
        "CreateFunction",
        FunctionName=name,
        Runtime="python3.12",
        Handler="clicks.handler",
        Role=base.here.role("ml-lambda"),
        Code={"ZipFile": _zipped("clicks.py", source)},
        Timeout=60,
        MemorySize=256,
        Tags=OWNED_MAP,
    )
    return str(made["FunctionArn"])


def _zipped(name: str, source: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, textwrap.dedent(source).lstrip())
    return packed.getvalue()


def _split(do: Do, base: Foundation) -> None:
    """Customers are parted into those to train on, to validate on and to test on, before anything is learned."""
    process(
        do,
        base,
        "split-customers",
        base.here.image(SKLEARN),
        [given(base, "customers", "clean/customers/", "customers"), given(base, "code", "scripts/split.py", "code")],
        [result(base, part, f"split/{part}/", part) for part in ("train", "validation", "test")],
        ContainerEntrypoint=["python3", "/opt/ml/processing/input/code/split.py"],
        ContainerArguments=["--stratify", "churned", "--shares", "0.7,0.2,0.1", "--seed", "7"],
    )


def _measure_bias(do: Do, base: Foundation) -> None:
    """Is churn unlike for older customers in the data already? Class imbalance and difference in proportions tell."""
    config = {
        **EXAMINED,
        "methods": {"pre_training_bias": {"methods": ["CI", "DPL", "KL"]}, "report": {"name": "report"}},
    }
    put(do, base, "clarify/before/analysis_config.json", json.dumps(config, indent=2))
    process(
        do,
        base,
        "Clarify-Pretraining-Bias-1",
        base.here.image(CLARIFY),
        [
            given(base, "dataset", "split/train/", "data"),
            given(base, "analysis_config", "clarify/before/analysis_config.json", "config"),
        ],
        [result(base, "analysis_result", "clarify/before/report/")],
    )


def _features(do: Do, base: Foundation) -> None:
    """Features of customers, kept once for both: online for predictions, offline with their history for training."""
    kinds = {"id": "String", "at": "String", "age": "Integral", "months": "Integral", "calls": "Integral"}
    do(
        "sagemaker",
        "CreateFeatureGroup",
        FeatureGroupName="customers",
        Description="What is known of a customer, as of a point in time",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="at",
        FeatureDefinitions=[{"FeatureName": name, "FeatureType": kind} for name, kind in kinds.items()],
        OnlineStoreConfig={"EnableOnlineStore": True, "SecurityConfig": {"KmsKeyId": base.key}},
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": s3(base, "features"), "KmsKeyId": base.key}},
        RoleArn=base.here.role("ml-training"),
        Tags=OWNED,
    )
    at = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for customer, age, months, calls in (("c-1", 34, 12, 3), ("c-2", 71, 2, 9)):
        values = {"id": customer, "at": at, "age": age, "months": months, "calls": calls}
        do(
            "sagemaker-featurestore-runtime",
            "PutRecord",
            FeatureGroupName="customers",
            Record=[{"FeatureName": name, "ValueAsString": str(value)} for name, value in values.items()],
        )


def _clean_without_code(do: Do, base: Foundation) -> None:
    """The marketing team prepares the same data without code: a published recipe, applied by a job."""
    here = base.here
    raw = {"Bucket": here.data, "Key": "raw/customers/customers.csv"}
    do("databrew", "CreateDataset", Name="customers", Input={"S3InputDefinition": raw}, Format="CSV", Tags=OWNED_MAP)
    typical = {"sourceColumn": "bill"}
    extreme = {
        "sourceColumn": "calls",
        "outlierStrategy": "Z_SCORE",
        "threshold": "3",
        "replaceType": "REPLACE_WITH_MEDIAN",
    }
    do(
        "databrew",
        "CreateRecipe",
        Name="tidy-customers",
        Steps=[
            {"Action": {"Operation": "FILL_WITH_MEDIAN", "Parameters": typical}},
            {"Action": {"Operation": "REPLACE_OUTLIERS", "Parameters": extreme}},
        ],
        Tags=OWNED_MAP,
    )
    do("databrew", "PublishRecipe", Name="tidy-customers", Description="Missing bills and extreme calls are replaced")
    do(
        "databrew",
        "CreateRecipeJob",
        Name="tidy-customers",
        DatasetName="customers",
        RecipeReference={"Name": "tidy-customers", "RecipeVersion": "1.0"},
        RoleArn=here.role("ml-databrew"),
        Outputs=[{"Location": {"Bucket": here.data, "Key": "clean/marketing/"}, "Format": "PARQUET"}],
        EncryptionMode="SSE-KMS",
        EncryptionKeyArn=base.key,
        MaxCapacity=2,
        Timeout=30,
        Tags=OWNED_MAP,
    )
    do("databrew", "StartJobRun", Name="tidy-customers")


def _check_quality(do: Do, base: Foundation) -> None:
    """Rules that the data must keep, evaluated before anybody trains on it."""
    table = {"DatabaseName": "churn", "TableName": "customers_clean"}
    do(
        "glue",
        "CreateDataQualityRuleset",
        Name="customers",
        Description="Nobody is missing, counted twice or impossibly old",
        Ruleset=RULES,
        TargetTable=table,
        Tags=OWNED_MAP,
    )
    do(
        "glue",
        "StartDataQualityRulesetEvaluationRun",
        DataSource={"GlueTable": table},
        Role=base.here.role("ml-glue"),
        RulesetNames=["customers"],
        NumberOfWorkers=2,
        Timeout=15,
    )
