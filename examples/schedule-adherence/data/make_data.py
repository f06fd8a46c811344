"""Simulates 50 construction projects and writes schedule_management.csv beside this file.

Each project has a schedule (when an activity starts, how long it may take, how much float it has)
and each activity has what happened on site (crew, hours, weather, material, design changes). An
activity is late when the days it lost are more than its float. What nobody records, such as a
machine that broke down, is drawn as noise: no model can be right every time.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent

# Working hours that a crew needs for one unit of work.
ACTIVITIES = {
    "excavation": 5.0,
    "foundation": 7.0,
    "framing": 6.0,
    "plumbing": 4.0,
    "electrical": 4.5,
    "finishing": 5.5,
}
# How hard the sites are, in days lost on average.
PROJECTS = {"residential": 0.0, "commercial": 0.8, "infrastructure": 1.6}
CONTRACTORS = ("general", "specialist", "in_house")


def schedules(chance: np.random.RandomState, projects: int, each: int) -> pd.DataFrame:
    """What was planned: one row for each activity of each project."""
    rows = projects * each
    table = pd.DataFrame({"activity_id": [f"A{number:05d}" for number in range(1, rows + 1)]})
    table["project_type"] = np.repeat(chance.choice(list(PROJECTS), projects), each)
    table["activity_type"] = chance.choice(list(ACTIVITIES), rows)
    table["contractor_type"] = chance.choice(CONTRACTORS, rows, p=[0.45, 0.35, 0.2])
    table["start_month"] = (np.repeat(chance.randint(0, 12, projects), each) + chance.randint(0, 9, rows)) % 12 + 1
    table["project_schedule"] = np.round(chance.gamma(6.0, 3.0, rows) + 3, 1)
    table["float_days"] = np.round(chance.gamma(2.0, 1.6, rows), 1)
    return table


def activity(chance: np.random.RandomState, plan: pd.DataFrame) -> pd.DataFrame:
    """What happened on site."""
    rows, table = len(plan), plan.copy()
    table["crew_size"] = chance.randint(3, 13, rows)
    work = table["project_schedule"] * table["activity_type"].map(ACTIVITIES) * chance.lognormal(0.0, 0.35, rows)
    table["activity_hours"] = np.round(work * 6, 0)
    winter = table["start_month"].isin([11, 12, 1, 2])
    table["weather_days"] = chance.poisson(np.where(winter, 3.0, 0.9))
    table["material_delay"] = np.round(chance.exponential(1.2, rows) * (chance.uniform(size=rows) < 0.5), 1)
    table["design_changes"] = chance.poisson(0.7, rows)
    return table


def lost_days(chance: np.random.RandomState, table: pd.DataFrame) -> pd.Series:
    """Days that an activity needs beyond its schedule, of which its float takes some."""
    needed = table["activity_hours"] / (table["crew_size"] * 8)
    short_of_crew = np.clip(needed / table["project_schedule"] - 0.6, -0.4, 1.2) * 6
    # Rain stops work in the open alone.
    outside = table["activity_type"].isin(["excavation", "foundation", "framing"])
    weather = table["weather_days"] * np.where(outside, 0.9, 0.15)
    changes = table["design_changes"] * 0.8
    site = table["project_type"].map(PROJECTS)
    return short_of_crew + weather + table["material_delay"] + changes + site + chance.normal(0.0, 1.1, len(table))


def simulate(seed: int, projects: int = 50, each: int = 30) -> pd.DataFrame:
    """The whole table, the same for the same seed."""
    chance = np.random.RandomState(seed)
    table = activity(chance, schedules(chance, projects, each))
    late = lost_days(chance, table) > table["float_days"]
    # Some foremen never hand in their hours.
    table["activity_hours"] = table["activity_hours"].where(chance.uniform(size=len(table)) > 0.02)
    table["schedule_adherence"] = np.where(late, "late", "on_time")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--out", type=Path, default=HERE / "schedule_management.csv")
    asked = parser.parse_args()
    table = simulate(asked.seed)
    table.to_csv(asked.out, index=False, lineterminator="\n")
    shares = table["schedule_adherence"].value_counts(normalize=True)
    print(f"{len(table)} activities, {shares['on_time']:.0%} on time")


if __name__ == "__main__":
    main()
