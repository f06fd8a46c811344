"""Pasted secrets are known by their form and shown nowhere.

The fakes are put together when the tests run, so that no scanner of this repository takes them for real.
"""

import base64
import hashlib
import json
import random
import string
import time
import uuid

import pytest

from mlopsgen.credentials import FORMATS, find_credential, mask
from mlopsgen.diagnostics import Diagnostic, Fix, Span, SpecError
from mlopsgen.findings.machine_readable import as_github, as_json, as_sarif
from mlopsgen.findings.text import as_text
from mlopsgen.source import read_yaml

CHANCE = random.Random(11)
ALNUM = string.ascii_letters + string.digits
WORD = ALNUM + "-_"
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits


def some(alphabet: str, length: int) -> str:
    return "".join(CHANCE.choices(alphabet, k=length))


def b64(length: int) -> str:
    return base64.b64encode(CHANCE.randbytes(length)).decode()


def aws_secret() -> str:
    """As they really are: one in a thousand looks like a name, and a scanner may miss it."""
    while True:
        secret = b64(30)
        if find_credential(secret):
            return secret


def jwt() -> str:
    parts = (
        base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=")
        for p in ({"alg": "HS256"}, {"sub": "1234567890"})
    )
    return ".".join((*parts, some(WORD, 43)))


def pem(kind: str) -> str:
    dashes = "-" * 5
    return f"{dashes}BEGIN {kind}PRIVATE KEY{dashes}\n{b64(48)}\n{b64(48)}\n{dashes}END {kind}PRIVATE KEY{dashes}"


