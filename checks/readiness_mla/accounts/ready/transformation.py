"""Features made: recipes step by step, Spark on EMR, a flow of Data Wrangler, features that are explained, labels."""

from __future__ import annotations

import json
from typing import Any

from readiness_mla.accounts.place import Do, allow, policy, trust
from readiness_mla.accounts.ready.foundation import OWNED, Foundation
from readiness_mla.accounts.ready.jobs import OWNED_MAP, given, process, put, result, s3

DATA_WRANGLER = "663277389841"
"""The account in which AWS keeps the image of Data Wrangler in some regions."""
GROUND_TRUTH = "432418664414"
"""The account in which AWS keeps the functions of Ground Truth in some regions."""

LETTERS = """id,written,plan,text
c-1,2026-01-03,basic,I don't understand my bill
c-2,2026-01-09,premium,I'd like to cancel
c-2,2026-01-09,premium,I'd like to cancel
"""

COUNT = """
    import sys

    from pyspark.sql import SparkSession

    source, target = sys.argv[1:]
    clicks = SparkSession.builder.appName("count-clicks").getOrCreate().read.json(source)
    clicks.groupBy("customer").count().write.mode("overwrite").parquet(target)
"""
"""The batch: how often each customer has clicked."""

COUNT_STREAM = """
    import sys

    from pyspark.sql import SparkSession
    from pyspark.sql.functions import col, from_json, window

    stream, target = sys.argv[1:]
    spark = SparkSession.builder.appName("clicks-by-minute").getOrCreate()
    raw = spark.readStream.format("aws-kinesis").option("kinesis.streamName", stream).load()
    clicks = raw.select(from_json(col("data").cast("string"), "customer STRING, at TIMESTAMP").alias("click"))
    late = clicks.select("click.*").withWatermark("at", "5 minutes")
    counts = late.groupBy(window("at", "1 minute"), "customer").count()
    written = counts.writeStream.format("parquet").option("checkpointLocation", f"{target}/state")
    written.start(target).awaitTermination()
"""
"""The stream: the same by the minute, whoever comes late included."""

FLOW = {
    "metadata": {"version": 1},
    "nodes": [
        {"node_id": "customers", "type": "SOURCE", "operator": "sagemaker.s3_source_0.1"},
        {"node_id": "typed", "type": "TRANSFORM", "operator": "sagemaker.spark.infer_and_cast_type_0.1"},
    ],
}

TASK = """
    <script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
    <crowd-form>
      <crowd-classifier name="topic" categories="{{ task.input.labels | to_json }}" header="What is the letter about?">
        <classification-target>{{ task.input.taskObject }}</classification-target>
        <full-instructions header="Letters">Choose what most of the letter is about.</full-instructions>
      </crowd-classifier>
    </crowd-form>
"""
"""What the people who label are shown."""

ON_EMR = "emr-7.5.0"


def transform(do: Do, base: Foundation) -> None:
    """Make features in each way that the lab compared."""
    _prepare_numbers(do, base)
    _prepare_letters(do, base)
    _match(do, base)
    _spark(do, base)
    _spark_without_servers(do, base)
    _wrangle(do, base)
    _explain_features(do)
    _label(do, base)


def _step(operation: str, column: str = "", **parameters: str) -> dict[str, Any]:
    source = {"sourceColumn": column} if column else {}
    given_too = {"Parameters": {**source, **parameters}} if source or parameters else {}
    return {"Action": {"Operation": operation, **given_too}}


def _prepare_numbers(do: Do, base: Foundation) -> None:
    """Numbers as a linear model wants them: without tails, on one scale, and what is rather yes or no as that."""
    steps = [
        _step("SKEWNESS", "bill", targetColumn="bill_log", skewFunction="LOG", value="2.718281828"),
        _step("NORMALIZATION", "age", strategy="Z_SCORE", targetColumn="age_normalized"),
        _step("BINARIZATION", "months", targetColumn="is_old_customer", threshold="24", flip="false"),
    ]
    _apply(do, base, "customer-numbers", "customers", steps)


def _prepare_letters(do: Do, base: Foundation) -> None:
    """What customers wrote: once each, by month, with the plan as numbers, and the words as tokens."""
    put(do, base, "raw/letters/letters.csv", LETTERS)
    raw = {"Bucket": base.here.data, "Key": "raw/letters/letters.csv"}
    do("databrew", "CreateDataset", Name="letters", Input={"S3InputDefinition": raw}, Format="CSV", Tags=OWNED_MAP)
    order = json.dumps({"basic": "1", "premium": "2"})
    tokens = {
        "targetColumn": "tokens",
        "delimiter": "- ",
        "expandContractions": "true",
        "stemmingMode": "PORTER",
        "stopWordRemovalMode": "DEFAULT",
        "customStopWords": "[]",
        "tokenizerPattern": " ",
        "punctuationRemovalMode": "DEFAULT",
    }
    steps = [
        _step("DELETE_DUPLICATE_ROWS"),
        _step("MONTH", "written", targetColumn="month"),
        _step("CATEGORICAL_MAPPING", "plan", targetColumn="plan_rank", mapType="NUMERIC", categoryMap=order),
        _step("ONE_HOT_ENCODING", "plan"),
        _step("TOKENIZATION", "text", **tokens),
    ]
    _apply(do, base, "letters", "letters", steps)


