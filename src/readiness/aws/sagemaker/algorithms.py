"""What training jobs ran, and for whom: built-in algorithms, framework containers, JumpStart models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from readiness.aws.sagemaker.training import JUMPSTART_TAGS, TrainingJob
from readiness.kinds import resource
from readiness.record import Record

BUILT_IN = {
    "blazingtext": "text",
    "factorization-machines": "tabular",
    "forecasting-deepar": "forecasting",
    "image-classification": "vision",
    "ipinsights": "anomaly detection",
    "kmeans": "clustering",
    "knn": "tabular",
    "lda": "topics",
    "linear-learner": "tabular",
    "ntm": "topics",
    "object-detection": "vision",
    "object2vec": "text",
    "pca": "dimension reduction",
    "randomcutforest": "anomaly detection",
    "sagemaker-xgboost": "tabular",
    "semantic-segmentation": "vision",
    "seq2seq": "text",
    "xgboost": "tabular",
}
"""Repository of a built-in algorithm's image -> the family of problems that it solves."""

SCRIPTED = {
    "autogluon": "tabular",
    "catboost": "tabular",
    "lightgbm": "tabular",
    "tabtransformer": "tabular",
    "tensorflow-ic": "vision",
    "tensorflow-od": "vision",
    "tensorflow-tc": "text",
}
"""Word of a JumpStart model id or script -> the family, for built-in algorithms that run on a framework's image."""

FROM_SCRATCH = frozenset({"autogluon", "catboost", "lightgbm", "tabtransformer"})
"""Those of them that start from no pre-trained model."""

FRAMEWORKS = {
    "mxnet": "MXNet",
    "pytorch": "PyTorch",
    "scikit-learn": "scikit-learn",
    "smdistributed-modelparallel": "PyTorch",
    "tensorflow": "TensorFlow",
    "xgboost": "XGBoost",
}
"""Word of an image's repository -> the framework in it."""

JUMPSTART_BUCKET = re.compile(r"s3://jumpstart-(private-)?cache-prod-")
SAMPLE_DATA = "/training-datasets/"
"""Where JumpStart's buckets keep sample data: reading it uses no model."""

CODE_CHANNELS = frozenset({"code", "sm_drivers", "sourcecode"})
"""Channels by which the SDK brings a script into the container."""


def image_of(uri: str | None) -> tuple[str, str]:
    """The account of an image's registry, empty where it is not in ECR, and the image's repository."""
    host, slash, path = (uri or "").partition("/")
    if not slash or "." not in host:
        host, path = "", uri or ""
    account = host.partition(".")[0]
    return (account if account.isdigit() else ""), re.split("[:@]", path, maxsplit=1)[0]


def account_of(arn: str) -> str:
    """The account that an ARN names."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def is_jumpstart(uri: str | None) -> bool:
    """Whether something in S3 is JumpStart's own, other than its sample data."""
    return bool(uri and JUMPSTART_BUCKET.match(uri) and SAMPLE_DATA not in uri)


def _word_in(text: str, words: Mapping[str, str]) -> str:
    return next((word for word in words if word in text), "")


