"""Data where it comes from: file systems, streams, queries, crawlers, flows."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from readiness_mla.accounts.place import Do, allow, policy
from readiness_mla.accounts.ready.data import keep_failed
from readiness_mla.accounts.ready.foundation import OWNED, Foundation, bucket
from readiness_mla.accounts.ready.jobs import OWNED_MAP, put, s3

CALLS = """id,calls,day
c-1,3,2026-01-01
c-2,9,2026-01-01
"""
"""What the hotline exports of each customer, which is joined to what the shop knows of them."""

JOIN_CALLS = """
    from awsglue.context import GlueContext
    from pyspark.context import SparkContext

    glue = GlueContext(SparkContext.getOrCreate())
    customers = glue.create_dynamic_frame.from_catalog(database="churn", table_name="customers_clean").toDF()
    calls = glue.create_dynamic_frame.from_catalog(database="churn", table_name="calls").toDF()
    customers.join(calls, "id", "left").write.mode("overwrite").parquet("TARGET")
"""

READ_KAFKA = """
    from awsglue.context import GlueContext
    from pyspark.context import SparkContext

    glue = GlueContext(SparkContext.getOrCreate())
    options = {"connectionName": "clicks", "topicName": "clicks", "classification": "json"}
    clicks = glue.create_data_frame.from_options(connection_type="kafka", connection_options=options)
    glue.forEachBatch(
        frame=clicks,
        batch_function=lambda batch, _: batch.write.mode("append").parquet("TARGET"),
        options={"windowSize": "100 seconds", "checkpointLocation": "CHECKPOINT"},
    )
"""

COUNT_IN_WINDOWS = """
    from pyflink.table import EnvironmentSettings, TableEnvironment

    tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    tables.execute_sql(open("clicks.sql").read())
