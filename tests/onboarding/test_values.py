"""The dataclass of values does what the standard library's does; each class here is made by both and compared."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, astuple, field, fields, replace
from math import nan
from typing import Any, get_type_hints

import pytest

from onboarding import values

Decorator = Callable[..., Any]


def point(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Point:
        """A place."""

        x: int
        y: "float" = 0.5
        tags: list[str] = field(default_factory=list)

        def __post_init__(self) -> None:
            if self.x < 0:
                raise ValueError("x is below zero")

    return Point


def named(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Named(point(dataclass)):  # type: ignore[misc]
        """A place with a name, which is not shown, and a note, which is not compared."""

        name: str = field(default="", kw_only=True, repr=False)
        note: str = field(default="", kw_only=True, compare=False)

    return Named


def lone(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Lone:
        value: object

    return Lone


def empty(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Empty:
        pass

    return Empty


def own(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Own:
        text: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own) and self.text.lower() == other.text.lower()

        def __repr__(self) -> str:
            return f"<{self.text}>"

    return Own


def same(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True, kw_only=True, eq=False)
    class Same:
        text: str

    return Same


MADE: list[tuple[Callable[[Decorator], Any], tuple[Any, ...], dict[str, Any]]] = [
    (point, (1,), {}),
    (point, (1, 2.0, ["a"]), {}),
    (point, (1,), {"tags": ["b"], "y": nan}),
    (named, (1,), {"name": "home", "note": "old"}),
    (lone, (), {"value": "one"}),
    (lone, (), {"value": nan}),
    (empty, (), {}),
    (own, ("Word",), {}),
    (same, (), {"text": "x"}),
]
made = pytest.mark.parametrize(("kind", "given", "by_name"), MADE)


@made
def test_a_value_is_made_shown_and_compared_as_the_standard_library_does(
    kind: Any, given: Any, by_name: dict[str, Any]
) -> None:
    ours, theirs = kind(values.dataclass), kind(dataclasses.dataclass)
    one, other = ours(*given, **by_name), theirs(*given, **by_name)
    assert repr(one) == repr(other)
    assert astuple(one) == astuple(other)
    assert asdict(one) == asdict(other)
    assert (one == ours(*given, **by_name)) is (other == theirs(*given, **by_name))
    assert one != other, "of another class"
    assert (one == copy.copy(one)) is (other == copy.copy(other))
    assert dataclasses.is_dataclass(ours)
    assert ours.__slots__ == theirs.__slots__
    assert not hasattr(one, "__dict__")
    assert ours.__match_args__ == theirs.__match_args__
    assert [(each.name, each.type) for each in fields(ours)] == [(each.name, each.type) for each in fields(theirs)]
    assert str(inspect.signature(ours)) == str(inspect.signature(theirs))
    assert get_type_hints(ours.__init__) == get_type_hints(theirs.__init__)
    assert ours.__init__.__qualname__ == theirs.__init__.__qualname__


@made
def test_a_value_stays_as_it_is(kind: Any, given: Any, by_name: dict[str, Any]) -> None:
    one = kind(values.dataclass)(*given, **by_name)
    before = repr(one)
    for name in [*(each.name for each in fields(one)), "another"]:
        with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
            setattr(one, name, 1)
        with pytest.raises(FrozenInstanceError, match=f"cannot delete field '{name}'"):
            delattr(one, name)
    assert repr(one) == before


def test_equal_values_have_one_hash_and_what_is_not_compared_is_not_hashed() -> None:
    kind = lone(values.dataclass)
    assert len({kind(value=1), kind(value=1), kind(value=2)}) == 2
    place = named(values.dataclass)
    assert place(1, name="a", note="x") == place(1, name="a", note="y")
    assert place(1, name="a") != place(1, name="b")
    with pytest.raises(TypeError, match="unhashable"):
        hash(place(1))
    noted = values.dataclass(frozen=True, slots=True)(
        type("Noted", (), {"__annotations__": {"a": int, "b": int}, "b": field(default=0, compare=False), **HERE})
    )
    assert hash(noted(1, 2)) == hash(noted(1, 3))
    twin = same(values.dataclass)(text="x")
    assert twin != same(values.dataclass)(text="x")
    assert twin in {twin}


def test_a_default_of_its_own_for_each() -> None:
    kind = point(values.dataclass)
    kind(1).tags.append("a")
    assert kind(1).tags == []


@pytest.mark.parametrize(
    ("given", "by_name"), [((), {}), ((1, 2, [], 4), {}), ((1,), {"z": 1}), ((1,), {"x": 1}), ((-1,), {})]
)
def test_wrong_arguments_are_refused_in_the_same_words(given: Any, by_name: dict[str, Any]) -> None:
    told = []
    for dataclass in (values.dataclass, dataclasses.dataclass):
        with pytest.raises((TypeError, ValueError)) as refused:
            point(dataclass)(*given, **by_name)
        told.append((refused.type, str(refused.value)))
    assert told[0] == told[1]


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A value that a module names, so that it can be pickled."""

    name: str
    parts: tuple[str, ...] = ()


HERE = {"__module__": __name__}


def test_a_value_is_copied_pickled_and_replaced() -> None:
    one = Stored(name="a", parts=("b",))
    assert copy.deepcopy(one) == one
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(one, protocol)) == one
    assert replace(one, name="c") == Stored(name="c", parts=("b",))


@pytest.mark.parametrize("wrong", [{"frozen": False, "slots": True}, {"frozen": True, "slots": False}])
def test_what_changes_is_no_value(wrong: dict[str, bool]) -> None:
    with pytest.raises(TypeError, match=r"dataclasses\.dataclass"):
        values.dataclass(**wrong)(type("Changed", (), dict(HERE)))


@pytest.mark.parametrize("given", [{"init": False}, {"hash": True}])
def test_a_field_that_only_the_standard_library_makes_is_refused(given: dict[str, bool]) -> None:
    body = {"__annotations__": {"a": int}, "a": field(default=1, **given), **HERE}  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=r"Odd\.a"):
        values.dataclass(frozen=True, slots=True)(type("Odd", (), body))


@values.dataclass(frozen=True, slots=True)
class Single:
    one: int


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Several(Single):
    two: tuple[int, ...] = ()
    three: str = ""


@dataclasses.dataclass(frozen=True)
class Standard:
    one: int
    two: int = 0


@pytest.mark.parametrize("value", [Single(1), Several(one=1, two=(2,), three="3"), Standard(1, 2)])
def test_fields_are_replaced_as_the_standard_library_does(value: Any) -> None:
    changes: list[dict[str, int]] = [{}, {"one": 5}, {one.name: 7 for one in fields(value)}]
    for change in changes:
        found = values.replace(value, **change)
        assert (type(found), found) == (type(value), replace(value, **change))
    with pytest.raises(TypeError, match="four"):
        values.replace(value, four=4)
