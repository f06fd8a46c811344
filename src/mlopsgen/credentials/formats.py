"""The forms of credentials: those that the services publish for secret scanners, and what stands beside a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from mlopsgen.records import dataclass

_WORD = r"[A-Za-z0-9_-]"
_ALNUM = r"[A-Za-z0-9]"
_IS = r"[\"']?\]?\s{0,4}[:=]\s{0,4}[\"']?"
_PRIVATE_KEY = (
    r"-----BEGIN (?:[A-Z0-9]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
    # A key follows, perhaps behind headers: programs that read keys name the first line alone.
    r"(?=[\s\\rn\"'+,]{0,20}(?:[A-Za-z-]{4,20}: [^\r\n]{1,100}\s{1,20}){0,4}[\s\\rn]{0,8}[A-Za-z0-9+/]{30})"
)
_KEY_LINES = r"(?:[^-]{0,20000}-----END [A-Z0-9 ]{0,40}-----|[A-Za-z0-9+/=\s\\]{0,4000})"
_USER = r"(?i:server|data source|host|user id|uid|username|user)\s{0,2}="
_IN_CONNECTION = r"(?i:password|pwd)\s{0,2}=\s{0,2}([^\s;\"'${}<>*][^\s;\"',()]{3,200})"
_USER_INFO = r"[^\s/:@\"'?#]{0,100}:([^\s/@\"'${}<>*][^\s/@\"'{}<>]{0,200})@"
_NAMED = (
    r"(?i:passw(?:or)?d|passphrase|pwd|api[_-]?key|(?:access|account|subscription)[_-]?key|secret[_-]?key|client[_-]?secret"
    r"|(?:access|api|auth|bearer|bot|github|gitlab|refresh|secret)[_-]?token|(?<=[a-z])_pass(?![a-z]))"
)
_BARE = r"[A-Za-z0-9!#%*+/@^_~-]{8,200}"
_IN_QUOTES = r"\\?[\"']([^\s\\\"'{}$<>]{8,200})\\?[\"']"
_KAGGLE = r"username\\?\" ?: ?\\?\"[^\"\\]{1,60}\\?\", ?\\?\"key\\?\" ?: ?\\?\"[0-9a-f]{32}"
_VALUES = (
    # Perhaps with its type, as a parser's default, or as bytes.
    r"\\?[\"']?\]?(?:: ?[a-z]{3,5}(?= ?=)|, ?default(?==))?\s{0,4}[=:,]\s{0,4}(?i:[bfru]{0,2})" + _IN_QUOTES,
    rf"\s{{0,2}}=\s{{0,2}}({_BARE})(?![\w(\[.])",
    # As YAML has it without quotes, alone on its line.
    rf"(?<=\n)[ \t-]{{0,40}}[A-Za-z0-9_.-]{{0,40}}{_NAMED}: {{1,4}}({_BARE}=*)(?=\s)",
)
_VALUE = rf"{_NAMED}(?:{_VALUES[0]}|{_VALUES[1]})|{_VALUES[2]}"
_BASE64_KEY = r"LS0tLS1CRUdJTiB(?:QUklWQVRF|SU0Eg|FQy|FTkNS|PUEVO|EU0Eg)[A-Za-z0-9+/=]{20}"
_IN_AUTHS = (
    r"auths\\?[\"']?\s{0,4}:(?:(?!auths)[\s\S]){0,400}?"
    r"\\?[\"']?auth\\?[\"']?\s{0,4}:\s{0,4}\\?[\"']?[A-Za-z0-9+/]{12,400}={0,2}"
)
_ORACLE = r"jdbc:oracle:[a-z0-9]{1,9}:[^\s/@:\"']{1,60}/([^\s/@\"'${}<>*]{3,100})@"
_BASE32 = r"(?=[a-z]{0,51}[2-7])[a-z2-7]{52}(?![A-Za-z0-9=])"
_WEB = r"https?://(?=[A-Za-z_-]{0,99}[0-9])(?=[0-9_-]{0,99}[A-Za-z])[A-Za-z0-9_-]{20,200}@"
_OWNERS = ("api", "access", "account", "secret", "subscription")
# The forms ask for the least a secret has; the rest of its token belongs to it.
_TOKEN = re.compile(r"[A-Za-z0-9_/+=.~%-]*")
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^A-Za-z0-9_./-]")
_HEX = re.compile(r"(?=.{0,30}[0-9])(?=.{0,30}[a-f])[0-9a-f]{32,64}")
_PLACEHOLDER = re.compile(
    r"(?i)(?:your|my|the|some|db|user|a)?[_-]?(?:pass(?:word|wd)?|pwd|pw|secret|token|user(?:name)?|postgres|root|admin"
    r"|test|dummy|example|redacted|change_?-?me|x{3,}|\.{3}|\*{3,})[0-9]{0,3}"
)


@dataclass(frozen=True, slots=True)
class SecretFormat:
    """One kind of secret: what it is called, a piece it always holds (in lower case), its form."""

    kind: str
    mark: str
    pattern: str
    beside: str | None = None
    sure: bool = True
    """Nothing else has this form: who issues it gave it to be known by."""
    opaque: bool = False
    """Any text has this form: the value, which is the first group, has to look as chance made it."""

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The start and end of each such secret in a text."""
        if self.beside and not re.search(self.beside, text):
            return
        # Compiled when a text gives reason to: all of them at once would take longer than reading the spec.
        pattern, end = re.compile(self.pattern), 0
        while match := pattern.search(text, end):
            end = match.end()
            if _TOKEN.fullmatch(text[end - 1]) and (rest := _TOKEN.match(text, end)):
                end = rest.end()
            if self._meant(match):
                yield match.start(), end

    def _meant(self, match: re.Match[str]) -> bool:
        """Whether it is a value, and not a placeholder of that form."""
        if not self.mark:
            return _random(match[0])
        value = match[match.lastindex] if match.lastindex else None
        return value is None or not (_PLACEHOLDER.fullmatch(value) or (self.opaque and not _opaque(value)))


