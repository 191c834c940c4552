"""What was tried before a model was chosen: profiles of the data, a written purpose, and services for other tasks."""

from __future__ import annotations

import json

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import OWNED, OWNED_CAMEL, Foundation
from readiness_mla.accounts.ready.jobs import OWNED_MAP, put, s3
from readiness_mla.accounts.ready.services import MICRO

LABELLED = [{"tagKey": tag["Key"], "tagValue": tag["Value"]} for tag in OWNED]
"""The tags as Personalize takes them."""

EMBEDDER = "huggingface-textembedding-bge-small-en-v1-5"

PURPOSE = {
    "model_overview": {"model_name": "churn", "problem_type": "Binary classification"},
    "business_details": {
        "business_problem": "Customers leave without a word; each costs five times what it takes to keep one.",
        "business_stakeholders": "Customer care, marketing",
    },
    "intended_uses": {
        "purpose_of_model": "Tells each month which customers are likely to leave",
        "intended_uses": "Customer care calls the hundred who are most likely to; nobody is refused anything",
        "factors_affecting_model_efficiency": "Of the first two months of a contract there is too little to go by",
        "risk_rating": "Low",
    },
}

INTERACTIONS = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "version": "1.0",
}

TERMS = """\
<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en-US">
  <lexeme><grapheme>eSIM</grapheme><alias>e sim</alias></lexeme>
</lexicon>
"""


def choose(do: Do, base: Foundation) -> None:
    """Look at the data, write down what a model is for, and try what others have trained already."""
    _assess(do, base)
    _state(do, base)
    _offer(do, base)
    _tell_costs_apart(do, base)
    _read_complaints(do, base)
    _read_bills(do, base)
    _speak(do, base)
    _talk(do, base)
    _recommend(do, base)
    _find(do, base)


def _assess(do: Do, base: Foundation) -> None:
    """What is typical of each column, before anybody learns from it."""
    table = {"DatabaseName": "churn", "TableName": "customers_clean"}
    do(
        "glue",
        "StartDataQualityRuleRecommendationRun",
        DataSource={"GlueTable": table},
        Role=base.here.role("ml-glue"),
        NumberOfWorkers=2,
        Timeout=15,
    )


def _state(do: Do, base: Foundation) -> None:
    """Which problem is to be solved, and when the model is not to be relied on."""
    do(
        "sagemaker",
        "CreateModelCard",
        ModelCardName="churn",
        ModelCardStatus="Approved",
        Content=json.dumps(PURPOSE),
        SecurityConfig={"KmsKeyId": base.key},
        Tags=OWNED,
    )


def _offer(do: Do, base: Foundation) -> None:
    """The models of JumpStart that the lab has agreed on."""
    here = base.here
    model = f"hub-content/SageMakerPublicHub/Model/{EMBEDDER}/1.0.0"
    do("sagemaker", "CreateHub", HubName="ml-lab", HubDescription="Models whose licence we have read", Tags=OWNED)
    do(
        "sagemaker",
        "CreateHubContentReference",
        HubName="ml-lab",
        SageMakerPublicHubContentArn=here.arn("sagemaker", model, region=here.region, account="aws"),
        Tags=OWNED,
    )


def _tell_costs_apart(do: Do, base: Foundation) -> None:
    """What sorting notes costs shows on the bill by its tags."""
    here = base.here
    do(
        "bedrock",
        "CreateInferenceProfile",
        inferenceProfileName="notes",
        description="Sorting the notes of agents",
        modelSource={"copyFrom": here.arn("bedrock", f"foundation-model/{MICRO}", region=here.region)},
        tags=OWNED_CAMEL,
    )


def _read_complaints(do: Do, base: Foundation) -> None:
    """How complaints are meant, what they are about, and which of our products they name."""
    key, role, network = base.key, base.here.role("ml-comprehend"), {"VpcConfig": _network(base)}
    put(do, base, "complaints/labelled/topics.csv", "billing,Charged twice\nnetwork,No signal since Monday\n")
    put(do, base, "complaints/named/products.csv", "Text,Type\nHomeBox 2,PRODUCT\n")
    put(do, base, "complaints/named/1.txt", "My HomeBox 2 loses its signal each night.\n")
    output = {"S3Uri": s3(base, "complaints/read/"), "KmsKeyId": key}
    do(
        "comprehend",
        "StartSentimentDetectionJob",
        JobName="complaints",
        InputDataConfig={"S3Uri": s3(base, "complaints/named/"), "InputFormat": "ONE_DOC_PER_LINE"},
        OutputDataConfig=output,
        DataAccessRoleArn=role,
        LanguageCode="en",
        VolumeKmsKeyId=key,
        Tags=OWNED,
        **network,
    )
    do(
        "comprehend",
        "CreateDocumentClassifier",
        DocumentClassifierName="topics",
        DataAccessRoleArn=role,
        InputDataConfig={"S3Uri": s3(base, "complaints/labelled/topics.csv")},
        OutputDataConfig=output,
        LanguageCode="en",
        VolumeKmsKeyId=key,
        ModelKmsKeyId=key,
        Tags=OWNED,
        **network,
    )
    do(
        "comprehend",
        "CreateEntityRecognizer",
        RecognizerName="products",
        DataAccessRoleArn=role,
        InputDataConfig={
            "EntityTypes": [{"Type": "PRODUCT"}],
            "Documents": {"S3Uri": s3(base, "complaints/named/1.txt")},
            "EntityList": {"S3Uri": s3(base, "complaints/named/products.csv")},
        },
        LanguageCode="en",
        VolumeKmsKeyId=key,
        ModelKmsKeyId=key,
        Tags=OWNED,
        **network,
    )


