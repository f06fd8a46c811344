"""Secrets of every form that is looked for, put together when the tests run: no scanner takes this file for one."""

from __future__ import annotations

import base64
import json
import random
import string
import uuid
from collections.abc import Callable, Mapping

ALNUM = string.ascii_letters + string.digits
WORD = ALNUM + "-_"
HEX = "0123456789abcdef"
BASE32 = string.ascii_lowercase + "234567"
LOWER = string.ascii_lowercase + string.digits


class Chance:
    """Draws that are the same in each run."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def some(self, alphabet: str, length: int) -> str:
        return "".join(self.random.choices(alphabet, k=length))

    def b64(self, length: int) -> str:
        return base64.b64encode(self.random.randbytes(length)).decode()

    def password(self, length: int = 16) -> str:
        """As a manager of passwords makes them."""
        return self.some(ALNUM, length - 2) + self.some(string.digits, 1) + self.some(string.ascii_uppercase, 1)

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=self.random.randbytes(16), version=4))


def _pem(c: Chance, kind: str = "") -> str:
    dashes = "-" * 5
    return f"{dashes}BEGIN {kind}PRIVATE KEY{dashes}\n{c.b64(48)}\n{c.b64(48)}\n{dashes}END {kind}PRIVATE KEY{dashes}"


def _prefixed(*pieces: str, alphabet: str = ALNUM, length: int) -> Callable[[Chance], str]:
    return lambda c: "".join(pieces) + c.some(alphabet, length)


def _kubeconfig(c: Chance) -> str:
    return "client-key" + "-data: " + base64.b64encode(_pem(c, "RSA ").encode()).decode()


def _docker(c: Chance) -> str:
    login = base64.b64encode(f"robot:{c.password()}".encode()).decode()
    return json.dumps({"au" + "ths": {"registry.acme.example": {"auth": login}}})


OTHERS: Mapping[str, Callable[[Chance], str]] = {
    "Docker's login": _docker,
    "kubeconfig": _kubeconfig,
    "PEM in base64": lambda c: base64.b64encode(_pem(c).encode()).decode(),
    "token in an address": lambda c: "https://" + c.some(LOWER, 38) + "7a@git.acme.example/x/y.git",
    "npmrc": lambda c: "//npm.acme.example/:_auth" + "Token=" + c.uuid(),
    "Oracle": lambda c: "jdbc:oracle" + f":thin:ml/{c.password()}@db.acme.example:1521/x",
    "SSH2": lambda c: "---- BEGIN SSH2 ENCRYPTED PRIV" + "ATE KEY ----\n" + c.b64(48),
    "password=": lambda c: "password" + "=" + c.password(),
    "PGPASSWORD": lambda c: "PGPASS" + "WORD=" + c.password(20),
    "API_KEY=": lambda c: "ACME_API" + "_KEY=" + c.some(ALNUM, 32),
    "sasl.password": lambda c: "sasl.pass" + "word=" + c.password(),
    "quoted password": lambda c: "db_pass" + f'word = "{c.password()}"',
    "client secret": lambda c: "client_sec" + f'ret: "{c.some(ALNUM, 32)}"',
    "access token": lambda c: "access_tok" + f'en="{c.some(ALNUM, 40)}"',
    "function's code": lambda c: "https://f.acme.example/api/score?co" + "de=" + c.some(ALNUM, 54) + "==",
    "Azure AI key": lambda c: "Ocp-Apim-Subscription" + f'-Key: "{c.some(HEX, 32)}"',
    "Azure DevOps of old": lambda c: "AZURE_DEVOPS_EXT_P" + "AT " + c.some(BASE32, 51) + "3",
    "Bitbucket": _prefixed("AT", "BB", length=32),
    "Groq": _prefixed("gs", "k_", length=52),
    "xAI": _prefixed("xa", "i-", length=80),
    "NVIDIA": _prefixed("nva", "pi-", alphabet=WORD, length=64),
    "Perplexity": _prefixed("ppl", "x-", length=48),
    "Pinecone": _prefixed("pcs", "k_", length=70),
    "Replicate": _prefixed("r", "8_", length=37),
    "LangSmith": lambda c: "lsv" + "2_pt_" + c.some(HEX, 32) + "_" + c.some(HEX, 10),
    "OpenRouter": _prefixed("sk-o", "r-v1-", alphabet=HEX, length=64),
    "Tavily": _prefixed("tvl", "y-", length=32),
    "Together": _prefixed("tgp", "_v1_", alphabet=WORD, length=43),
    "Weights & Biases of now": _prefixed("wand", "b_v1_", length=77),
    "Postman": lambda c: "PM" + "AK-" + c.some(HEX, 24) + "-" + c.some(HEX, 34),
    "Figma": _prefixed("fig", "d_", alphabet=WORD, length=40),
    "Doppler": _prefixed("dp.", "pt.", length=43),
    "CircleCI": lambda c: "CCI" + "PAT_" + c.some(ALNUM, 22) + "_" + c.some(HEX, 40),
    "Buildkite": _prefixed("bk", "ua_", alphabet=HEX, length=40),
    "Brevo": lambda c: "xkey" + "sib-" + c.some(HEX, 64) + "-" + c.some(ALNUM, 16),
    "Square": _prefixed("sq0", "csp-", alphabet=WORD, length=43),
    "Contentful": _prefixed("CF", "PAT-", alphabet=WORD, length=43),
    "Alibaba Cloud": _prefixed("LT", "AI", length=20),
    "Netlify": _prefixed("nf", "p_", length=36),
    "Yandex Cloud": _prefixed("AQ", "VN", alphabet=WORD, length=38),
    "Weights & Biases in a call": lambda c: "wandb.log" + f"in(key='{c.some(HEX, 40)}')",
    "Weights & Biases in os.environ": lambda c: "os.environ['WANDB_API" + f"_KEY'] = '{c.some(HEX, 40)}'",
    "Kaggle": lambda c: json.dumps({"user" + "name": "ml", "key": c.some(HEX, 32)}),
    "key of hex digits": lambda c: "api_k" + f"ey='{c.some(HEX, 32)}'",
    "Django": lambda c: "SECRET_KEY = 'django-inse" + f"cure-{c.some(LOWER + '!@#%^&*', 50)}'",
    "Fernet": lambda c: "Fer" + f"net(b'{base64.urlsafe_b64encode(c.random.randbytes(32)).decode()}')",
    "GitHub's of old": lambda c: "github_tok" + f"en = '{c.some(HEX, 40)}'",
    "netrc": lambda c: "machine git.acme.example login robot pass" + f"word {c.password()}",
    "sshpass": lambda c: "sshp" + f"ass -p {c.password()} ssh ml@host",
    "docker login": lambda c: "docker lo" + f"gin -u robot -p {c.password()} registry.acme.example",
    "curl": lambda c: "cu" + f"rl -u robot:{c.password()} https://api.acme.example",
    "mysql": lambda c: "mys" + f"ql -u ml -p{c.password()} x",
    "name and password of a request": lambda c: "requests.get(u, au" + f"th=('robot', '{c.password()}'))",
    "name and password of a login": lambda c: "server.log" + f"in('ml@acme.example', '{c.password()}')",
    "password in bytes": lambda c: "pass" + f"word = b'{c.password()}'",
    "password with a type": lambda c: "pass" + f"word: str = '{c.password()}'",
    "password of a parser": lambda c: "p.add_argument('--pass" + f"word', default='{c.password()}')",
    "pass": lambda c: "db_pa" + f"ss = '{c.password()}'",
    "Hugging Face of digits": lambda c: "h" + "f_" + c.some(ALNUM, 34),
}
"""Beyond those of test_credentials.py."""