def _format(kind: str, mark: str, form: str, beside: str | None = None) -> SecretFormat:
    return SecretFormat(kind, mark, rf"(?<!{_ALNUM}){form}", beside)


def _guess(kind: str, mark: str, form: str, beside: str | None = None) -> SecretFormat:
    """A form that something harmless may have too."""
    return SecretFormat(kind, mark, rf"(?<!{_ALNUM}){form}", beside, sure=False)


def _value(kind: str, mark: str) -> SecretFormat:
    """A value whose name alone says what it is."""
    return SecretFormat(kind, mark, _VALUE, sure=False, opaque=True)


def _login(mark: str, form: str) -> SecretFormat:
    """A password that follows a name, in a call or on a command line."""
    begins = rf"(?<!{_ALNUM}){form}" if mark[0].isalpha() else form
    return SecretFormat("a password", mark, begins, sure=False, opaque=True)


def _random(text: str) -> bool:
    """Whether upper case, lower case, digits and signs change as often as chance has it, not as in names."""
    kinds = [c.isupper() + 2 * c.islower() + 3 * c.isdigit() for c in text]
    return {1, 2, 3} <= set(kinds) and sum(a != b for a, b in pairwise(kinds)) >= 0.45 * len(kinds)


def _opaque(value: str) -> bool:
    """Whether a value falls into more and shorter pieces than words, names and versions do."""
    pieces = _PIECE.findall(value)
    if _HEX.fullmatch(value):
        return True
    return len(pieces) >= 4 and len(value) < 2.9 * len(pieces) and not value.isalpha()