def _network(base: Foundation) -> dict[str, list[str]]:
    return {"SecurityGroupIds": [base.group], "Subnets": list(base.subnets)}


def _read_bills(do: Do, base: Foundation) -> None:
    """Bills that customers send in, of which the number of the contract is wanted; samples show where it stands."""
    manifest = {"source-ref": s3(base, "bills/1.pdf")}
    put(do, base, "bills/samples.manifest", f"{json.dumps(manifest)}\n")
    made = do("textract", "CreateAdapter", AdapterName="bills", FeatureTypes=["QUERIES"], Tags=OWNED_MAP)
    do(
        "textract",
        "CreateAdapterVersion",
        AdapterId=made["AdapterId"],
        DatasetConfig={"ManifestS3Object": {"Bucket": base.here.data, "Name": "bills/samples.manifest"}},
        OutputConfig={"S3Bucket": base.here.data, "S3Prefix": "bills/adapter/"},
        KMSKeyId=base.key,
        Tags=OWNED_MAP,
    )


def _speak(do: Do, base: Foundation) -> None:
    """What a customer hears while waiting, with our words as we say them."""
    do("polly", "PutLexicon", Name="terms", Content=TERMS)
    do(
        "polly",
        "StartSpeechSynthesisTask",
        OutputFormat="mp3",
        OutputS3BucketName=base.here.data,
        OutputS3KeyPrefix="spoken/waiting",
        Text="Your eSIM can be changed in the app.",
        VoiceId="Joanna",
        LexiconNames=["terms"],
    )


def _talk(do: Do, base: Foundation) -> None:
    """A bot that answers when the next bill is due."""
    made = do(
        "lexv2-models",
        "CreateBot",
        botName="next-bill",
        roleArn=base.here.role("ml-lex"),
        dataPrivacy={"childDirected": False},
        idleSessionTTLInSeconds=300,
        botTags=OWNED_MAP,
    )
    draft = {"botId": made["botId"], "botVersion": "DRAFT", "localeId": "en_US"}
    do("lexv2-models", "CreateBotLocale", **draft, nluIntentConfidenceThreshold=0.4)
    do("lexv2-models", "BuildBotLocale", **draft)
    do(
        "lexv2-models",
        "CreateBotVersion",
        botId=made["botId"],
        botVersionLocaleSpecification={"en_US": {"sourceBotVersion": "DRAFT"}},
    )


def _recommend(do: Do, base: Foundation) -> None:
    """Which tariff a customer may like who looked at others."""
    role = base.here.role("ml-personalize")
    put(
        do, base, "tariffs/looked-at.csv", "USER_ID,ITEM_ID,TIMESTAMP\nc-1,flat-10,1767225600\nc-2,flat-20,1767225660\n"
    )
    group = do("personalize", "CreateDatasetGroup", name="tariffs", roleArn=role, kmsKeyArn=base.key, tags=LABELLED)[
        "datasetGroupArn"
    ]
    schema = do("personalize", "CreateSchema", name="looked-at", schema=json.dumps(INTERACTIONS))["schemaArn"]
    dataset = do(
        "personalize",
        "CreateDataset",
        name="looked-at",
        schemaArn=schema,
        datasetGroupArn=group,
        datasetType="Interactions",
        tags=LABELLED,
    )["datasetArn"]
    do(
        "personalize",
        "CreateDatasetImportJob",
        jobName="looked-at-1",
        datasetArn=dataset,
        dataSource={"dataLocation": s3(base, "tariffs/looked-at.csv")},
        roleArn=role,
        tags=LABELLED,
    )
    recipe = base.here.arn("personalize", "recipe/aws-user-personalization-v2")
    solution = do(
        "personalize",
        "CreateSolution",
        name="tariffs",
        recipeArn=recipe,
        datasetGroupArn=group,
        performAutoTraining=False,
        tags=LABELLED,
    )["solutionArn"]
    do("personalize", "CreateSolutionVersion", solutionArn=solution, tags=LABELLED)


def _find(do: Do, base: Foundation) -> None:
    """A trial whether agents find passages of manuals faster; it is paid for by the hour, and deleted when it ends."""
    do(
        "kendra",
        "CreateIndex",
        Name="manuals",
        Edition="DEVELOPER_EDITION",
        RoleArn=base.here.role("ml-kendra"),
        ServerSideEncryptionConfiguration={"KmsKeyId": base.key},
        ClientToken="manuals-of-the-first-trial",
        Tags=OWNED,
    )
