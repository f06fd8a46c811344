"""Writes wine.csv beside this file: the wine recognition data that comes with scikit-learn, as it is."""

from __future__ import annotations

from pathlib import Path

from sklearn.datasets import load_wine

HERE = Path(__file__).resolve().parent


def main() -> None:
    wine = load_wine(as_frame=True)
    table = wine.data.rename(columns={"od280/od315_of_diluted_wines": "od280_od315"})
    table["cultivar"] = [f"cultivar_{number + 1}" for number in wine.target]
    table.insert(0, "bottle", [f"W{number:03d}" for number in range(1, len(table) + 1)])
    table.to_csv(HERE / "wine.csv", index=False, lineterminator="\n")
    print(f"{len(table)} bottles, {table['cultivar'].nunique()} cultivars")


if __name__ == "__main__":
    main()