TOKENS = (
    _format("an AWS access key", "akia", r"AKIA[A-Z0-9]{16}\b"),
    _format("a temporary AWS access key", "asia", r"ASIA[A-Z0-9]{16}\b"),
    _format("an AWS bearer key", "abia", r"ABIA[A-Z0-9]{16}\b"),
    _format("an AWS session token", "iqojb3jpz2lu", r"IQoJb3JpZ2lu[A-Za-z0-9/+=]{40}"),
    _format("an AWS session token", "fwogzxivyxdz", r"FwoGZXIvYXdz[A-Za-z0-9/+=]{40}"),
    _format("an Amazon Bedrock key", "absk", r"ABSK[A-Za-z0-9/+]{100}={0,2}"),
    _guess("an AWS secret key", "", r"(?<![/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"),
    _format("an Azure storage key", "accountkey=", r"(?i:AccountKey)=[A-Za-z0-9/+]{43}={0,2}"),
    _guess("an Azure account key", "==", r"(?<![/+=-])[A-Za-z0-9/+]{86}==(?![A-Za-z0-9/+=])"),
    _guess("an Azure shared access signature", "sig=", r"(?i:sig)=[A-Za-z0-9%/+]{40}={0,2}"),
    _format("an Azure shared access key", "sharedaccesskey=", r"(?i:SharedAccessKey)=[A-Za-z0-9/+]{40}={0,2}"),
    _format("an Azure DevOps token", "azdo", r"[A-Za-z0-9]{75,76}AZDO[A-Za-z0-9]{4}\b"),
    _format("a Google API key", "aiza", rf"AIza{_WORD}{{35}}(?!{_WORD})"),
    _format("an Azure client secret", "q~", r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])"),
    _format("a Google OAuth secret", "gocspx-", rf"GOCSPX-{_WORD}{{28}}"),
    _format("a webhook signing secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{24}"),
    _format("a Google access token", "ya29.", r"ya29\.[A-Za-z0-9_.-]{20}"),
    _format("a Google refresh token", "1//0", rf"1//0{_WORD}{{35}}"),
    _format("a Google HMAC key", "goog", r"GOOG[A-Z0-9]{20,57}\b"),
    _format("a GitHub token", "ghp_", r"ghp_[A-Za-z0-9]{36}"),
    _format("a GitHub OAuth token", "gho_", r"gho_[A-Za-z0-9]{36}"),
    _format("a GitHub app token", "ghu_", r"ghu_[A-Za-z0-9]{36}"),
    _format("a GitHub server token", "ghs_", r"ghs_[A-Za-z0-9]{36}"),
    _format("a GitHub refresh token", "ghr_", r"ghr_[A-Za-z0-9]{36}"),
    _format("a GitHub fine-grained token", "github_pat_", r"github_pat_[A-Za-z0-9_]{50}"),
    _format("a GitLab token", "gl", rf"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|ffct)-{_WORD}{{20}}"),
    _format("a Slack token", "xox", r"xox[abeoprs]-[A-Za-z0-9-]{10}"),
    _format("a Slack app token", "xapp-", r"xapp-[0-9]-[A-Za-z0-9-]{20}"),
    _format("a Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/[a-z]{8,9}/[A-Za-z0-9/_]{20}"),
    _format("a Teams webhook", "webhook.office.com", r"[a-z0-9]+\.webhook\.office\.com/webhookb2/[A-Za-z0-9@/-]{40}"),
    _format("a Discord webhook", "discord", rf"discord(?:app)?\.com/api/webhooks/[0-9]{{15}}/{_WORD}{{40}}"),
    _format("a Stripe key", "_live_", r"[sr]k_live_[A-Za-z0-9]{16}"),
    _guess("a Stripe test key", "_test_", r"[sr]k_test_[A-Za-z0-9]{16}"),
    _format("an npm token", "npm_", r"npm_[A-Za-z0-9]{36}\b"),
    _format("a package upload token", "pypi-age", rf"pypi-AgE{_WORD}{{50}}"),
    _format("a RubyGems key", "rubygems_", r"rubygems_[0-9a-f]{48}\b"),
    _format("a Docker Hub token", "dckr_", rf"dckr_[po]at_{_WORD}{{20}}"),
    _format("a Twilio key", "sk", r"SK[0-9a-f]{32}\b"),
    _format("a SendGrid key", "sg.", rf"SG\.{_WORD}{{22}}\.{_WORD}{{43}}"),
    _guess("a Mailgun key", "key-", r"key-[0-9a-f]{32}\b"),
    _guess("a Mailchimp key", "-us", r"[0-9a-f]{32}-us[0-9]{1,2}\b"),
    _guess("a JSON web token", "eyj", rf"(?<![_-])eyJ{_WORD}{{10,}}\.eyJ{_WORD}{{10,}}\.{_WORD}{{10}}"),
    _format("an age secret key", "age-secret-key-", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _format("an OpenAI key", "sk-", rf"sk-(?:proj-|svcacct-|admin-|None-)?{_WORD}{{16,80}}T3BlbkFJ{_WORD}{{16}}"),
    _format("an Anthropic key", "sk-ant-", rf"sk-ant-{_WORD}{{20}}"),
    _format("a Hugging Face token", "hf_", r"hf_[A-Za-z0-9]{34}"),
    _format("a Databricks token", "dapi", r"dapi[0-9a-f]{32}"),
    _format("a DigitalOcean token", "_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    _format("a Vault token", "hv", rf"hv[brs]\.{_WORD}{{24}}"),
    _format("a Terraform token", ".atlasv1.", rf"[A-Za-z0-9]{{14}}\.atlasv1\.{_WORD}{{60}}"),
    _format("a Grafana token", "gl", r"gl(?:sa|c)_[A-Za-z0-9+/_=]{32}"),
    _format("a New Relic key", "nrak-", r"NRAK-[A-Z0-9]{27}"),
    _format("a Dynatrace token", "dt0", r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    _format("a Sentry token", "sntry", r"sntry[su]_[A-Za-z0-9+/=_]{40}"),
    _format("an Atlassian token", "atatt3", r"ATATT3[A-Za-z0-9_=-]{60}"),
    _format("an Artifactory key", "akcp", r"AKCp[A-Za-z0-9]{60}"),
    _format("a Pulumi token", "pul-", r"pul-[0-9a-f]{40}"),
    _format("a Shopify token", "shp", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _format("a Telegram bot token", ":aa", rf"[0-9]{{8,10}}:AA{_WORD}{{33}}(?!{_WORD})"),
    _format("a Notion token", "ntn_", r"ntn_[A-Za-z0-9]{40}"),
    _format("a Linear key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    _format("a PlanetScale password", "pscale_", rf"pscale_(?:tkn|pw|oauth)_{_WORD}{{32}}"),
    _format("a Supabase key", "sb", r"sb(?:p|_secret)_[A-Za-z0-9_-]{20}"),
    _format("an Airtable token", "pat", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    _format("a Bitbucket password", "atbb", r"ATBB[A-Za-z0-9]{28}"),
    _format("a Groq key", "gsk_", r"gsk_[A-Za-z0-9]{40}"),
    _format("an xAI key", "xai-", r"xai-[A-Za-z0-9]{60}"),
    _format("an NVIDIA key", "nvapi-", rf"nvapi-{_WORD}{{50}}"),
    _format("a Perplexity key", "pplx-", r"pplx-[A-Za-z0-9]{40}"),
    _format("a Pinecone key", "pcsk_", r"pcsk_[A-Za-z0-9_]{40}"),
    _format("a Replicate token", "r8_", r"r8_[A-Za-z0-9]{36}"),
    _format("a LangSmith key", "lsv2_", r"lsv2_(?:pt|sk)_[0-9a-f]{32}"),
    _format("an OpenRouter key", "sk-or-v1-", r"sk-or-v1-[0-9a-f]{64}"),
    _format("a Tavily key", "tvly-", r"tvly-[A-Za-z0-9-]{28}"),
    _format("a Together key", "tgp_v1_", rf"tgp_v1_{_WORD}{{40}}"),
    _format("a Weights & Biases key", "wandb_v1_", r"wandb_v1_[A-Za-z0-9_]{40}"),
    _format("a Postman key", "pmak-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    _format("a Figma token", "figd_", rf"figd_{_WORD}{{40}}"),
    _format("a Doppler token", "dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{40}"),
    _format("a CircleCI token", "ccipat_", r"CCIPAT_[A-Za-z0-9]{20,24}_[0-9a-f]{40}"),
    _format("a Buildkite token", "bkua_", r"bkua_[0-9a-f]{40}"),
    _format("a Brevo key", "xkeysib-", r"xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    _format("a Square token", "sq0", rf"sq0(?:atp|csp)-{_WORD}{{22,43}}"),
    _format("a Contentful token", "cfpat-", rf"CFPAT-{_WORD}{{43}}"),
    _format("an Alibaba Cloud key", "ltai", r"LTAI[A-Za-z0-9]{16,20}\b"),
    _format("a Netlify token", "nfp_", r"nfp_[A-Za-z0-9]{36}"),
    _format("a Yandex Cloud key", "aqvn", rf"AQVN{_WORD}{{35}}"),
    _format("a private key in base64", "ls0tls1crudjtib", _BASE64_KEY),
    _guess("the key of a function's address", "code=", r"(?<=[?&])code=[A-Za-z0-9_/+=%-]{40}"),
    _guess("an address with a token in it", "@", _WEB),
)  # fmt: skip
"""Secrets without a blank or a quote in them: a text that has no long word has none of these."""

PHRASES = (
    _guess("an AWS secret key", "secret", rf"(?i:(?:aws_?)?secret_?(?:access_?)?key){_IS}[A-Za-z0-9/+]{{40}}\b"),
    _guess("a Google service account's key", "private_key_id", rf"private_key_id{_IS}[0-9a-f]{{40}}"),
    _guess("a Google service account's key file", "service_account", r"type\\?\" ?: ?\\?\"service_account\\?\""),
    _guess("a bearer token", "bearer", r"(?i:bearer) [A-Za-z0-9._~+/-]{20}=*"),
    _guess("a password for basic authentication", "basic", rf"(?i:authorization){_IS}(?i:basic) [A-Za-z0-9+/]{{8}}"),
    _guess("an address with a password in it", "://", rf"[A-Za-z][A-Za-z0-9+.-]{{1,20}}://{_USER_INFO}"),
    _guess("a connection string with a password", "password", _IN_CONNECTION, _USER),
    _guess("a connection string with a password", "pwd", _IN_CONNECTION, _USER),
    _format("a private key", "-----begin", _PRIVATE_KEY + _KEY_LINES),
    _format("a PuTTY private key", "putty-user-key-file", r"PuTTY-User-Key-File-[0-9]:[^#]{0,4000}"),
    _format("a Weights & Biases key", "wandb", rf"(?i:wandb_?api_?key){_IS}[0-9a-f]{{40}}"),
    _format("an SSH2 private key", "begin ssh2", r"---- BEGIN SSH2 (?:[A-Z]{2,10} ){0,2}PRIVATE KEY ----"),
    _guess("a registry's password", "auths", _IN_AUTHS),
    _format("an npm token", "_authtoken", r"_authToken\s{0,4}=\s{0,4}[A-Za-z0-9/+_-]{20}"),
    _guess("an address with a password in it", "jdbc:oracle", _ORACLE),
    _guess("an Azure DevOps token", "azure", r"(?i:azure(?:(?!azure)[^\r\n]){0,200}?)(?<![A-Za-z0-9])" + _BASE32),
    _guess("a Weights & Biases key", "wandb.login", rf"wandb\.login\([^\r\n]{{0,40}}key{_IS}[0-9a-f]{{40}}"),
    _guess("a Kaggle key", "username", _KAGGLE),
    _guess("a Django key", "django-insecure-", r"django-insecure-[^\s'\"]{30}"),
    _guess("a Fernet key", "fernet(", r"(?i:fernet)\(b?[\"'][A-Za-z0-9_-]{43}="),
    _login("machine ", r"machine \S{1,100}\s{1,9}login \S{1,100}\s{1,9}password (\S{8,200})"),
    _login("sshpass", rf"sshpass -p ?[\"']?({_BARE})"),
    _login("docker login", rf"docker login(?:(?!docker)[^\r\n]){{0,100}}? (?:-p|--password)[ =][\"']?({_BARE})"),
    _login("curl", rf"curl(?:(?!curl)[^\r\n]){{0,200}}? (?:-u|--user)[ =]?[\"']?[^\s:\"']{{1,60}}:({_BARE})"),
    _login("mysql", rf"mysql(?:(?!mysql)[^\r\n]){{0,100}}? -p({_BARE})"),
    _login("auth", rf"auth ?= ?\(\s{{0,4}}[\"'][^\s\"']{{1,60}}[\"'],\s{{0,4}}{_IN_QUOTES}"),
    _login(".login(", rf"\.login\(\s{{0,4}}[\"'][^\s\"']{{1,80}}[\"'],\s{{0,4}}{_IN_QUOTES}"),
    *(_value("a password", mark) for mark in ("passw", "passphrase", "pwd", "_pass")),
    *(_value("a key", f"{owner}{sign}key") for owner in _OWNERS for sign in ("_", "-", "")),
    *(_value("a secret", f"client{sign}secret") for sign in ("_", "-", "")),
    *(_value("a token", mark) for mark in ("_token", "-token", "accesstoken", "apitoken", "authtoken")),
)  # fmt: skip
"""Secrets that are known by the words around them."""

FORMATS = (*TOKENS, *PHRASES)
