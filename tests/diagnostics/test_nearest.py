"""Which name somebody meant."""

import random
import string
from itertools import takewhile

import pytest

from mlopsgen.nearest import nearest

FIELDS = {
    "spec": "apiVersion name description owner tags metrics parameters variables code data steps training evaluation "
    "tracking registry deployment deployments monitoring triggers governance ci environments targets",
    "step": "run inputs outputs params resources image env secrets retries timeout cache after when always uses",
    "data": "source sources format header delimiter compression columns label checks split prepare residency",
    "tuning": "metric strategy trials parallel timeout max_failures stop_at early_stopping keep refit search",
    "gate": "metric at_least at_most better_than by confidence group measure when",
    "deployment": "mode start model serve resources replicas scale_on profiles requests rollout expose auth async",
}


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("shedule", ["schedule", "mode"], "schedule"),
        ("Schedule", ["mode", "schedule"], "schedule"),
        ("at-least", ["at_most", "at_least"], "at_least"),
        ("atleast", ["at_most", "at_least"], "at_least"),
        ("maxFailures", ["max_failures"], "max_failures"),
        ("trian", ["train", "trial"], "train"),
        ("modle", ["mode", "model"], "model"),
        ("tset", ["set", "test"], "test"),
        ("rnu", ["run", "env"], "run"),
        ("metrics", ["metric", "model"], "metric"),
        ("x", ["y", "zz"], None),
        ("abc", ["xyz"], None),
        ("ab", ["xy"], None),
        ("cpu", ["gpu"], "gpu"),
        ("sagemaker", ["vertex", "azureml"], None),
        ("schdul", ["schedule"], "schedule"),
        ("schdl", ["schedule"], None),
        ("", ["a"], None),
        ("a", [], None),
        ("größe", ["grosse"], "grosse"),
    ],
)
def test_nearest(word: str, known: list[str], meant: str | None) -> None:
    assert nearest(word, known) == meant


def test_of_equally_near_names_the_first_is_taken_every_time() -> None:
    assert nearest("mix", ["min", "max", "six"]) == nearest("mix", iter(["min", "max", "six"]))


def typo(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    letter = chance.choice(string.ascii_lowercase)
    slips = [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]]
    if at + 1 < len(word):
        slips.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    return chance.choice(slips)


def test_one_typo_is_understood_99_times_in_100() -> None:
    chance = random.Random(7)
    right = wrong = 0
    for fields in map(str.split, FIELDS.values()):
        for field in fields:
            for slip in {typo(field, chance) for _ in range(60)} - set(fields) - {""}:
                right, wrong = (right + 1, wrong) if nearest(slip, fields) == field else (right, wrong + 1)
    assert right > 2000
    assert right / (right + wrong) >= 0.99


def test_slips_are_counted_as_levenshtein_does() -> None:
    """Against the plain definition, for names without swapped neighbours."""
    chance = random.Random(3)
    for _ in range(2000):
        a, b = ("".join(chance.choices("abc", k=chance.randint(4, 7))) for _ in range(2))
        distance = levenshtein(a, b)
        if distance > 4:
            assert nearest(a, [b]) is None
        elif 0 < distance <= 2:
            assert nearest(a, [b]) == b


def levenshtein(a: str, b: str) -> int:
    if not a or not b:
        return len(a) + len(b)
    table = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        table.append([i])
        for j, y in enumerate(b, 1):
            table[i].append(min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (x != y)))
    return table[-1][-1]


def test_what_is_too_far_to_be_meant_changes_no_answer() -> None:
    """Against the whole table of every pair, which `nearest` does not fill."""
    chance = random.Random(5)
    names = [
        "".join(chance.choices(chance.choice(["ab", "abcd", "abcdefgh"]), k=chance.randint(0, 9))) for _ in range(500)
    ]
    for _ in range(800):
        word, *known = chance.choices(names, k=9)
        assert nearest(word, known) == plainly_nearest(word, known)


def plainly_nearest(word: str, known: list[str]) -> str | None:
    scored = []
    for i, name in enumerate(known):
        slips, changed = whole_table(word, name)
        ends = alike(word, name) + alike(word[::-1], name[::-1])
        if name != word and slips <= min(2, max(len(word), len(name)) // 2):
            scored.append(((slips, changed, sorted(word) != sorted(name), -ends), i, name))
    return min(scored)[2] if scored else None


def alike(a: str, b: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def whole_table(a: str, b: str) -> tuple[int, int]:
    """The least (slips, changes), two swapped neighbours being one slip."""
    table = [[(j, 0) for j in range(len(b) + 1)]]
    for i, x in enumerate(a, 1):
        table.append([(i, 0)])
        for j, y in enumerate(b, 1):
            steps = [(table[i - 1][j], 1, 0), (table[i][j - 1], 1, 0), (table[i - 1][j - 1], int(x != y), int(x != y))]
            if i > 1 and j > 1 and (x, a[i - 2]) == (b[j - 2], y):
                steps.append((table[i - 2][j - 2], 1, 0))
            table[i].append(min((slips + more, changed + others) for (slips, changed), more, others in steps))
    return table[-1][-1]
