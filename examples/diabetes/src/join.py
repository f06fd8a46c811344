"""Gives every patient of the train and test rows the laboratory's values.

python join.py --train=DIR --test=DIR --blood=DIR --train_rows=DIR --test_rows=DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

KEY = "patient_id"


def join(patients: pd.DataFrame, blood: pd.DataFrame) -> pd.DataFrame:
    """Every patient once, in the order of the patients; one without blood values is an error, not a gap."""
    joined = patients.merge(blood, on=KEY, how="left", validate="one_to_one", indicator=True)
    alone = joined.loc[joined["_merge"] == "left_only", KEY]
    if len(alone):
        raise SystemExit(f"{len(alone)} patients have no blood values, the first is {alone.iloc[0]}")
    return joined.drop(columns="_merge")


def read(folder: Path) -> pd.DataFrame:
    """A data set of an earlier step is `data.csv`; a source comes under its own name."""
    return pd.read_csv(next(iter(sorted(folder.glob("*.csv")))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("train", "test", "blood", "train_rows", "test_rows"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    asked = parser.parse_args()
    blood = read(asked.blood)
    for part, out in ((asked.train, asked.train_rows), (asked.test, asked.test_rows)):
        table = join(read(part), blood)
        out.mkdir(parents=True, exist_ok=True)
        table.to_csv(out / "data.csv", index=False, lineterminator="\n")
        print(f"{out.name}: {len(table)} patients, {len(table.columns)} columns")


if __name__ == "__main__":
    main()
