from __future__ import annotations

import pandas as pd
import pytest

from .conftest import Done, Place, Run

pytestmark = pytest.mark.slow


def split(run: Run, place: Place, *parts: str, **more: object) -> Done:
    contract = place.write_contract(split={"test": 0.2, **more})
    folders = [f"--{part}={place / part}" for part in parts]
    return run("split", f"--contract={contract}", f"--source={place / 'source'}", *folders)


def part(place: Place, name: str) -> pd.DataFrame:
    return pd.read_csv(place / name / "data.csv", dtype=str, keep_default_na=False)


def test_parts_are_shares_of_the_whole_and_lose_no_row_and_no_letter(run: Run, wine: Place) -> None:
    assert split(run, wine, "train", "test", "validation", validation=0.1).out == (
        "train: 124 rows, validation: 18 rows, test: 36 rows\n"
    )
    parts = pd.concat([part(wine, name) for name in ("train", "test", "validation")]).sort_values("id")
    whole = pd.read_csv(wine / "source" / "wine.csv", dtype=str, keep_default_na=False)
    assert parts.reset_index(drop=True).equals(whole)


def test_every_class_keeps_its_share(run: Run, wine: Place) -> None:
    split(run, wine, "train", "test")
    # 59, 71 and 48 of 178 wines; a fifth of each, rounded.
    assert part(wine, "test")["target"].value_counts().to_dict() == {"0": 12, "1": 14, "2": 10}


def test_the_seed_alone_decides(run: Run, wine: Place) -> None:
    split(run, wine, "train", "test", seed=7)
    first = (wine / "test" / "data.csv").read_bytes()
    split(run, wine, "train", "test", seed=7)
    assert (wine / "test" / "data.csv").read_bytes() == first
    split(run, wine, "train", "test", seed=8)
    assert (wine / "test" / "data.csv").read_bytes() != first


def test_a_number_is_stratified_by_tenths(run: Run, diabetes: Place) -> None:
    split(run, diabetes, "train", "test")
    test = part(diabetes, "test")["target"].astype(float)
    whole = pd.read_csv(diabetes / "source" / "diabetes.csv")["target"]
    for decile in (0.1, 0.5, 0.9):
        assert abs((test <= whole.quantile(decile)).mean() - decile) < 0.03


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


def test_a_part_without_a_folder_and_a_split_without_rows_are_refused(run: Run, wine: Place) -> None:
    done = split(run, wine, "train", "test", validation=0.1)
    assert (done.code, done.err) == (2, "mlopsgen: split needs --validation=DIR for its 18 rows\n")
    done = split(run, wine, "train", "test", test=0.001)
    assert (done.code, done.err) == (1, "mlopsgen: 178 rows are too few for this split: no test rows would be left\n")
