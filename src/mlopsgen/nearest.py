"""Which of the known names somebody meant: the one that the fewest slips of a hand lead to."""

from __future__ import annotations

from collections.abc import Iterable

FARTHEST = 2


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The known name closest to a word, or None when none is within two slips of it.

    Capitals, hyphens and underscores do not count. Among equally close names wins the one that needs no
    letter changed for another, then the one of the same letters,
    then the one that begins and ends alike, then the first.
    """
    scored = ((_distance(word, known), i, known) for i, known in enumerate(candidates) if known != word)
    close = [(score, i, known) for score, i, known in scored if score and score[0] <= _allowed(word, known)]
    return min(close)[2] if close else None


def _allowed(word: str, known: str) -> int:
    # Two slips in a name of three letters make any name of any other.
    return min(FARTHEST, max(len(word), len(known)) // 2)


def _distance(word: str, known: str) -> tuple[int, int, bool, int] | None:
    """Slips between two names, and what breaks a tie; None when their lengths alone are too far apart."""
    a, b = _plain(word), _plain(known)
    if abs(len(a) - len(b)) > FARTHEST:
        return None
    slips, changed = _slips(a, b)
    same_ends = _common(a, b) + _common(a[::-1], b[::-1])
    return slips, changed, sorted(a) != sorted(b), -same_ends


def _plain(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "").replace(" ", "")


def _common(a: str, b: str) -> int:
    """How many letters two names share from the beginning."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _slips(a: str, b: str) -> tuple[int, int]:
    """The least slips (a letter left out, put in, changed, or two neighbours swapped), and how many are changes."""
    rows = [[(j, 0) for j in range(len(b) + 1)]]
    for i, x in enumerate(a, 1):
        row = [(i, 0)]
        for j, y in enumerate(b, 1):
            differs = int(x != y)
            ways = [
                _add(rows[i - 1][j], 1, 0),
                _add(row[j - 1], 1, 0),
                _add(rows[i - 1][j - 1], differs, differs),
            ]
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                ways.append(_add(rows[i - 2][j - 2], 1, 0))
            row.append(min(ways))
        rows.append(row)
    return rows[-1][-1]


def _add(cost: tuple[int, int], slips: int, changed: int) -> tuple[int, int]:
    return cost[0] + slips, cost[1] + changed
