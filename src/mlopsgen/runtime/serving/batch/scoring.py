"""One part, from its first record to its place in the store.

Before its predictions are put in place, its bad records are; what says that the part is done comes last. A part that
was cut off anywhere before is scored again, and takes the place of what there is of it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ...files import file_digest
from ...platforms import open_tree
from ...platforms.api import Entry, Tree
from ...problems import Failed
from ...tables import Series
from ..outputs import Columns
from ..refusals import Problem
from ..scorer import Scorer
from .calls import Answers, Caller, Loaded, batches, caller
from .lots import ROWS, Bad, Lot, Reader
from .output import Writer, open_writer
from .parts import Part, parquet
from .plan import Plan, Progress
from .settings import Settings


class BadRecord(Failed):
    """A record that fails the run."""


@dataclass(slots=True)
class Counts:
    """How many records a part had."""

    read: int = 0
    scored: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """All that the parts of one process share."""

    settings: Settings
    plan: Plan
    progress: Progress
    source: Tree
    staged: Tree
    """Where finished parts wait, or already lie."""
    letters: Tree
    reader: Reader
    scorer: Scorer
    call: Caller

    def score(self, part: Part) -> str:
        """Scores a part, puts it in its place, and says how it went."""
        entry = self.plan.files[part.file]
        counts = Counts()
        with TemporaryDirectory(prefix="score-") as place:
            scored, letters = Path(place) / "part", Path(place) / "letters"
            with letters.open("wb") as bad:
                self._write(entry, part, scored, counts, lambda one: bad.write(self._letter(one)))
            self._put(part, scored, letters, counts)
        of = f"part {part.number + 1} of {len(self.plan.parts)} ({entry.name})"
        return f"{of}: {counts.scored} records scored" + (f", {counts.bad} bad" if counts.bad else "")

    def _put(self, part: Part, scored: Path, letters: Path, counts: Counts) -> None:
        name = f"{part.stem}.{self.settings.written.format}"
        # No record, no file: its columns would be none, too.
        facts: dict[str, Any] = {"file": self.plan.files[part.file].name, "name": name if counts.scored else None}
        if self.settings.on_bad == "dead-letter" and letters.stat().st_size:
            self.letters.put(letters, f"{part.stem}.jsonl")
        elif not self.plan.is_new:
            # What an earlier try has left; then the model may have been slow for a while.
            self.letters.remove(f"{part.stem}.jsonl")
        if counts.scored:
            self.staged.put(scored, name)
            facts |= {"bytes": scored.stat().st_size, "sha256": file_digest(scored)}
        elif not self.plan.is_new:
            self.staged.remove(name)
        numbers = {"read": counts.read, "scored": counts.scored, "bad": counts.bad}
        self.progress.note(part.stem, {**facts, **numbers})

    def _write(self, entry: Entry, part: Part, path: Path, counts: Counts, tell: Callable[[Bad], Any]) -> None:
        writer = open_writer(path, self.settings.written, self._types(entry), classes=bool(self.scorer.classes))
        try:
            for lot in self.reader.lots(entry, part):
                bad = self._lot(lot, writer, counts)
                for one in sorted(bad, key=lambda one: one.line):
                    if self.settings.on_bad == "fail":
                        raise BadRecord(_message(one))
                    tell(one)
                counts.bad += len(bad)
                counts.read += len(lot.rows) + len(lot.bad)
        finally:
            writer.close()

    def _types(self, entry: Entry) -> dict[str, Any]:
        """Arrow's types of the input's columns, which the output's keep."""
        if {self.settings.read.format, self.settings.written.format} != {"parquet"}:
            return {}
        fields = parquet(self.source, entry).schema_arrow
        return {
            field.name: getattr(field.type, "value_type", field.type) if _is_coded(field) else field.type
            for field in fields
        }

    def _lot(self, lot: Lot, writer: Writer, counts: Counts) -> list[Bad]:
        """Scores some records, and gives those that are bad."""
        bad = list(lot.bad)
        if not len(lot.rows):
            return bad
        table, problems = self._checked(lot)
        bad += [lot.blamed(row, problem.message, problem.column) for row, problem in problems.items()]
        answers = Answers(self.call, table, self.settings.calls.retries)
        good = [row for row in range(len(lot.rows)) if row not in problems]
        for batch in batches(lot.sizes, good, self.settings.calls):
            answers.ask(batch)
        bad += [lot.blamed(row, reason) for row, reason in answers.bad.items()]
        places, columns = together(answers)
        if places:
            beside = {name: as_written(lot.rows[name].iloc[places]) for name in self.settings.written.columns}
            if "id" in beside:
                # What a script says the id is, is not as it was written.
                columns.pop("id", None)
            taken = next((name for name in beside if name in columns), None)
            if taken is not None:
                raise Failed(f"--out-columns names `{taken}`, which is also a column of the predictions")
            writer.write(beside, columns)
        counts.scored += len(places)
        return bad

    def _checked(self, lot: Lot) -> tuple[Any, dict[int, Problem]]:
        """The records in the model's types, and the first problem of each that has one."""
        written = self.settings.written.columns
        absent = next((name for name in written if name not in lot.rows.columns), None)
        if absent is not None:
            raise Failed(f"{lot.file} has no column `{absent}`, which --out-columns names")
        checked = self.scorer.check(lot.rows, decimal=self.scorer.signature.decimal, spare=written)
        first: dict[int, Problem] = {}
        for problem in checked.problems:
            for row in [problem.row] if problem.row is not None else self._having(lot, problem):
                first.setdefault(row, problem)
        return checked.table, first

    def _having(self, lot: Lot, problem: Problem) -> list[int]:
        """The records that a column's problem is of: of JSON those that have it, of a table the file as a whole."""
        if self.settings.read.format == "jsonl" and problem.column in lot.rows.columns:
            return [row for row, there in enumerate(lot.rows[problem.column].notna()) if there]
        raise Failed(f"{lot.file}: {problem.message}")

    def _letter(self, bad: Bad) -> bytes:
        raw = bad.raw.rstrip(b"\r\n")
        try:
            record = {"record": raw.decode("utf-8")}
        except UnicodeDecodeError:
            record = {"record_base64": base64.b64encode(raw).decode()}
        column = {} if bad.column is None else {"column": bad.column}
        letter = {
            **record, "file": bad.file, "line": bad.line, **column, "reason": bad.reason,
            "model_version": self.plan.version.name, "run": self.settings.run,
        }  # fmt: skip
        return json.dumps(letter, ensure_ascii=False).encode() + b"\n"


