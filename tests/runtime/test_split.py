from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from mlopsgen.runtime.contract import Checks, Contract, Roles, Source, Split
from mlopsgen.runtime.keys import row_keys
from mlopsgen.runtime.problems import Failed
from mlopsgen.runtime.split import PARTS, draw

from .conftest import Done, Place, Run

pytestmark = pytest.mark.slow


def split(run: Run, place: Place, *parts: str, **more: object) -> Done:
    contract = place.write_contract(split={"test": 0.2, **more})
    folders = [f"--{part}={place / part}" for part in parts]
    return run("split", f"--contract={contract}", f"--source={place / 'source'}", *folders)


def part(place: Place, name: str) -> pd.DataFrame:
    return pd.read_csv(place / name / "data.csv", dtype=str, keep_default_na=False)


def test_parts_are_shares_of_the_whole_and_lose_no_row_and_no_letter(run: Run, wine: Place) -> None:
    said = split(run, wine, "train", "test", "validation", validation=0.1).out
    sizes = {name: len(part(wine, name)) for name in ("train", "validation", "test")}
    assert said == ", ".join(f"{name}: {count} rows" for name, count in sizes.items()) + "\n"
    parts = pd.concat([part(wine, name) for name in sizes]).sort_values("id")
    whole = pd.read_csv(wine / "source" / "wine.csv", dtype=str, keep_default_na=False)
    assert parts.reset_index(drop=True).equals(whole)


