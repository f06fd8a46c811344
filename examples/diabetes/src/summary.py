"""Writes a page that shows, in numbers, what the model learns from.

python summary.py --rows=DIR --page=DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Train rows</title>
<style>body {{ font: 15px sans-serif; margin: 2rem }} td, th {{ padding: .2rem .6rem; text-align: right }}</style>
</head><body><h1>{rows} patients to learn from</h1>{table}</body></html>
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--page", type=Path, required=True)
    asked = parser.parse_args()
    rows = pd.read_csv(asked.rows / "data.csv")
    asked.page.mkdir(parents=True, exist_ok=True)
    shown = rows.describe().T.round(2).to_html(border=0)
    (asked.page / "summary.html").write_text(PAGE.format(rows=len(rows), table=shown), encoding="utf-8")


if __name__ == "__main__":
    main()
