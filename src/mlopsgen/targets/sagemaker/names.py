"""Where the product lives in AWS, the names of what it makes there, and the limits they have to keep.

Every limit is the API model's own (botocore, service-2.json) unless a page is named. Pages are
those of docs.aws.amazon.com.
"""

from __future__ import annotations

import re
from typing import Final

from mlopsgen.records import dataclass

ARGUMENTS: Final = 100
"""Words of a command (AppSpecification and AlgorithmSpecification: ContainerArguments)."""
ARGUMENT_LENGTH: Final = 256
"""Characters of one word of a command (ContainerArgument)."""
PROCESSING_PORTS: Final = 10
"""Inputs, and outputs, of a Processing job (ProcessingInputs, ProcessingOutputs)."""
CHANNELS: Final = 20
"""Inputs of a Training job (InputDataConfig)."""
ENVIRONMENT: Final = 100
"""Environment variables of a job (ProcessingEnvironmentMap, TrainingEnvironmentMap)."""
TRIAL_ENVIRONMENT: Final = 48
"""Environment variables of a trial (HyperParameterTrainingJobEnvironmentMap)."""
PROCESSING_VALUE: Final = 256
"""Characters of an environment variable of a Processing job (ProcessingEnvironmentValue)."""
TRAINING_VALUE: Final = 512
"""Characters of an environment variable of a Training job (TrainingEnvironmentValue)."""
PROCESSING_SECONDS: Final = 777600
"""Nine days (ProcessingMaxRuntimeInSeconds)."""
TRAINING_SECONDS: Final = 2419200
"""28 days (StoppingCondition.MaxRuntimeInSeconds)."""
QUOTA_SECONDS: Final = 432000
"""Five days: what an account's jobs may take before somebody has a quota raised (general/latest/gr/sagemaker.html)."""
TUNING_SECONDS: Final = (120, 15768000)
"""Time limits of a search (HyperParameterTuningMaxRuntimeInSeconds)."""
RETRIES: Final = 20
"""Attempts of a retry policy (sagemaker/latest/dg/pipelines-retry-policy.html)."""
RETRY_INTERVAL: Final = 43200
"""Seconds before the first attempt, half a day (the same page)."""
METRICS: Final = 40
"""Metrics read from a job's output (MetricDefinitionList)."""
HYPERPARAMETERS: Final = 100
"""Hyperparameters of a trial, tuned and static ones (HyperParameters)."""
HYPERPARAMETER_LENGTH: Final = 2500
"""Characters of one (HyperParameterValue)."""
RANGES: Final = 30
"""Axes of a search (sagemaker/latest/dg/automatic-model-tuning-limits.html)."""
CATEGORIES: Final = 30
"""Values of a categorical axis (ParameterValues)."""
CATEGORY_LENGTH: Final = 256
"""Characters of such a value (ParameterValue)."""
TAGS: Final = 50
"""Tags of one resource (TagList)."""
DEFINITION: Final = 1_048_576
"""Characters of a pipeline's definition (PipelineDefinition)."""
TEMPLATE_BODY: Final = 51_200
"""Bytes of a template that a request brings along (CloudFormation quotas)."""
PARAMETERS: Final = 200
"""Parameters of a pipeline (ParameterList)."""
DEFAULT_LENGTH: Final = 1024
"""Characters of a parameter's value (String1024)."""
DESCRIPTION: Final = 1024
"""Characters of a version's description (EntityDescription) and of a template's (CloudFormation quotas)."""
PIPELINE_DESCRIPTION: Final = 3072
"""Characters of a pipeline's description (PipelineDescription)."""
TAG_KEY: Final = 128
"""Characters of a tag's key (TagKey)."""
TAG_VALUE: Final = 256
"""Characters of a tag's value (TagValue)."""
SUBNETS: Final = 16
"""Subnets of a job (Subnets)."""
SECURITY_GROUPS: Final = 5
"""Security groups of a job (VpcSecurityGroupIds)."""
REPOSITORY: Final = 2
"""Characters that the name of an ECR repository has at least (ECR's CreateRepository: repositoryName)."""
STEP_NAME: Final = 64
"""Characters of a step's name (sagemaker/latest/dg/build-and-manage-steps.html)."""
GROUP_NAME: Final = 63
"""Characters of a model package group (EntityName)."""
ROLE_NAME: Final = 64
"""Characters of a role (IAM/latest/UserGuide/reference_iam-quotas.html)."""
POLICY: Final = 10240
"""Characters of a role's inline policies, blanks aside (the same page)."""
TRIGGER_NAME: Final = 64
"""Characters of a rule and of a schedule (events RuleName, scheduler Name)."""
EXPERIMENT_NAME: Final = 120
"""Characters of an experiment (ExperimentEntityName)."""
POLICY_NAME: Final = 128
"""Characters of a managed policy (IAM/latest/UserGuide/reference_iam-quotas.html)."""
CARD_LENGTH: Final = 2048
"""Characters of a text of a model card (sagemaker/latest/dg/model-cards.html#model-cards-json-schema)."""
METADATA_LENGTH: Final = 256
"""Characters of a customer metadata property (CustomerMetadataValue)."""
VOLUME_GIB: Final = 16384
"""GiB of a volume (ProcessingVolumeSizeInGB)."""