def people(count: int, first: int = 0) -> pd.DataFrame:
    """Rows as csv gives them: all text."""
    chance = np.random.default_rng(first)
    return pd.DataFrame(
        {
            "id": [f"p{number}" for number in range(first, first + count)],
            "visit": [f"v{number}" for number in chance.integers(0, count // 4, count)],
            "size": [f"{size:.3f}" for size in chance.normal(size=count)],
            "bought": np.where(chance.random(count) < 0.1, "yes", "no"),
        }
    )


def parts_of(rows: pd.DataFrame, by: str = "id", roles: Roles | None = None, **split: object) -> dict[str, str]:
    """The part of each row, by its id."""
    asked = Split(**{"test": 0.2, "validation": 0.1, "stratify": False, **split})  # type: ignore[arg-type]
    contract = Contract(
        main="source",
        sources={"source": Source(name="source")},
        roles=roles or Roles(label="bought", id=by if by == "id" else None),
        checks=Checks(),
        split=asked,
    )
    drawn = draw(rows, contract, asked)
    return {rows["id"].iloc[number]: part for part in PARTS for number in drawn[part]}


WAYS = pytest.mark.parametrize(
    "way",
    [{"by": "id"}, {"by": "content"}, {"group": "visit"}, {"by": "id", "stratify": True}],
    ids=["by id", "by content", "by group", "stratified"],
)


@WAYS
@pytest.mark.parametrize("growth", [0.01, 0.6])
def test_no_row_changes_its_part_when_the_table_grows_or_is_sorted(way: dict[str, object], growth: float) -> None:
    """The champion was trained on the rows of its table; those it learned may not judge it against the next model."""
    rows = people(1000)
    before = parts_of(rows, **way)  # type: ignore[arg-type]
    grown = pd.concat([rows, people(round(1000 * growth), 1000)]).sample(frac=1, random_state=3)
    after = parts_of(grown[["size", "bought", "visit", "id"]], **way)  # type: ignore[arg-type]
    assert {row: after[row] for row in before} == before
    assert parts_of(rows, **way, seed=1) != before  # type: ignore[arg-type]


@WAYS
def test_parts_and_the_classes_in_them_are_as_large_as_chance_has_it(way: dict[str, object]) -> None:
    rows = people(20_000)
    drawn = pd.Series(parts_of(rows, **way)).loc[rows["id"]].to_numpy()  # type: ignore[arg-type]
    for mine in (np.full(len(rows), True), (rows["bought"] == "yes").to_numpy()):
        for name, share in (("test", 0.2), ("validation", 0.1)):
            # Of groups the share is right, and they are of some four rows each.
            error = (share * (1 - share) / mine.sum()) ** 0.5 * (5**0.5 if "group" in way else 1)
            assert abs((drawn[mine] == name).mean() - share) < 4 * error


def test_rows_that_are_alike_are_in_one_part() -> None:
    rows = people(200)
    twins = pd.concat([rows, rows.assign(id=[f"twin-{name}" for name in rows["id"]])])
    drawn = parts_of(twins.rename(columns={"id": "row"}).assign(id=twins["id"]), roles=Roles(ignore=("row", "id")))
    assert set(drawn.values()) == set(PARTS)
    alike = parts_of(twins, roles=Roles(id="size"))
    assert all(alike[name] == alike[f"twin-{name}"] for name in rows["id"])
    same = Contract(
        main="source", sources={"source": Source(name="source")}, roles=Roles(), checks=Checks(), split=Split()
    )
    both = pd.concat([rows, rows], ignore_index=True)
    numbers = draw(both, same, Split(stratify=False))
    assert {number % 200 for number in numbers["test"]}.isdisjoint(number % 200 for number in numbers["train"])


def test_rows_of_one_group_are_in_one_part() -> None:
    rows = people(400)
    drawn = pd.Series(parts_of(rows, group="visit")).loc[rows["id"]]
    assert (drawn.groupby(rows["visit"].to_numpy()).nunique() == 1).all()
    with pytest.raises(Failed, match="the data has no column `house`"):
        parts_of(rows, group="house")


def test_rows_without_an_id_are_known_by_what_they_hold() -> None:
    rows = people(300)
    nameless = rows.assign(name=rows["id"].where(np.arange(300) % 2 == 0, ""))
    assert set(pd.Series(parts_of(nameless, roles=Roles(id="name"))).iloc[1::2]) == set(PARTS)


def small() -> Iterator[tuple[int, int, bool]]:
    for count in (5, 6, 8, 12, 20):
        for seed in range(40):
            yield count, seed, bool(seed % 2)


def test_no_part_of_a_small_table_is_empty() -> None:
    for count, seed, stratify in small():
        rows = people(count, seed * 1000)
        drawn = parts_of(rows, test=0.25, validation=0.25, seed=seed, stratify=stratify)
        assert set(drawn.values()) == set(PARTS), (count, seed)


def test_a_class_is_in_each_part_that_can_expect_a_row_of_it() -> None:
    for seed in range(60):
        rows = people(120).assign(bought=["yes"] * 10 + ["no"] * 110)
        drawn = pd.Series(parts_of(rows, seed=seed, stratify=True)).loc[rows["id"]]
        assert set(drawn[:10]) == set(PARTS), seed


def test_rows_that_are_all_alike_cannot_be_split(run: Run, wine: Place) -> None:
    path = wine / "source" / "wine.csv"
    frame = pd.read_csv(path, dtype=str)
    frame.assign(id="one").to_csv(path, index=False)
    done = split(run, wine, "train", "test")
    assert (done.code, "no test rows would be left; those of one group or id" in done.err) == (1, True)


def test_a_row_is_the_same_in_csv_and_in_parquet() -> None:
    text = pd.DataFrame({"id": ["1", "2", "3", "40", "5"] * 9, "x": ["1", "0", "2.5", "", "7"] * 9})
    numbers = pd.DataFrame({"id": [1, 2, 3, 40, 5] * 9, "x": [1.0, 0.0, 2.5, None, 7.0] * 9})
    assert [row_keys(text, name) for name in (None, "id")] == [row_keys(numbers, name) for name in (None, "id")]


def test_the_seed_alone_decides(run: Run, wine: Place) -> None:
    split(run, wine, "train", "test", seed=7)
    first = (wine / "test" / "data.csv").read_bytes()
    split(run, wine, "train", "test", seed=7)
    assert (wine / "test" / "data.csv").read_bytes() == first
    split(run, wine, "train", "test", seed=8)
    assert (wine / "test" / "data.csv").read_bytes() != first


def test_a_number_is_stratified_by_tenths() -> None:
    rows = people(40).assign(bought=[f"{number}.5" for number in range(40)])
    for seed in range(40):
        drawn = parts_of(rows, test=0.25, validation=0.0, seed=seed, stratify=True)
        tenths = {int(float(row["bought"])) // 4 for _, row in rows.iterrows() if drawn[row["id"]] == "test"}
        assert len(tenths) == 10, seed


def test_a_class_with_one_row_is_kept_for_training(run: Run, wine: Place) -> None:
    path = wine / "source" / "wine.csv"
    frame = pd.read_csv(path, dtype=str)
    frame.loc[5, "target"] = "rare"
    frame.to_csv(path, index=False)
    for seed in range(5):
        split(run, wine, "train", "test", seed=seed)
        assert "rare" in set(part(wine, "train")["target"])


def test_by_time_the_newest_rows_are_the_test_rows(run: Run, wine: Place) -> None:
    path = wine / "source" / "wine.csv"
    frame = pd.read_csv(path, dtype=str)
    days = pd.date_range("2024-01-01", periods=len(frame)).strftime("%Y-%m-%d")
    frame.assign(at=days[::-1]).to_csv(path, index=False)
    wine.contract["roles"]["time"] = "at"
    split(run, wine, "train", "test", "validation", by_time=True, validation=0.2)
    newest, middle, oldest = (part(wine, name)["at"] for name in ("test", "validation", "train"))
    assert oldest.max() < middle.min() <= middle.max() < newest.min()


def test_a_moment_is_not_cut_in_two(run: Run, wine: Place) -> None:
    """Of two days with half the rows each, the later one is the test: rows of one day may know of each other."""
    path = wine / "source" / "wine.csv"
    frame = pd.read_csv(path, dtype=str)
    frame.assign(at=["2024-01-02", "2024-01-01"] * 89).to_csv(path, index=False)
    wine.contract["roles"]["time"] = "at"
    split(run, wine, "train", "test", by_time=True)
    assert [set(part(wine, name)["at"]) for name in ("train", "test")] == [{"2024-01-01"}, {"2024-01-02"}]
    done = split(run, wine, "train", "test", "validation", by_time=True, validation=0.2)
    assert (done.code, done.err) == (1, "mlopsgen: column `at` has too few moments for this split: 2\n")


def test_a_part_without_a_folder_and_a_split_without_rows_are_refused(run: Run, wine: Place) -> None:
    done = split(run, wine, "train", "test", validation=0.1)
    assert (done.code, done.err.startswith("mlopsgen: split needs --validation=DIR for its ")) == (2, True)
    done = split(run, wine, "train", "test", test=0.001)
    assert (done.code, done.err) == (1, "mlopsgen: 178 rows are too few for this split: no test rows would be left\n")
