"""Writes patients.csv and blood.csv beside this file: scikit-learn's diabetes data, in the two tables of a clinic.

Some of the patients come again, and visits/monday.jsonl has them with the columns of both tables.
"""

from __future__ import annotations

from pathlib import Path

from sklearn.datasets import load_diabetes

HERE = Path(__file__).resolve().parent

# The short names of the original study (Efron and others, 2004) in the order of the columns s1 to s6.
SERUM = {
    "s1": "total_cholesterol",
    "s2": "ldl",
    "s3": "hdl",
    "s4": "cholesterol_ratio",
    "s5": "log_triglycerides",
    "s6": "glucose",
}


def main() -> None:
    table = load_diabetes(as_frame=True, scaled=False).frame
    table.insert(0, "patient_id", [f"P{number:04d}" for number in range(1, len(table) + 1)])
    table["sex"] = table["sex"].map({1: "group_1", 2: "group_2"})
    table["age"] = table["age"].astype(int)
    patients = table[["patient_id", "age", "sex", "bmi", "bp", "target"]]
    patients = patients.rename(columns={"bp": "blood_pressure", "target": "progression"})
    patients.to_csv(HERE / "patients.csv", index=False, lineterminator="\n")
    # The laboratory sends its results in its own order.
    blood = table[["patient_id", *SERUM]].rename(columns=SERUM).sort_values("glucose", kind="stable")
    blood.to_csv(HERE / "blood.csv", index=False, lineterminator="\n")
    visits = patients.drop(columns="progression").merge(blood, on="patient_id").iloc[::44]
    visits.to_json(HERE.parent / "visits" / "monday.jsonl", orient="records", lines=True)
    print(f"{len(patients)} patients, {len(visits)} of them at a visit")


if __name__ == "__main__":
    main()
