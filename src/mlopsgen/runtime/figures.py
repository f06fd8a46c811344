"""Pictures of an evaluation: plain, labelled, the same bytes for the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .problems import Failed
from .scores import Said

INK, BLUE, ORANGE, GREY = "#1f2937", "#2563eb", "#d97706", "#9ca3af"
LINES = ("#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#0891b2", "#be185d", "#4d7c0f")
MOST_BARS, MOST_CLASSES = 20, 30
NOTHING = 1e-12
"""A bar of this length is none."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One feature and how much it matters, with the spread over repetitions."""

    name: str
    value: float
    spread: float = 0.0


@contextmanager
def _picture(path: Path, size: tuple[float, float], columns: int = 1) -> Iterator[Any]:
    """Opens a figure, hands out its axes, and writes it without a date or a version in it."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    style: Any = {"font.size": 11, "axes.spines.top": False, "axes.spines.right": False, "text.color": INK}
    # Titles do not touch the edge.
    style |= {"figure.constrained_layout.h_pad": 0.12, "figure.constrained_layout.w_pad": 0.08}
    with mpl.rc_context({**style, "axes.edgecolor": GREY, "axes.labelcolor": INK, "axes.titleweight": "bold"}):
        figure, axes = plt.subplots(1, columns, figsize=size, layout="constrained")
        yield axes
        figure.savefig(path, dpi=120, metadata={"Software": None})
        plt.close(figure)


def confusion(said: Said, path: Path) -> None:
    """How often each class was taken for each other: counts, coloured by the share of the true class."""
    import numpy as np

    count = len(said.classes)
    if count > MOST_CLASSES:
        raise Failed(f"{count} classes do not fit into a confusion picture; {MOST_CLASSES} do")
    at = {name: number for number, name in enumerate(said.classes)}
    table = np.zeros((count, count), dtype=int)
    for truth, prediction in zip(said.truth, said.prediction, strict=True):
        table[at[truth], at[prediction]] += 1
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    side = max(4.5, 1.1 * count)
    with _picture(path, (side + 1.2, side)) as axes:
        image = axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
        for row in range(count):
            for column in range(count):
                colour = "white" if share[row, column] > 0.6 else INK
                text = f"{table[row, column]}\n{share[row, column]:.0%}" if count <= 10 else str(table[row, column])
                axes.text(column, row, text, ha="center", va="center", color=colour)
        axes.set(xlabel="Predicted class", ylabel="True class", title="Confusion matrix")
        turn = 45 if max(len(str(name)) for name in said.classes) > 8 or count > 8 else 0
        axes.set_xticks(range(count), said.classes, rotation=turn, ha="right" if turn else "center")
        axes.set_yticks(range(count), said.classes)
        axes.spines[:].set_visible(False)
        axes.figure.colorbar(image, ax=axes, label="Share of the true class", shrink=0.8)


def roc(said: Said, path: Path) -> None:
    """True against false positives: one line with two classes, one for each class against the rest otherwise."""
    from sklearn.metrics import auc, roc_curve

    if said.chances is None:
        raise Failed("the model gives no scores, so there is no ROC curve to draw")
    shown = [said.positive] if said.positive in said.classes and len(said.classes) == 2 else list(said.classes)
    with _picture(path, (6.4, 5.6)) as axes:
        axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="by chance (AUC 0.500)")
        for number, name in enumerate(shown):
            truth = said.truth == name
            if truth.all() or not truth.any():
                continue
            wrong, right, _ = roc_curve(truth, said.chances[:, said.classes.index(str(name))])
            label = f"class {name} (AUC {auc(wrong, right):.3f})"
            axes.plot(wrong, right, color=LINES[number % len(LINES)], linewidth=2, label=label)
        axes.set(xlabel="False positive rate", ylabel="True positive rate", title="ROC curve")
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
        axes.legend(loc="lower right", frameon=False, ncols=1 + len(shown) // 12)


def residuals(said: Said, label: str, path: Path) -> None:
    """Predictions against the truth, and how the errors spread."""
    errors = said.prediction - said.truth
    low, high = min(said.truth.min(), said.prediction.min()), max(said.truth.max(), said.prediction.max())
    with _picture(path, (11, 5), columns=2) as (left, right):
        left.scatter(said.truth, said.prediction, s=16, alpha=0.6, color=BLUE, edgecolors="none")
        left.plot([low, high], [low, high], color=GREY, linestyle="--", linewidth=1, label="prediction = truth")
        left.set(xlabel=f"True {label}", ylabel=f"Predicted {label}", title="Prediction against truth")
        left.legend(frameon=False, loc="upper left")
        right.hist(errors, bins=30, color=BLUE, alpha=0.85)
        right.axvline(0, color=INK, linewidth=1)
        right.axvline(errors.mean(), color=ORANGE, linewidth=2, label=f"mean {errors.mean():.3g}")
        right.set(xlabel=f"Prediction minus truth ({label})", ylabel="Rows", title="Residuals")
        right.legend(frameon=False)


def bars(ranks: Sequence[Bar], label: str, title: str, path: Path) -> None:
    """The features that matter most, the strongest on top; those without any effect are counted, not drawn."""
    telling = [bar for bar in ranks if abs(bar.value) > NOTHING] or list(ranks)
    shown = sorted(telling, key=lambda bar: (-bar.value, bar.name))[:MOST_BARS]
    with _picture(path, (8, 1.4 + 0.34 * len(shown))) as axes:
        places = range(len(shown), 0, -1)
        spread = [bar.spread for bar in shown]
        whiskers = {"xerr": spread, "error_kw": {"ecolor": INK, "elinewidth": 1, "capsize": 3}} if any(spread) else {}
        axes.barh(places, [bar.value for bar in shown], color=BLUE, height=0.7, **whiskers)
        axes.set_yticks(places, [bar.name for bar in shown])
        axes.axvline(0, color=GREY, linewidth=1)
        axes.set(xlabel=label, title=title + left_out(len(ranks), len(telling), len(shown)))


def left_out(every: int, telling: int, shown: int) -> str:
    """What a picture does not show, behind its title."""
    notes = [f"the first {shown} of {telling}"] if telling > shown else []
    notes += [f"{every - telling} without any effect left out"] if every > telling else []
    return f" ({', '.join(notes)})" if notes else ""
