"""Pasted credentials: told by their form, named by their kind, and never shown.

Formats are those that the services publish for secret scanners. Each names a piece that every such
secret holds, so that a text without it is passed by at the speed of a string search; every pattern
begins at a token's start, so that no text makes it slow.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

from mlopsgen.records import dataclass

_WORD = r"[A-Za-z0-9_-]"
_ALNUM = r"[A-Za-z0-9]"
_IS = r"[\"']?\s{0,4}[:=]\s{0,4}[\"']?"
_PRIVATE_KEY = r"-----BEGIN (?:[A-Z0-9]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
_KEY_LINES = r"(?:[^-]{0,20000}-----END [A-Z0-9 ]{0,40}-----|[A-Za-z0-9+/=\s\\]{0,4000})"
_USER = r"(?i:server|data source|host|user id|uid|username|user)\s{0,2}="
_IN_CONNECTION = r"(?i:password|pwd)\s{0,2}=\s{0,2}[^\s;\"'${}<>*][^\s;]{3,200}"
_USER_INFO = r"[^\s/:@\"'?#]{0,100}:[^\s/@\"'${}<>*][^\s/@\"'{}<>]{0,200}@"
# The forms ask for the least a secret has; the rest of its token belongs to it.
_TOKEN = re.compile(r"[A-Za-z0-9_/+=.~%-]*")


@dataclass(frozen=True, slots=True)
class SecretFormat:
    """One kind of secret: what it is called, a piece it always holds (in lower case), its form."""

    kind: str
    mark: str
    pattern: str
    beside: str | None = None

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
            if self.mark or _random(match[0]):
                yield match.start(), end


def _format(kind: str, mark: str, form: str, beside: str | None = None) -> SecretFormat:
    start = rf"(?<!{_ALNUM})"
    return SecretFormat(kind, mark, start + form, beside)


def _random(text: str) -> bool:
    """Whether upper case, lower case, digits and signs change as often as chance has it, not as in names."""
    kinds = [c.isupper() + 2 * c.islower() + 3 * c.isdigit() for c in text]
    return {1, 2, 3} <= set(kinds) and sum(a != b for a, b in pairwise(kinds)) >= 0.45 * len(kinds)


FORMATS = (
    _format("an AWS access key", "akia", r"AKIA[A-Z0-9]{16}\b"),
    _format("a temporary AWS access key", "asia", r"ASIA[A-Z0-9]{16}\b"),
    _format("an AWS bearer key", "abia", r"ABIA[A-Z0-9]{16}\b"),
    _format("an AWS session token", "iqojb3jpz2lu", r"IQoJb3JpZ2lu[A-Za-z0-9/+=]{40}"),
    _format("an AWS session token", "fwogzxivyxdz", r"FwoGZXIvYXdz[A-Za-z0-9/+=]{40}"),
    _format("an Amazon Bedrock key", "absk", r"ABSK[A-Za-z0-9/+]{100}={0,2}"),
    _format("an AWS secret key", "secret", rf"(?i:(?:aws_?)?secret_?(?:access_?)?key){_IS}[A-Za-z0-9/+]{{40}}\b"),
    _format("an AWS secret key", "", r"(?<![/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"),
    _format("an Azure storage key", "accountkey=", r"(?i:AccountKey)=[A-Za-z0-9/+]{43}={0,2}"),
    _format("an Azure account key", "==", r"(?<![/+=-])[A-Za-z0-9/+]{86}==(?![A-Za-z0-9/+=])"),
    _format("an Azure shared access signature", "sig=", r"(?i:sig)=[A-Za-z0-9%/+]{40}={0,2}"),
    _format("an Azure shared access key", "sharedaccesskey=", r"(?i:SharedAccessKey)=[A-Za-z0-9/+]{40}={0,2}"),
    _format("an Azure client secret", "q~", r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])"),
    _format("an Azure DevOps token", "azdo", r"[A-Za-z0-9]{75,76}AZDO[A-Za-z0-9]{4}\b"),
    _format("a Google API key", "aiza", rf"AIza{_WORD}{{35}}(?!{_WORD})"),
    _format("a Google OAuth secret", "gocspx-", rf"GOCSPX-{_WORD}{{28}}"),
    _format("a Google access token", "ya29.", r"ya29\.[A-Za-z0-9_.-]{20}"),
    _format("a Google refresh token", "1//0", rf"1//0{_WORD}{{35}}"),
    _format("a Google service account's key", "private_key_id", rf"private_key_id{_IS}[0-9a-f]{{40}}"),
    _format("a Google service account's key file", "service_account", r"type\\?\" ?: ?\\?\"service_account\\?\""),
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
    _format("a Stripe test key", "_test_", r"[sr]k_test_[A-Za-z0-9]{16}"),
    _format("a webhook signing secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{24}"),
    _format("an npm token", "npm_", r"npm_[A-Za-z0-9]{36}\b"),
    _format("a package upload token", "pypi-age", rf"pypi-AgE{_WORD}{{50}}"),
    _format("a RubyGems key", "rubygems_", r"rubygems_[0-9a-f]{48}\b"),
    _format("a Docker Hub token", "dckr_", rf"dckr_[po]at_{_WORD}{{20}}"),
    _format("a Twilio key", "sk", r"SK[0-9a-f]{32}\b"),
    _format("a SendGrid key", "sg.", rf"SG\.{_WORD}{{22}}\.{_WORD}{{43}}"),
    _format("a Mailgun key", "key-", r"key-[0-9a-f]{32}\b"),
    _format("a Mailchimp key", "-us", r"[0-9a-f]{32}-us[0-9]{1,2}\b"),
    _format("a JSON web token", "eyj", rf"(?<![_-])eyJ{_WORD}{{10,}}\.eyJ{_WORD}{{10,}}\.{_WORD}{{10}}"),
    _format("a bearer token", "bearer", r"(?i:bearer) [A-Za-z0-9._~+/-]{20}=*"),
    _format("a password for basic authentication", "basic", rf"(?i:authorization){_IS}(?i:basic) [A-Za-z0-9+/]{{8}}"),
    _format("an address with a password in it", "://", rf"[A-Za-z][A-Za-z0-9+.-]{{1,20}}://{_USER_INFO}"),
    _format("a connection string with a password", "=", _IN_CONNECTION, _USER),
    _format("a private key", "-----begin ", _PRIVATE_KEY + _KEY_LINES),
    _format("an age secret key", "age-secret-key-", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _format("a PuTTY private key", "putty-user-key-file", r"PuTTY-User-Key-File-[0-9]:[^#]{0,4000}"),
    _format("an OpenAI key", "sk-", rf"sk-(?:proj-|svcacct-|admin-|None-)?{_WORD}{{16,80}}T3BlbkFJ{_WORD}{{16}}"),
    _format("an Anthropic key", "sk-ant-", rf"sk-ant-{_WORD}{{20}}"),
    _format("a Hugging Face token", "hf_", r"hf_[A-Za-z]{34}"),
    _format("a Weights & Biases key", "wandb", rf"(?i:wandb_?api_?key){_IS}[0-9a-f]{{40}}"),
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
)  # fmt: skip


def suspects(text: str) -> tuple[SecretFormat, ...]:
    """The kinds of secret that a text may hold, told at the speed of a string search."""
    low = text.lower()
    return tuple(f for f in FORMATS if f.mark in low and (f.mark or re.search(f.pattern, text)))


def find_credential(text: str, formats: Collection[SecretFormat] | None = None) -> str | None:
    """The kind of secret that was pasted into a text, or None; the secret itself is never returned."""
    among = suspects(text) if formats is None else formats
    low = text.lower()
    return next((form.kind for form in among if form.mark in low for _ in form.spans(text)), None)


def mask(text: str) -> str:
    """The text with every secret in it struck out, line by line as long as before."""
    for form in suspects(text):
        pieces, last = [], 0
        for start, end in form.spans(text):
            pieces += [text[last:start], re.sub(r"[^\r\n]", "*", text[start:end])]
            last = end
        text = "".join((*pieces, text[last:]))
    return text