ENTITY = re.compile(r"[a-zA-Z0-9](?:-*[a-zA-Z0-9])*")
"""Names of pipelines, groups, experiments."""
LINE_BREAK = re.compile(r"[\n\r\x85\u2028\u2029]")
"""What the pattern `.*` of words and hyperparameters does not take (java.util.regex.Pattern: line terminators)."""
TAG_TEXT = re.compile(r"[\w\s.:/=+@-]*")
"""Keys and values of tags and of customer metadata."""


def as_tag(value: str) -> str:
    """A text as a tag's value: what AWS does not take becomes a hyphen."""
    return re.sub(r"[^\w .:/=+@-]", "-", value)[:TAG_VALUE]


KEY = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9:/_-]{0,2047}")
"""A key of KMS: its id, its ARN or an alias (KmsKeyId)."""


@dataclass(frozen=True, slots=True)
class Home:
    """The account, region and bucket of a product, and everything named after them."""

    product: str
    region: str
    account: str
    bucket: str

    @property
    def partition(self) -> str:
        """`aws`, or the name that China and the US government have for theirs."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def registry(self) -> str:
        """The host of the account's container registry."""
        suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        return f"{self.account}.dkr.ecr.{self.region}.{suffix}"

    @property
    def prefix(self) -> str:
        """The S3 prefix of everything that belongs to the product, without a slash at its end."""
        return f"s3://{self.bucket}/{self.product}"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def role_arn(self, name: str) -> str:
        """The ARN of a role of this account; IAM knows no region."""
        return f"arn:{self.partition}:iam::{self.account}:role/{name}"

    def role(self, use: str) -> str:
        """A role's name. Roles are the account's: without the region, a second region could not deploy."""
        return f"{self.product}-{self.region}-{use}"

    def objects(self, bucket: str, prefix: str = "") -> str:
        """The ARN of every object under a prefix; the text of a spec widens nothing."""
        return f"arn:{self.partition}:s3:::{bucket}/{iam_text(prefix)}*"

    def bucket_arn(self, bucket: str) -> str:
        """The ARN of a bucket."""
        return f"arn:{self.partition}:s3:::{bucket}"


def one_line(text: str, longest: int) -> str:
    """A description as AWS takes it: its patterns know no line break (EntityDescription, PipelineDescription)."""
    return " ".join(line.strip(" ") for line in re.split(r"[\r\n\t]+", text) if line.strip(" "))[:longest]


def iam_text(text: str) -> str:
    """Text as IAM reads it literally: `*`, `?` and `$` have a meaning there."""
    return re.sub(r"[*?$]", lambda m: "${" + m[0] + "}", text)


def logical_id(*words: str) -> str:
    """A name of a resource inside the stack: letters and digits alone."""
    return "".join(part[:1].upper() + part[1:] for word in words for part in re.split(r"[^A-Za-z0-9]+", word))