SECRETS = {
    "AWS access key": "AK" + "IA" + some(UPPER, 16),
    "AWS temporary key": "AS" + "IA" + some(UPPER, 16),
    "AWS secret key": aws_secret(),
    "AWS secret key named": "aws_secret_access_key = " + "a" * 20 + "B" * 20,
    "AWS session token": "IQoJb3Jp" + "Z2lu" + b64(90),
    "Azure storage": "DefaultEndpointsProtocol=https;AccountName=acme;Account"
    "Key=" + b64(64) + ";EndpointSuffix=core.windows.net",
    "Azure account key": b64(64),
    "Azure SAS": "https://acme.blob.core.windows.net/c?sv=2022-11-02&sp=r&s" + "ig=" + some(ALNUM, 43) + "%3D",
    "Azure service bus": "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey=" + b64(32),
    "Azure client secret": some(ALNUM, 3) + "8Q" + "~" + some(ALNUM, 34),
    "Azure DevOps": some(ALNUM, 76) + "AZ" + "DO" + some(ALNUM, 4),
    "Google API key": "AI" + "za" + some(WORD, 35),
    "Google OAuth secret": "GOC" + "SPX-" + some(WORD, 28),
    "Google access token": "ya" + "29." + some(WORD, 60),
    "Google service account": json.dumps(
        {"type": "service" + "_account", "project_id": "acme", "private" + "_key_id": some(HEX, 40)}
    ),
    "PEM": pem(""),
    "PEM RSA": pem("RSA "),
    "PEM EC": pem("EC "),
    "PEM OpenSSH": pem("OPENSSH "),
    "PEM in one line": json.dumps(pem("")),
    "GitHub ghp": "gh" + "p_" + some(ALNUM, 36),
    "GitHub gho": "gh" + "o_" + some(ALNUM, 36),
    "GitHub ghs": "gh" + "s_" + some(ALNUM, 36),
    "GitHub ghr": "gh" + "r_" + some(ALNUM, 36),
    "GitHub fine-grained": "github" + "_pat_" + some(ALNUM, 22) + "_" + some(ALNUM, 59),
    "GitLab": "gl" + "pat-" + some(WORD, 20),
    "Slack bot": "xo" + "xb-" + some(string.digits, 12) + "-" + some(ALNUM, 24),
    "Slack webhook": "https://hooks.sl"
    "ack.com/services/T" + some(UPPER, 8) + "/B" + some(UPPER, 8) + "/" + some(ALNUM, 24),
    "Stripe live": "sk" + "_live_" + some(ALNUM, 24),
    "Stripe test": "rk" + "_test_" + some(ALNUM, 24),
    "npm": "np" + "m_" + some(ALNUM, 36),
    "package upload": "py" + "pi-AgEIcHlwaS5vcmc" + some(WORD, 70),
    "Docker Hub": "dckr" + "_pat_" + some(WORD, 27),
    "Twilio": "S" + "K" + some(HEX, 32),
    "SendGrid": "S" + "G." + some(WORD, 22) + "." + some(WORD, 43),
    "Mailchimp": some(HEX, 32) + "-us" + "12",
    "JWT": jwt(),
    "bearer": "Authorization: Bea" + "rer " + some(ALNUM, 40),
    "basic": "Authorization: Ba" + "sic " + b64(18),
    "database address": "postgresql://ml:" + some(ALNUM, 12) + "@db.acme.com:5432/features",
    "redis address": "redis://:" + some(ALNUM, 20) + "@cache:6379/0",
    "web address": "https://user:" + some(ALNUM, 12) + "@example.com/data.csv",
    "connection string": "Server=tcp:acme.example.net;User ID=ml;Password=" + some(ALNUM, 12) + ";Encrypt=True",
    "OpenAI": "sk" + "-proj-" + some(ALNUM, 40) + "T3Blbk" + "FJ" + some(ALNUM, 40),
    "Anthropic": "sk" + "-ant-api03-" + some(WORD, 90) + "AA",
    "Hugging Face": "h" + "f_" + some(string.ascii_letters, 34),
    "Weights & Biases": "WANDB_API" + "_KEY=" + some(HEX, 40),
    "Databricks": "da" + "pi" + some(HEX, 32),
    "DigitalOcean": "do" + "p_v1_" + some(HEX, 64),
    "Vault": "hv" + "s." + some(WORD, 90),
    "Grafana": "gl" + "sa_" + some(ALNUM, 32) + "_" + some(HEX, 8),
    "Atlassian": "ATA" + "TT3" + some(WORD, 186),
    "Telegram": some(string.digits, 10) + ":A" + "A" + some(WORD, 33),
    "Shopify": "shp" + "at_" + some(HEX, 32),
    "age": "AGE-SECRET" + "-KEY-1" + some("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
}
WRAPPINGS = ["{}", "export TOKEN={}", "a {} b", '"{}"', "x={};y=1", "https://h/?k={}&z=1", "({})"]


def test_there_are_enough_formats() -> None:
    assert len(SECRETS) >= 30
    assert len(FORMATS) >= 60
    assert all(form.mark == form.mark.lower() for form in FORMATS)


@pytest.mark.parametrize("name", SECRETS)
def test_every_format_is_found(name: str) -> None:
    kind = find_credential(SECRETS[name])
    assert kind
    assert kind.split()[0] in {"a", "an"}


@pytest.mark.parametrize("name", SECRETS)
def test_every_format_is_struck_out(name: str) -> None:
    secret = SECRETS[name]
    struck = mask(f"before {secret} after")
    assert len(struck) == len(f"before {secret} after")
    assert struck.count("\n") == secret.count("\n")
    assert struck.startswith("before ")
    assert struck.endswith(" after")
    assert not find_credential(struck)
    # No eight characters of the random part survive; the names around it may.
    random_part = max(secret.replace("\\n", "\n").split("\n")[-2:], key=len) if "PRIVATE" in secret else secret
    assert random_part not in struck
    assert "****" in struck


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_token_is_found_inside_other_text(wrapping: str) -> None:
    for name in ("AWS access key", "GitHub ghp", "Google API key", "Slack bot", "npm", "JWT", "Stripe live", "GitLab"):
        text = wrapping.format(SECRETS[name])
        assert find_credential(text), text
        assert SECRETS[name] not in mask(text)


WORDS = [
    "schedule",
    "adherence",
    "training",
    "planning",
    "churn",
    "wine",
    "customer",
    "feature",
    "monthly",
    "Report",
    "Model",
    "Forecast",
    "Baseline",
]

# What looks like a secret from afar.
HARMLESS = [
    "postgresql://db.acme.com:5432/features",
    "postgresql://ml@db.acme.com:5432/features",
    "http://localhost:8080/a@b",
    "mailto:planning@example.com",
    "s3://bucket/key:with:colons@2026",
    "redis://cache:6379/0",
    "jdbc:sqlserver://h:1433;databaseName=x;encrypt=true",
    "password = read from the environment",
    "Password=${DB_PASSWORD};User ID=ml",
    "the user's password is stored in the vault",
    "Bearer tokens are issued by the gateway",
    "Basic authentication",
    "token: hf_",
    "sk-learn",
    "sk-lego-sk-image",
    "task-ant-colony-optimisation",
    "key-performance-indicators",
    "AKIA is the prefix of access keys",
    "AIzawa",
    "pypi-AgE",
    "ghcr.io/acme/ghp_builder:1.2.3",
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----",
    "0 3 * * 1-5",
    "ml.m5.4xlarge",
    "churn-2026-11-03T10:00:00Z",
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN",
    "0123456789012345678901234567890123456789",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit",
    "construction/ScheduleAdherence/Model2026",
    "arn:aws:sagemaker:eu-west-1:123456789012:model-package/churn/17",
    "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=",
    "vertex-ai/training/pytorch-gpu.2-4.py310:latest",
    "UkVBRE1FX0ZJTEVfTkFNRQ==",
    "glpat-",
    "Std:Join",
    "eyJ.eyJ.x",
    "SG.eu-west-1.internal",
]


def benign() -> list[str]:
    """What specs hold: names, addresses, digests, images, ARNs, versions, prose."""
    sha = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(60)]

    def name(separator: str, n: int) -> str:
        return separator.join(CHANCE.choice(WORDS) for _ in range(n))

    return [
        *(f"sha256:{s}" for s in sha),
        *(s[:40] for s in sha),
        *(s[:32] for s in sha),
        *(hashlib.sha512(s.encode()).hexdigest() for s in sha[:20]),
        *("sha512-" + base64.b64encode(hashlib.sha512(s.encode()).digest()).decode() for s in sha[:20]),
        *("sha256-" + base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in sha[:20]),
        *(str(uuid.UUID(s[:32])) for s in sha),
        *(f"s3://acme-{name('-', 2)}/{name('/', 5)}/year=2026/month=11/part-{i:05d}.parquet" for i in range(60)),
        *(f"gs://{name('-', 3)}/{name('_', 3)}" for _ in range(20)),
        *(f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{name('-', 2)}@sha256:{s}" for s in sha[:30]),
        *(f"arn:aws:iam::123456789012:role/{name('', 4)}" for _ in range(30)),
        *(f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name('/', 3)}-{some(ALNUM, 6)}" for _ in range(30)),
        *(f"arn:aws:kms:eu-central-1:123456789012:key/{uuid.UUID(s[:32])}" for s in sha[:20]),
        *(f"projects/acme/secrets/{name('-', 3)}/versions/7" for _ in range(20)),
        *(f"https://acme-kv.vault.azure.net/secrets/{name('-', 3)}/{s[:32]}" for s in sha[:20]),
        *(f"https://user@dev.azure.com/acme/{name('/', 3)}" for _ in range(10)),
        *(f"abfss://data@acme.dfs.core.windows.net/{name('/', 4)}" for _ in range(10)),
        *(f"{name('', 5)}{i}V2" for i in range(40)),
        *(f"{name('/', 6)}" for _ in range(40)),
        *(base64.b64encode(name(" ", 5).encode()).decode()[:n] for n in (16, 24, 32, 36, 44, 48, 64)),
        *(f"postgresql://${{secrets.user}}:${{secrets.password}}@db/{name('-', 2)}" for _ in range(5)),
        *HARMLESS,
        "python:3.11-slim-bookworm@sha256:" + sha[0],
        "xgboost==2.1.3 --hash=sha256:" + sha[1],
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + some(ALNUM, 43),
    ]


def test_what_specs_really_hold_is_left_alone() -> None:
    corpus = benign()
    assert len(corpus) > 600
    wrong = [text for text in corpus if find_credential(text)]
    assert len(wrong) / len(corpus) <= 0.005, wrong
    assert all(mask(text) == text for text in corpus if text not in wrong)


@pytest.mark.parametrize("name", SECRETS)
def test_no_format_of_findings_shows_a_secret(name: str) -> None:
    secret = SECRETS[name]
    parts = [p for p in secret.replace("\\n", "\n").split("\n") if "-----" not in p and len(p) > 8]
    needle = max(parts, key=len)
    quoted = json.dumps(secret)
    # On the same line as another finding, in a comment of its own line, and as a key.
    text = f"a: yes\nkeys: [{quoted}, no]\n# {secret.splitlines()[0]}\n"
    with pytest.raises(SpecError) as wrong:
        read_yaml(text, "spec.yaml")
    assert "MG115" in {d.code for d in wrong.value.findings}
    finding = Diagnostic(
        "MG106",
        f"`{secret}` is wrong",
        (secret, "x"),
        f"not {secret}",
        Fix(secret, span=Span("spec.yaml", 1, 1, 1, 2)),
        span=Span("spec.yaml", 2, 1, 2, 5),
    )
    findings = (*wrong.value.findings, finding)
    for shown in (
        as_text(findings, {"spec.yaml": text}),
        as_json(findings),
        as_github(findings),
        as_sarif(findings),
        str(wrong.value),
    ):
        assert needle not in shown
        assert json.dumps(needle)[1:-1] not in shown


def test_a_secret_spelled_with_escapes_is_not_shown_either() -> None:
    secret = SECRETS["GitHub ghp"]
    text = 'a: "gh\\x70_' + secret[4:] + '"\nb: ghp_ x\n'
    with pytest.raises(SpecError) as wrong:
        read_yaml(text, "spec.yaml")
    shown = as_text(wrong.value.findings, {"spec.yaml": text})
    assert "MG115" in shown
    assert secret[4:] not in shown


def test_a_block_of_text_is_struck_out_whole() -> None:
    body = pem("RSA ").split("\n")
    text = "key: |\n" + "".join(f"  {line}\n" for line in body) + "name: yes\n"
    with pytest.raises(SpecError) as wrong:
        read_yaml(text, "spec.yaml")
    assert [d.code for d in wrong.value.findings] == ["MG115", "MG103"]
    struck = mask(text)
    assert not any(line in struck for line in body)
    assert struck.endswith("\nname: yes\n")


def test_an_edit_that_would_write_a_secret_is_dropped() -> None:
    d = Diagnostic("MG106", "m", fix=Fix(SECRETS["npm"], span=Span("s", 1, 1, 1, 2)))
    assert json.loads(as_json([d]))["findings"][0]["fix"] is None


@pytest.mark.parametrize("piece", ['"auths":{', "AZURE a2", "curl -u", "docker login ", "machine a login a password "])
def test_no_text_of_a_megabyte_makes_the_search_slow(piece: str) -> None:
    """Seven seconds, where each `auths` was followed over all the others behind it."""
    text = piece * (900_000 // len(piece))
    start = time.process_time()
    find_credential(text)
    assert time.process_time() - start < 1.5
