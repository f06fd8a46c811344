"""The block `targets.sagemaker`: where in AWS the product lives, and on what it runs."""

from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from mlopsgen.spec.environments import Places
from mlopsgen.spec.model import Many
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.units import Duration, Shaped, Size
from mlopsgen.targets.sagemaker import names

Region: TypeAlias = Annotated[
    str, Shaped("an AWS region", r"[a-z]{2,4}(?:-?[a-z]+)+-?[0-9]+", ("eu-west-1", "us-east-1"))
]
Account: TypeAlias = Annotated[
    str, Shaped("an AWS account of 12 digits, in quotes,", r"[0-9]{12}", ("123456789012",), longest=12)
]
Bucket: TypeAlias = Annotated[
    str, Shaped("the name of an S3 bucket", r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", ("acme-ml",), longest=63)
]
Place: TypeAlias = Annotated[
    str,
    Shaped(
        "a place of S3",
        r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[^\x00-\x1f\x7f]*)?",
        ("s3://lake/churn/", "s3://lake"),
        longest=1024,
    ),
]
RoleArn: TypeAlias = Annotated[
    str,
    Shaped(
        "the ARN of an IAM role",
        r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+",
        ("arn:aws:iam::123456789012:role/ml-jobs",),
        longest=2048,
    ),
]
PolicyArn: TypeAlias = Annotated[
    str,
    Shaped(
        "the ARN of an IAM policy",
        r"arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+",
        ("arn:aws:iam::123456789012:policy/boundary",),
        longest=2048,
    ),
]
RolePath: TypeAlias = Annotated[
    str,
    Shaped(
        "the path of an IAM role", r"/(?:[A-Za-z0-9_+=,.@-]+/)*(?:[A-Za-z0-9_+=,.@-]+)?", ("/ml/", "/"), longest=512
    ),
]
Repository: TypeAlias = Annotated[
    str,
    Shaped(
        "the name of an ECR repository",
        r"(?=..)[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*",
        ("churn", "ml/churn"),
        longest=256,
    ),
]
Subnet: TypeAlias = Annotated[
    str, Shaped("the id of a subnet", r"subnet-[0-9a-f]{8,17}", ("subnet-0a1b2c3d4e5f60718",))
]
SecurityGroup: TypeAlias = Annotated[
    str, Shaped("the id of a security group", r"sg-[0-9a-f]{8,17}", ("sg-0a1b2c3d4e5f60718",))
]


class SageMakerOptions(TargetOptions):
    """Account facts and native settings of Amazon SageMaker."""

    words: ClassVar[str] = "`targets.sagemaker`"
    places: ClassVar[Places] = Places((("account", "region"), ("bucket",)))

    region: Region = Field(description="The region that everything is made in.", examples=["eu-west-1"])
    account: Account = Field(description="The account that everything is made in.", examples=["123456789012"])
    bucket: Bucket = Field(
        description="An S3 bucket of that region, which exists already. Everything lies under `<bucket>/<name>/`.",
        examples=["acme-ml"],
    )
    role: RoleArn | None = Field(
        default=None,
        description="An execution role that exists already, for the pipeline and its jobs; the stack then makes "
        "neither. Default: the stack makes two, each allowed only what it needs.",
    )
    readable: Many[Place] = Field(
        default=(),
        description="Places of S3 that jobs may read beside the sources of the spec: those that a run may name by a "
        "parameter. Everything whose address starts so; end it with `/` for a folder.",
        examples=[["s3://lake/churn/"]],
    )
    role_path: RolePath = Field(
        default="/", description="The path of the roles that the stack makes, such as `/ml/`. Default: `/`."
    )
    permissions_boundary: PolicyArn | None = Field(
        default=None,
        description="A policy that bounds the roles that the stack makes; some accounts let no role be made without.",
    )
    repository: Repository | None = Field(
        default=None,
        description="An ECR repository that exists already, for the image. Default: the stack makes one named after "
        "the product.",
    )
    subnets: Annotated[Many[Subnet], Field(max_length=names.SUBNETS)] = Field(
        default=(), description="Subnets of your VPC that jobs run in; needed with `governance.network.private`."
    )
    security_groups: Annotated[Many[SecurityGroup], Field(max_length=names.SECURITY_GROUPS)] = Field(
        default=(), description="Security groups of those jobs; needed with `subnets`."
    )
    volume: Size = Field(
        default="30Gi", description="Disk of a job's machine whose `resources` ask for none. Default: 30Gi."
    )
    cache_for: Duration = Field(
        default="30d", description="How old the result of an unchanged step may be to be used again. Default: 30d."
    )