"""
"""The application of Flink: it counts the clicks of each customer in windows of a minute."""

FLOW = {
    "metadata": {"version": 1, "disable_limits": False},
    "nodes": [{"node_id": "customers", "type": "SOURCE", "operator": "sagemaker.s3_source_0.1", "inputs": []}],
}
"""A flow of Data Wrangler, as it saves one that does no more than import a file."""

ARGUMENTS = {"--enable-metrics": "true", "--enable-continuous-cloudwatch-log": "true"}


def collect(do: Do, base: Foundation) -> None:
    """Data where it comes from."""
    _share_files(do, base)
    _share_files_fast(do, base)
    _describe_calls(do, base)
    _query(do, base)
    _join_calls(do, base)
    _listen_to_kafka(do, base)
    _count_in_windows(do, base)
    _wrangle(do, base)


def _share_files(do: Do, base: Foundation) -> None:
    """A file system that notebooks and jobs share; what nobody reads for a month gets cheap."""
    made = do(
        "efs",
        "CreateFileSystem",
        CreationToken="churn",
        Encrypted=True,
        KmsKeyId=base.key,
        ThroughputMode="elastic",
        Backup=False,
        Tags=[*OWNED, {"Key": "Name", "Value": "churn"}],
    )
    name = made["FileSystemId"]
    for subnet in base.subnets:
        do("efs", "CreateMountTarget", FileSystemId=name, SubnetId=subnet, SecurityGroups=[base.group])
    monthly = {"TransitionToIA": "AFTER_30_DAYS"}
    do("efs", "PutLifecycleConfiguration", FileSystemId=name, LifecyclePolicies=[monthly])


def _share_files_fast(do: Do, base: Foundation) -> None:
    """The same for many GPUs: Lustre, which shows the training data of the bucket as files, and a backup of it."""
    lustre = {"DeploymentType": "PERSISTENT_2", "PerUnitStorageThroughput": 125}
    made = do(
        "fsx",
        "CreateFileSystem",
        FileSystemType="LUSTRE",
        StorageCapacity=1200,
        SubnetIds=[base.subnets[0]],
        SecurityGroupIds=[base.group],
        KmsKeyId=base.key,
        LustreConfiguration=lustre,
        Tags=OWNED,
    )
    name = made["FileSystem"]["FileSystemId"]
    do(
        "fsx",
        "CreateDataRepositoryAssociation",
        FileSystemId=name,
        FileSystemPath="/split",
        DataRepositoryPath=s3(base, "split/"),
        S3={"AutoImportPolicy": {"Events": ["NEW", "CHANGED", "DELETED"]}},
        Tags=OWNED,
    )
    do("fsx", "CreateBackup", FileSystemId=name, Tags=OWNED)


def _describe_calls(do: Do, base: Foundation) -> None:
    """A crawler finds out what the hotline exports, and describes it in the catalog."""
    put(do, base, "raw/calls/calls.csv", CALLS)
    do(
        "glue",
        "CreateCrawler",
        Name="calls",
        Role=base.here.role("ml-glue"),
        DatabaseName="churn",
        Targets={"S3Targets": [{"Path": s3(base, "raw/calls/")}]},
        CrawlerSecurityConfiguration="churn",
        Tags=OWNED_MAP,
    )
    do("glue", "StartCrawler", Name="calls")


def _query(do: Do, base: Foundation) -> None:
    """Queries have a workgroup, which says where results go and that they are encrypted."""
    result = {
        "OutputLocation": s3(base, "athena/"),
        "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": base.key},
    }
    do(
        "athena",
        "CreateWorkGroup",
        Name="churn",
        Configuration={
            "ResultConfiguration": result,
            "EnforceWorkGroupConfiguration": True,
            "PublishCloudWatchMetricsEnabled": True,
            "BytesScannedCutoffPerQuery": 10_000_000_000,
        },
        Tags=OWNED,
    )
    do(
        "athena",
        "StartQueryExecution",
        WorkGroup="churn",
        QueryExecutionContext={"Database": "churn"},
        QueryString="SELECT age, avg(bill) AS bill FROM customers_clean GROUP BY age",
    )


def _join_calls(do: Do, base: Foundation) -> None:
    """A visual job joins calls to customers; its script was said to be in no bucket at first, so a run failed."""
    lost = base.here.bucket("churn-scripts")
    sources: dict[str, Any] = {
        f"source-{table}": {"CatalogSource": {"Name": table, "Database": "churn", "Table": table}}
        for table in ("customers_clean", "calls")
    }
    keys = [{"From": source, "Keys": [["id"]]} for source in sources]
    join = {"Name": "by customer", "Inputs": list(sources), "JoinType": "left", "Columns": keys}
    target = {
        "Name": "joined",
        "Inputs": ["join"],
        "Path": s3(base, "clean/customers-calls/"),
        "Compression": "snappy",
    }
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{lost}/join-calls.py", "PythonVersion": "3"}
    job = {
        "Role": base.here.role("ml-glue"),
        "Command": command,
        "CodeGenConfigurationNodes": {**sources, "join": {"Join": join}, "target": {"S3GlueParquetTarget": target}},
        "DefaultArguments": ARGUMENTS,
        "GlueVersion": "5.0",
        "WorkerType": "G.1X",
        "NumberOfWorkers": 2,
        "Timeout": 15,
        "SecurityConfiguration": "churn",
    }
    do("glue", "CreateJob", Name="join-calls", JobMode="VISUAL", Tags=OWNED_MAP, **job)
    do("glue", "StartJobRun", JobName="join-calls")
    put(do, base, "scripts/join-calls.py", JOIN_CALLS.replace("TARGET", s3(base, "clean/customers-calls/")))
    mended = {**job, "Command": {**command, "ScriptLocation": s3(base, "scripts/join-calls.py")}}
    do("glue", "UpdateJob", JobName="join-calls", JobUpdate=mended)
    do("glue", "StartJobRun", JobName="join-calls")


def _listen_to_kafka(do: Do, base: Foundation) -> None:
    """The app sends its clicks to Kafka: a function counts them, and a streaming job keeps them."""
    here = base.here
    network = {"SubnetIds": list(base.subnets), "SecurityGroupIds": [base.group]}
    made = do(
        "kafka",
        "CreateClusterV2",
        ClusterName="clicks",
        Serverless={"VpcConfigs": [network], "ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}}},
        Tags=OWNED_MAP,
    )
    cluster = str(made["ClusterArn"])
    failed = keep_failed(do, base, "app-clicks-failed")
    topics = f"{cluster.replace(':cluster/', ':topic/')}/*"
    groups = f"{cluster.replace(':cluster/', ':group/')}/*"
    read = policy(
        allow(["kafka-cluster:Connect", "kafka-cluster:DescribeCluster", "kafka:DescribeClusterV2"], cluster),
        allow(["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"], topics),
        allow(["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"], groups),
        allow("sqs:SendMessage", failed),
    )
    do("iam", "PutRolePolicy", RoleName="ml-lambda", PolicyName="read-app-clicks", PolicyDocument=read)
    do(
        "lambda",
        "CreateEventSourceMapping",
        EventSourceArn=cluster,
        FunctionName=here.arn("lambda", "function:churn-click-counts", region=here.region, account=here.account),
        Topics=["clicks"],
        StartingPosition="LATEST",
        DestinationConfig={"OnFailure": {"Destination": failed}},
    )
    brokers = f"boot-clicks.c1.kafka-serverless.{here.region}.amazonaws.com:9098"
    offered = do("ec2", "DescribeSubnets", SubnetIds=[base.subnets[0]])["Subnets"]
    do(
        "glue",
        "CreateConnection",
        ConnectionInput={
            "Name": "clicks",
            "ConnectionType": "KAFKA",
            "ConnectionProperties": {"KAFKA_BOOTSTRAP_SERVERS": brokers, "KAFKA_SSL_ENABLED": "true"},
            "PhysicalConnectionRequirements": {
                "SubnetId": base.subnets[0],
                "SecurityGroupIdList": [base.group],
                "AvailabilityZone": offered[0]["AvailabilityZone"],
            },
        },
        Tags=OWNED_MAP,
    )
    script = READ_KAFKA.replace("TARGET", s3(base, "raw/app-clicks/")).replace("CHECKPOINT", s3(base, "checkpoints/"))
    put(do, base, "scripts/app-clicks.py", script)
    do(
        "glue",
        "CreateJob",
        Name="app-clicks",
        Role=here.role("ml-glue"),
        Command={"Name": "gluestreaming", "ScriptLocation": s3(base, "scripts/app-clicks.py"), "PythonVersion": "3"},
        Connections={"Connections": ["clicks"]},
        DefaultArguments=ARGUMENTS,
        GlueVersion="5.0",
        WorkerType="G.025X",
        NumberOfWorkers=2,
        SecurityConfiguration="churn",
        Tags=OWNED_MAP,
    )
    do("glue", "StartJobRun", JobName="app-clicks", Timeout=30)


def _count_in_windows(do: Do, base: Foundation) -> None:
    """An application of Flink, which was tried for some minutes; stopped it costs nothing."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", COUNT_IN_WINDOWS)
    do("s3", "PutObject", Bucket=base.here.data, Key="flink/clicks.zip", Body=packed.getvalue())
    content = {"S3ContentLocation": {"BucketARN": base.here.arn("s3", base.here.data), "FileKey": "flink/clicks.zip"}}
    do(
        "kinesisanalyticsv2",
        "CreateApplication",
        ApplicationName="clicks-per-minute",
        RuntimeEnvironment="FLINK-1_20",
        ServiceExecutionRole=base.here.role("ml-flink"),
        ApplicationConfiguration={
            "ApplicationCodeConfiguration": {"CodeContent": content, "CodeContentType": "ZIPFILE"},
        },
        Tags=OWNED,
    )
    do("kinesisanalyticsv2", "StartApplication", ApplicationName="clicks-per-minute")
    do("kinesisanalyticsv2", "StopApplication", ApplicationName="clicks-per-minute")


def _wrangle(do: Do, base: Foundation) -> None:
    """A flow of Data Wrangler, drawn in Canvas, which was left at once; the flow stays in SageMaker's own bucket."""
    here = base.here
    default = f"sagemaker-{here.region}-{here.account}"
    bucket(do, here, default, {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": base.key})
    do("s3", "PutObject", Bucket=default, Key="data_wrangler_flows/customers.flow", Body=json.dumps(FLOW).encode())
    [domain] = do("sagemaker", "ListDomains")["Domains"]
    app = {"DomainId": domain["DomainId"], "UserProfileName": "learner", "AppType": "Canvas", "AppName": "default"}
    do("sagemaker", "CreateUserProfile", DomainId=domain["DomainId"], UserProfileName="learner", Tags=OWNED)
    do("sagemaker", "CreateApp", **app, Tags=OWNED)
    do("sagemaker", "DeleteApp", **app)