class TrainingRun(TrainingJob):
    """A training job that somebody started, alone or by a tuning job; what Autopilot or labeling started is left out.

    `built_in` names the built-in algorithm and `family` what it is for; `framework` the framework whose container ran
    somebody's own script; `jumpstart` the JumpStart model, or 'unnamed' where only its files show. Empty: not so.
    """

    built_in: str = ""
    family: str = ""
    framework: str = ""
    own_image: bool = False
    jumpstart: str = ""

    @property
    def completed(self) -> bool:
        """Whether it ended well."""
        return self.training_job_status == "Completed"

    @property
    def pre_trained(self) -> bool:
        """Whether it went on from a JumpStart model that had been trained before."""
        return bool(self.jumpstart) and self.built_in not in FROM_SCRATCH

    @property
    def instances(self) -> int:
        """How many machines it ran on."""
        cluster = self.resource_config
        groups = sum(group.instance_count for group in cluster.instance_groups)
        return cluster.selected_instance_count or groups or cluster.instance_count or 1

    @property
    def instance_types(self) -> tuple[str, ...]:
        """The types of its machines."""
        cluster = self.resource_config
        one = cluster.selected_instance_type or cluster.instance_type
        return (one,) if one else tuple(sorted({group.instance_type for group in cluster.instance_groups}))

    @property
    def data(self) -> tuple[tuple[str, str], ...]:
        """Its channels with where their data lies, which make two jobs comparable."""
        return tuple(
            sorted(
                (channel.channel_name, source.s3_uri)
                for channel in self.input_data_config
                if (source := channel.data_source.s3_data_source) and channel.channel_name not in CODE_CHANNELS
            )
        )

    @classmethod
    def derive(cls, training_jobs: list[TrainingJob]) -> Iterator[TrainingRun]:
        """The jobs that people's work started, with what their images, scripts and tags tell."""
        for job in training_jobs:
            if not (job.auto_ml_job_arn or job.labeling_job_arn):
                yield cls(**msgspec.structs.asdict(job), **msgspec.structs.asdict(_told(job)))


class Told(msgspec.Struct):
    """What is told of a training job by its image, script, channels and tags."""

    built_in: str = ""
    family: str = ""
    framework: str = ""
    own_image: bool = False
    jumpstart: str = ""


def _told(job: TrainingJob) -> Told:
    registry, repository = image_of(job.algorithm_specification.training_image)
    own = account_of(job.training_job_arn)
    script = (job.hyper_parameters.sagemaker_submit_directory or "").strip('"')
    sources = [source.s3_uri for channel in job.input_data_config if (source := channel.data_source.s3_data_source)]
    model = next((tag.value for tag in job.tags if tag.key in JUMPSTART_TAGS), "")
    if not model and any(is_jumpstart(uri) for uri in (script, *sources)):
        model = "unnamed"
    told = Told(own_image=bool(registry) and registry == own, jumpstart=model)
    has_script = bool(job.hyper_parameters.sagemaker_program) or any(
        channel.channel_name in CODE_CHANNELS for channel in job.input_data_config
    )
    if model:
        told.built_in = _word_in(" ".join((model, script, *sources)), SCRIPTED)
        told.family = SCRIPTED.get(told.built_in, "")
    elif registry and registry != own and repository in BUILT_IN and not has_script:
        told.built_in = repository
        told.family = BUILT_IN[repository]
    else:
        told.framework = FRAMEWORKS.get(_word_in(repository.lower(), FRAMEWORKS), "")
    return told


class S3Model(Record):
    """Model files in S3 that are not one archive."""

    s3_uri: str = ""


class ModelSource(Record):
    """Where a container's model comes from."""

    s3_data_source: S3Model | None = None


class ServedModel(
    Record,
    rename={
        "hf_model_id": "HF_MODEL_ID",
        "option_model_id": "OPTION_MODEL_ID",
        "option_quantize": "OPTION_QUANTIZE",
    },
):
    """The variables by which AWS's containers of large models are told what to serve, and how; no other is kept."""

    hf_model_id: str | None = None
    option_model_id: str | None = None
    option_quantize: str | None = None


class SourcedContainer(Record):
    """A container of a model, by what it serves."""

    image: str | None = None
    environment: ServedModel = ServedModel()
    model_data_url: str | None = None
    model_data_source: ModelSource | None = None

    @property
    def uri(self) -> str:
        """Where its model lies in S3, or nothing."""
        source = self.model_data_source.s3_data_source if self.model_data_source else None
        return self.model_data_url or (source.s3_uri if source else "")


@resource("sagemaker", "ListModels", "DescribeModel")
class ModelOrigin(Record):
    """Where a model's files come from; a model costs nothing to keep."""

    model_name: str
    model_arn: str
    primary_container: SourcedContainer | None = None
    containers: list[SourcedContainer] = []
