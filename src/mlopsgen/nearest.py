"""Which of the known names somebody meant: the one that the fewest slips of a hand lead to."""

from __future__ import annotations

from collections.abc import Iterable

FARTHEST = 2

_SLIP = 1 << 32
_CHANGE = _SLIP + 1


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
    """Slips between two names, and what breaks a tie; None when they are more than `FARTHEST`."""
    a, b = _plain(word), _plain(known)
    # A slip makes a name one letter longer at most, and brings or takes two letters at most.
    if abs(len(a) - len(b)) > FARTHEST or len({*a} ^ {*b}) > 2 * FARTHEST:
        return None
    slips, changed = _slips(a, b)
    if slips > FARTHEST:
        return None
    same_ends = _common(a, b) + _common(a[::-1], b[::-1])
    return slips, changed, sorted(a) != sorted(b), -same_ends


def _plain(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "").replace(" ", "")


def _common(a: str, b: str) -> int:
    """How many letters two names share from the beginning."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _slips(a: str, b: str) -> tuple[int, int]:
    """The least slips (a letter left out, put in, changed, or two neighbours swapped), and how many are changes.

    Only exact up to `FARTHEST`: what lies farther from the diagonal than that many letters is not looked at.
    A cost is one number, slips above changes, so that the least of several is found in one comparison.
    """
    far = (FARTHEST + 1) * _SLIP
    before, row = [far] * (len(b) + 1), [j * _SLIP for j in range(len(b) + 1)]
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [far] * (len(b) + 1)
        row[0] = i * _SLIP
        for j in range(max(1, i - FARTHEST), min(len(b), i + FARTHEST) + 1):
            y = b[j - 1]
            cost = min(before[j], row[j - 1]) + _SLIP
            cost = min(cost, before[j - 1] if x == y else before[j - 1] + _CHANGE)
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + _SLIP)
            row[j] = cost
    return divmod(row[-1], _SLIP)
