"""Checks the data contract; a broken one stops the pipeline before anything learns from the data.

validate --contract=FILE [--contract-digest=sha256:…] [--report=DIR] --<source>=DIR… [-- COMMAND…]

Every broken rule is printed with its count and the first bad values, never a whole row. With a
COMMAND behind ` -- ` it runs when the contract holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from .contract import Contract, Source, read_contract
from .doubts import doubts
from .files import file_digest, write_json
from .flags import Flags, read_flags
from .launch import run_child
from .problems import Failed, Usage
from .rules import Broken, broken_rules
from .tables import Frame, read_rows


def run(argv: Sequence[str]) -> int:
    """Checks every source, then goes on with the command behind ` -- `."""
    flags = read_flags("validate", argv, single=("contract", "contract-digest", "report"), extra=True)
    contract = _contract(flags)
    broken: list[Broken] = []
    for name, folder in flags.extra.items():
        broken += check_source(contract, contract.sources[name], Path(folder))
    _report(flags, broken)
    if broken:
        for rule in broken:
            print(rule.message)
        count = f"{len(broken)} rules" if len(broken) > 1 else "one rule"
        raise Failed(f"the data breaks {count} of its contract: {'; '.join(_brief(broken))}")
    print(f"the data keeps its contract ({', '.join(flags.extra)})", flush=True)
    return run_child(flags.rest).code if flags.rest else 0


def _brief(broken: Sequence[Broken]) -> Iterator[str]:
    """The findings that fit on the line a platform shows; all of them stand in the log."""
    yield from (rule.message for rule in broken[:3])
    if len(broken) > 3:
        yield f"and {len(broken) - 3} more"


def _contract(flags: Flags) -> Contract:
    path = flags.folder("contract")
    contract = read_contract(path)
    wanted = flags.maybe("contract-digest")
    if wanted and wanted != f"sha256:{file_digest(path)}":
        raise Usage(f"{path} is not the contract this pipeline was compiled with; build the image again")
    for name in flags.extra:
        if name not in contract.sources:
            raise Usage(f"the contract has no source `{name}`; it has {', '.join(contract.sources)}")
    if not flags.extra:
        raise Usage(f"validate needs the folder of a source, such as --{contract.main}=DIR")
    return contract


def _report(flags: Flags, broken: Sequence[Broken]) -> None:
    folder = flags.maybe_folder("report")
    if folder is not None:
        rules = [asdict(rule) for rule in broken]
        write_json(folder / "report.json", {"passed": not broken, "sources": list(flags.extra), "broken": rules})


def check_source(contract: Contract, source: Source, folder: Path) -> list[Broken]:
    """Every rule that one source breaks."""
    if source.format == "files":
        return []
    rows = read_rows(folder, source)
    doubtful = [
        Broken(
            source=source.name, column=doubt.column, rule="doubtful", count=1, message=f"{source.name}: {doubt.message}"
        )
        for doubt in doubts(contract, source, rows)
    ]
    return [*_columns_there(contract, source, rows), *doubtful, *broken_rules(contract, source, rows)]


def _columns_there(contract: Contract, source: Source, rows: Frame) -> Iterator[Broken]:
    wanted = dict.fromkeys(column.name for column in source.columns)
    if source.name == contract.main:
        wanted |= dict.fromkeys(sorted(contract.roles.apart()))
        wanted |= dict.fromkeys(name for names in contract.checks.unique for name in names)
    for name in wanted:
        if name not in rows.columns:
            message = f"{source.name}: column `{name}` is missing"
            yield Broken(source=source.name, column=name, rule="missing", count=1, message=message)
    for name in rows.columns:
        if source.columns and name not in wanted:
            print(f"note: column `{name}` of {source.name} is not in the contract")