def _apply(do: Do, base: Foundation, name: str, dataset: str, steps: list[dict[str, Any]]) -> None:
    """Publish a recipe, and run it over a whole dataset."""
    do("databrew", "CreateRecipe", Name=name, Steps=steps, Tags=OWNED_MAP)
    do("databrew", "PublishRecipe", Name=name, Description="As tried on a sample")
    do(
        "databrew",
        "CreateRecipeJob",
        Name=name,
        DatasetName=dataset,
        RecipeReference={"Name": name, "RecipeVersion": "1.0"},
        RoleArn=base.here.role("ml-databrew"),
        Outputs=[{"Location": {"Bucket": base.here.data, "Key": f"prepared/{name}/"}, "Format": "PARQUET"}],
        EncryptionMode="SSE-KMS",
        EncryptionKeyArn=base.key,
        MaxCapacity=2,
        Timeout=30,
        Tags=OWNED_MAP,
    )
    do("databrew", "StartJobRun", Name=name)


def _match(do: Do, base: Foundation) -> None:
    """A transform that is to learn who is there twice under two names; nobody has taught it yet."""
    do(
        "glue",
        "CreateMLTransform",
        Name="same-customer",
        InputRecordTables=[{"DatabaseName": "churn", "TableName": "customers"}],
        Parameters={
            "TransformType": "FIND_MATCHES",
            "FindMatchesParameters": {"PrimaryKeyColumnName": "id", "PrecisionRecallTradeoff": 0.9},
        },
        Role=base.here.role("ml-glue"),
        GlueVersion="2.0",
        TransformEncryption={
            "MlUserDataEncryption": {"MlUserDataEncryptionMode": "SSE-KMS", "KmsKeyId": base.key},
            "TaskRunSecurityConfigurationName": "churn",
        },
        Tags=OWNED_MAP,
    )


def _role(do: Do, base: Foundation, name: str, service: str, *statements: dict[str, Any]) -> str:
    """A role that a service takes for this account only."""
    ours = {"StringEquals": {"aws:SourceAccount": base.here.account}}
    limit = {} if service == "ec2" else {"Condition": ours}  # an instance is in no other account
    do("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=trust(service, **limit))
    if statements:
        do("iam", "PutRolePolicy", RoleName=name, PolicyName="work", PolicyDocument=policy(*statements))
    return base.here.role(name)


def _data(base: Foundation) -> list[dict[str, Any]]:
    here = base.here
    return [
        allow("s3:ListBucket", here.arn("s3", here.data)),
        allow(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], here.arn("s3", f"{here.data}/*")),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], base.key),
    ]


def _spark(do: Do, base: Foundation) -> None:
    """A cluster that counts clicks and ends with that."""
    here = base.here
    put(do, base, "scripts/count-clicks.py", COUNT)
    service = _role(do, base, "ml-emr", "elasticmapreduce")
    managed = here.arn("iam", "policy/service-role/AmazonEMRServicePolicy_v2", account="aws")
    do("iam", "AttachRolePolicy", RoleName="ml-emr", PolicyArn=managed)
    _role(do, base, "ml-emr-nodes", "ec2", *_data(base))
    do("iam", "CreateInstanceProfile", InstanceProfileName="ml-emr-nodes")
    do("iam", "AddRoleToInstanceProfile", InstanceProfileName="ml-emr-nodes", RoleName="ml-emr-nodes")
    run = ["spark-submit", "--deploy-mode", "cluster", s3(base, "scripts/count-clicks.py")]
    places = [s3(base, "raw/clicks/"), s3(base, "prepared/click-counts/")]
    do(
        "emr",
        "RunJobFlow",
        Name="count-clicks",
        ReleaseLabel=ON_EMR,
        Applications=[{"Name": "Spark"}],
        Instances={
            "MasterInstanceType": "m5.xlarge",
            "InstanceCount": 1,
            "Ec2SubnetId": base.subnets[0],
            "KeepJobFlowAliveWhenNoSteps": False,
        },
        Steps=[
            {
                "Name": "count-clicks",
                "ActionOnFailure": "TERMINATE_CLUSTER",
                "HadoopJarStep": {"Jar": "command-runner.jar", "Args": [*run, *places]},
            }
        ],
        ServiceRole=service,
        JobFlowRole="ml-emr-nodes",
        LogUri=s3(base, "logs/emr/"),
        Tags=[*OWNED, {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}],
    )