def _is_coded(field: Any) -> bool:
    """Whether a column holds numbers of words, as categories are kept."""
    import pyarrow as pa

    return bool(pa.types.is_dictionary(field.type))


def _message(bad: Bad) -> str:
    column = "" if bad.column is None or f"`{bad.column}`" in bad.reason else f" column `{bad.column}`"
    return f"{bad.file} line {bad.line}{column}: {bad.reason}"


def as_written(values: Series) -> list[Any]:
    """Values of the input, of Python's own types; null is None."""
    plain = values.astype(object)
    return list(plain.where(plain.notna(), None))


def together(answers: Answers) -> tuple[list[int], Columns]:
    """What the calls said, in the records' order."""
    pieces = sorted(answers.pieces, key=lambda one: one[0][0])
    places = [place for some, _ in pieces for place in some]
    names = dict.fromkeys(name for _, columns in pieces for name in columns)
    joined = {
        name: [value for some, columns in pieces for value in columns.get(name, [None] * len(some))] for name in names
    }
    order = sorted(range(len(places)), key=places.__getitem__)
    return [places[at] for at in order], {name: [values[at] for at in order] for name, values in joined.items()}


def places_of(settings: Settings) -> tuple[str, str]:
    """Where finished parts wait, and where dead letters lie."""
    output = settings.output.rstrip("/")
    staged = f"{output}/_staged/run={settings.run}" if settings.overwrite else f"{output}/run={settings.run}"
    return staged, f"{settings.root.rstrip('/')}/dead-letter/run={settings.run}"


@contextmanager
def scoring(settings: Settings, plan: Plan, loaded: Loaded) -> Iterator[Scoring]:
    """All that is needed to score parts, the model loaded."""
    scorer = loaded.scorer()
    staged, letters = places_of(settings)
    source = open_tree(plan.base)
    signature = scorer.signature
    known = [one.name for one in (*signature.inputs, *signature.beside)]
    reader = Reader(
        tree=source,
        read=settings.read,
        delimiter=signature.delimiter,
        rows=rows_of_lot(settings),
        needs=(*known, *settings.written.columns),
    )
    with caller(loaded, scorer, settings.calls.timeout) as call:
        yield Scoring(
            settings=settings,
            plan=plan,
            progress=Progress(settings),
            source=source,
            staged=open_tree(staged),
            letters=open_tree(letters),
            reader=reader,
            scorer=scorer,
            call=call,
        )


def rows_of_lot(settings: Settings) -> int:
    """Records that are checked at once: whole mini-batches."""
    size = 1 if settings.calls.by_bytes else settings.calls.size
    return size * max(1, ROWS // size)
