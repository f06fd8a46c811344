"""Each class is made twice, by the standard library and by mlopsgen: nobody can tell the two apart."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import pydoc
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from mlopsgen import records


def pair(make: Callable[[Any], type], **how: Any) -> tuple[Any, Any]:
    """The same class by either of the two."""
    return make(dataclasses.dataclass(**how)), make(records.dataclass(**how))


def shipment(decorate: Any) -> type:
    @decorate
    class Shipment:
        """What is sent."""

        kinds: ClassVar[int] = 3
        name: str
        weight: float = 1.5
        tags: list[str] = dataclasses.field(default_factory=list)
        note: str = dataclasses.field(default="", compare=False, repr=False)

        @property
        def heavy(self) -> bool:
            return self.weight > 10

    return Shipment


FROZEN = {"frozen": True, "slots": True}
WAYS = [FROZEN, {**FROZEN, "kw_only": True}, {**FROZEN, "order": True}, {"slots": True}]


@pytest.mark.parametrize("before", [0, 20])  # the ninth one is made by other means than the first
@pytest.mark.parametrize("how", WAYS, ids=str)
@pytest.mark.parametrize(
    "given", [{"name": "a"}, {"name": "a", "weight": 2.0, "tags": ["x"], "note": "n"}, {"name": "b", "tags": []}]
)
def test_what_is_given_and_what_is_not(how: dict[str, Any], given: dict[str, Any], before: int) -> None:
    theirs, ours = ([cls(**given) for _ in range(before + 1)][-1] for cls in pair(shipment, **how))
    assert ours.tags is given.get("tags", ours.tags)
    assert repr(ours) == repr(theirs)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert dataclasses.asdict(dataclasses.replace(ours, weight=11.0)) == dataclasses.asdict(
        dataclasses.replace(theirs, weight=11.0)
    )
    assert (ours.heavy, ours.kinds) == (theirs.heavy, theirs.kinds)
    assert not hasattr(ours, "__dict__")


@pytest.mark.parametrize("how", WAYS, ids=str)
def test_calls_that_do_not_fit_fail_alike(how: dict[str, Any]) -> None:
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        ((), {}),
        (("a", 1.0, [], "n", 5), {}),
        ((), {"name": "a", "nam": "b"}),
    ]
    for arguments, named in calls:
        said = []
        for cls in pair(shipment, **how):
            for _ in range(2):  # the first one fails by other means than the second
                with pytest.raises(TypeError) as raised:
                    cls(*arguments, **named)
                said.append(str(raised.value))
        assert len(set(said)) == 1


@pytest.mark.parametrize("how", WAYS, ids=str)
def test_the_class_itself(how: dict[str, Any]) -> None:
    theirs, ours = pair(shipment, **how)
    assert ours.__match_args__ == theirs.__match_args__
    assert ours.__slots__ == theirs.__slots__
    assert ours.__doc__ == theirs.__doc__
    assert [f.name for f in dataclasses.fields(ours)] == [f.name for f in dataclasses.fields(theirs)]
    assert (ours.__hash__ is None) == (theirs.__hash__ is None)


@pytest.mark.parametrize("before", [0, 20])
@pytest.mark.parametrize("how", WAYS, ids=str)
def test_what_it_takes_can_be_read(how: dict[str, Any], before: int) -> None:
    for make in (shipment, parcel, single):
        theirs, ours = pair(make, **how)
        for cls in (theirs, ours) * before:
            cls(**{f.name: 1 for f in dataclasses.fields(cls) if f.name in ("name", "size", "value")})
        assert str(inspect.signature(ours)) == str(inspect.signature(theirs))
        assert pydoc.render_doc(ours).split("\n |  ")[1] == pydoc.render_doc(theirs).split("\n |  ")[1]
        assert ours.__doc__ == theirs.__doc__


def test_a_class_that_makes_itself_says_so() -> None:
    for cls in pair(single, slots=True):

        class Named(cls):  # type: ignore[misc, valid-type]
            def __init__(self, first: str, last: str) -> None:
                super().__init__(f"{first} {last}")

        class Heir(cls):  # type: ignore[misc, valid-type]
            """Takes what a record takes."""

        assert list(inspect.signature(Named).parameters) == ["first", "last"]
        assert list(inspect.signature(Heir).parameters) == ["value"]


def test_equal_means_same_class_and_same_compared_fields() -> None:
    for cls in pair(shipment, **FROZEN):
        other = cls("a", 1.0, (), "n")
        assert cls("a", 1.0, ()) == other
        assert hash(cls("a", 1.0, ())) == hash(other)
        assert cls("b", 1.0, ()) != other
        assert cls("a", 1.0, ()) != ("a", 1.0, ())
    theirs, ours = pair(shipment, **FROZEN)
    assert theirs("a") != ours("a")


def test_a_number_that_is_none_equals_itself() -> None:
    nan = float("nan")
    for cls in pair(single, **FROZEN):
        assert cls(nan) == cls(nan)


def single(decorate: Any) -> type:
    @decorate
    class Single:
        value: Any

    return Single


def test_nothing_of_a_frozen_one_changes() -> None:
    for cls in pair(shipment, **FROZEN):
        held = cls("a")
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'name'"):
            held.name = "b"
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'name'"):
            del held.name
        assert held.name == "a"


def test_one_that_is_not_frozen_changes_and_has_no_hash() -> None:
    for cls in pair(shipment, slots=True):
        held = cls("a")
        held.name = "b"
        assert held == cls("b")
        with pytest.raises(TypeError, match="unhashable"):
            hash(held)


def test_they_are_ordered_only_when_asked() -> None:
    for cls in pair(shipment, **FROZEN, order=True):
        few, many = cls("a", 1.0), cls("a", 2.0)
        assert few < many <= many
        assert many > few >= few
        with pytest.raises(TypeError, match="not supported"):
            _ = few < ("a", 1.0)
    for cls in pair(shipment, **FROZEN):
        with pytest.raises(TypeError, match="not supported"):
            _ = cls("a") < cls("b")


def parcel(decorate: Any) -> type:
    @decorate
    class Box:
        size: int
        label: str = "box"

        def __post_init__(self) -> None:
            object.__setattr__(self, "label", self.label.upper())

        def __repr__(self) -> str:
            return f"<{self.label}>"

    @decorate
    class Parcel(Box):
        label: str = "parcel"
        sender: str = "nobody"

    return Parcel


@pytest.mark.parametrize("before", [0, 20])
@pytest.mark.parametrize("how", [FROZEN, {**FROZEN, "kw_only": True}, {"slots": True}], ids=str)
def test_one_that_stands_on_another(how: dict[str, Any], before: int) -> None:
    theirs, ours = ([cls(size=3) for _ in range(before + 1)][-1] for cls in pair(parcel, **how))
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs) == {"size": 3, "label": "PARCEL", "sender": "nobody"}
    assert repr(ours) == repr(theirs)
    assert type(ours).__slots__ == type(theirs).__slots__


@records.dataclass(frozen=True, slots=True)
class Kept:
    """One that pickle can find by its name."""

    name: str
    parts: tuple[int, ...] = ()


def test_copies_and_pickles() -> None:
    kept = Kept("a", (1, 2))
    assert copy.copy(kept) == copy.deepcopy(kept) == pickle.loads(pickle.dumps(kept)) == kept


def test_it_is_told_apart_by_its_parts() -> None:
    match Kept("a", (1, 2)):
        case Kept(name, (1, *rest)):
            assert (name, rest) == ("a", [2])
        case _:
            pytest.fail("a record with these parts matches")


def test_one_that_holds_itself_can_be_printed() -> None:
    for cls in pair(single, slots=True):
        held = cls(None)
        held.value = held
        assert repr(held).endswith("Single(value=...)")