def _spark_without_servers(do: Do, base: Foundation) -> None:
    """The same without a cluster, and by the minute: the stream ends when somebody has seen enough."""
    here = base.here
    put(do, base, "scripts/count-stream.py", COUNT_STREAM)
    clicks = here.arn("kinesis", "stream/clicks", region=here.region, account=here.account)
    read = allow(["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator"], clicks)
    role = _role(do, base, "ml-emr-serverless", "emr-serverless", *_data(base), read)
    made = do(
        "emr-serverless",
        "CreateApplication",
        name="clicks",
        type="SPARK",
        releaseLabel=ON_EMR,
        autoStopConfiguration={"enabled": True, "idleTimeoutMinutes": 5},
        tags=OWNED_MAP,
    )
    application = made["applicationId"]

    def start(script: str, mode: str, *arguments: str) -> str:
        driver = {"sparkSubmit": {"entryPoint": s3(base, f"scripts/{script}.py"), "entryPointArguments": arguments}}
        started = do(
            "emr-serverless",
            "StartJobRun",
            applicationId=application,
            executionRoleArn=role,
            name=script,
            mode=mode,
            jobDriver=driver,
            tags=OWNED_MAP,
        )
        return str(started["jobRunId"])

    start("count-clicks", "BATCH", s3(base, "raw/clicks/"), s3(base, "prepared/click-counts/"))
    stream = start("count-stream", "STREAMING", "clicks", s3(base, "prepared/clicks-by-minute"))
    do("emr-serverless", "CancelJobRun", applicationId=application, jobRunId=stream)


def _wrangle(do: Do, base: Foundation) -> None:
    """A flow that was drawn over a sample, applied to all customers."""
    put(do, base, "flows/customers.flow", json.dumps(FLOW))
    image = f"{DATA_WRANGLER}.dkr.ecr.{base.here.region}.amazonaws.com/sagemaker-data-wrangler-container:5.x"
    inputs = [
        given(base, "flow", "flows/customers.flow", "flow"),
        given(base, "customers", "raw/customers/customers.csv", "customers"),
    ]
    process(do, base, "customers-flow", image, inputs, [result(base, "typed", "prepared/customers/")])


def _explain_features(do: Do) -> None:
    """What a feature means is told where others look for features."""
    for feature, meaning in (("months", "How long somebody has been a customer"), ("calls", "Calls to the service")):
        do(
            "sagemaker",
            "UpdateFeatureMetadata",
            FeatureGroupName="customers",
            FeatureName=feature,
            Description=meaning,
            ParameterAdditions=[{"Key": "source", "Value": "shop"}],
        )


def _label(do: Do, base: Foundation) -> None:
    """What letters are about, told by three strangers each, as long as there was a crowd to ask."""
    here = base.here
    letters = [{"source": "Invoices could be clearer"}, {"source": "The new page is fine"}]
    put(do, base, "labels/letters.manifest", "\n".join(json.dumps(letter) for letter in letters))
    put(do, base, "labels/topics.json", json.dumps({"labels": [{"label": "bill"}, {"label": "page"}]}))
    put(do, base, "labels/topics.liquid", TASK)
    crowd = here.arn("sagemaker", "workteam/public-crowd/default", region=here.region, account="394669845002")

    def function(name: str) -> str:
        return here.arn("lambda", f"function:{name}", region=here.region, account=GROUND_TRUTH)

    do(
        "sagemaker",
        "CreateLabelingJob",
        LabelingJobName="letter-topics",
        LabelAttributeName="topic",
        InputConfig={
            "DataSource": {"S3DataSource": {"ManifestS3Uri": s3(base, "labels/letters.manifest")}},
            "DataAttributes": {"ContentClassifiers": ["FreeOfPersonallyIdentifiableInformation", "FreeOfAdultContent"]},
        },
        OutputConfig={"S3OutputPath": s3(base, "labels/output/"), "KmsKeyId": base.key},
        RoleArn=here.role("ml-training"),
        LabelCategoryConfigS3Uri=s3(base, "labels/topics.json"),
        HumanTaskConfig={
            "WorkteamArn": crowd,
            "UiConfig": {"UiTemplateS3Uri": s3(base, "labels/topics.liquid")},
            "PreHumanTaskLambdaArn": function("PRE-TextMultiClass"),
            "TaskTitle": "What is the letter about?",
            "TaskDescription": "Choose the topic",
            "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 300,
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": function("ACS-TextMultiClass")},
            "PublicWorkforceTaskPrice": {"AmountInUsd": {"Dollars": 0, "Cents": 1, "TenthFractionsOfACent": 2}},
        },
        Tags=OWNED,
    )
