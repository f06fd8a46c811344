"""Any bytes as a spec: read, or refused with findings that every format can show. Nothing else may happen.

    python -m tests.fuzz.read_text [RUNS] [SEED]

With atheris installed the bytes are steered by coverage; without it, seeds are spliced and bent at random.
"""

import random
import sys
from importlib import import_module
from pathlib import Path

from mlopsgen.codes import CODES
from mlopsgen.diagnostics import Diagnostic, SpecError
from mlopsgen.findings.fixes import apply_fixes
from mlopsgen.findings.machine_readable import as_github, as_json, as_sarif
from mlopsgen.findings.text import as_text
from mlopsgen.source import plain, read_yaml

HOUSE = Path(__file__).parents[2]
LONGEST = 4000
SIGNS = [bytes([b]) for b in b"\n\t\r :-?[]{},#&*!|>'\"%@`~<=\\\x00\x1b\x85\xff"]
FEATURES = (
    b"---\n ...\n %YAML*1.2\n <<: *a &a !!str |\n >-\n yes 0001 1e400 22:22 2026-11-03 \\x41 \\ud800 \\U00110000".split(
        b" "
    )
)
SECRETS = [b"password=abc;user=x", b"://a:b@", b"-----BEGIN " + b"PRIVATE KEY-----", b"AK" + b"IA" + b"Q" * 16]
WIDE = "é表😀\u202e\u2028\ufeff".encode()
BITS = [*SIGNS, *FEATURES, *SECRETS, WIDE, b"\xed\xa0\x80", b"  ", b"\n  ", b": ", b"- ", b"? ", b"{{ x }}"]


def one(data: bytes) -> None:
    """Read the bytes; whatever is wrong must come as findings at places, in every format."""
    try:
        source = read_yaml(data, "spec.yaml")
    except SpecError as wrong:
        show(data, wrong.findings)
    else:
        for key in plain(source.root):
            source.locate((key, 0, "x"))


def show(data: bytes, findings: tuple[Diagnostic, ...]) -> None:
    assert findings
    assert all(d.span and d.code in CODES for d in findings)
    as_text(findings, {"spec.yaml": data}, color=True)
    as_json(findings)
    as_github(findings)
    as_sarif(findings)
    apply_fixes(data.decode("utf-8", "replace"), findings)


def seeds() -> list[bytes]:
    specs = [path.read_bytes()[:LONGEST] for path in sorted(HOUSE.glob("examples/*/spec.yaml"))]
    return [
        *specs,
        b'name: "a"\ndata: {source: d.csv, columns: {a: integer}}\nsteps:\n  - run: [x, "y"]\n    t: |\n      z\n',
        b"",
    ]


def bend(chance: random.Random, pool: list[bytes]) -> bytes:
    """A seed with pieces cut out, put in, doubled and taken from another."""
    data = chance.choice(pool)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        to = min(len(data), at + chance.choice((0, 0, 1, 2, 8, 60)))
        other = chance.choice(pool)
        start = chance.randint(0, len(other))
        new = chance.choice(
            (b"", chance.choice(BITS), chance.choice(BITS) * 3, data[at:to] * 2, other[start : start + 40])
        )
        data = (data[:at] + new + data[to:])[:LONGEST]
    return data


def main(runs: int, seed: int) -> None:
    try:
        atheris = import_module("atheris")
    except ImportError:
        chance, pool = random.Random(seed), seeds()
        for _ in range(runs):
            data = bend(chance, pool)
            try:
                one(data)
            except BaseException:
                sys.stderr.write(f"fails on {data!r}\n")
                raise
        return
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-runs={runs}", f"-seed={seed}", f"-max_len={LONGEST}"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*(int(given) for given in (*sys.argv[1:3], *("10000", "1")[len(sys.argv) - 1 :])))
