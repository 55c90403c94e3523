"""The dataclass of values: frozen, with slots, and made in a quarter of the time.

``first90 show`` makes some 240 of them before it prints a line. For each the standard library writes and compiles six
methods, of which only ``__init__`` differs by more than the names of the fields; here the others are closures over
those. That took a fifth off ``show``: 1.23 instead of 1.57 times importing SQLModel (``benchmarks/looking.py``).
Instances are made faster too, each value going straight into its slot; comparing two takes a third longer.
"""

import dataclasses
import sys
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

T = TypeVar("T")
Method = Callable[..., Any]
_FIELDS: dict[type, tuple[tuple[str, ...], Callable[[object], tuple[Any, ...]]]] = {}
"""The names of the fields of each value class, and what reads all of them at once."""


class _Factory:
    def __repr__(self) -> str:
        return "<factory>"


def _dataclass(*, frozen: bool, slots: bool, kw_only: bool = False, eq: bool = True) -> Callable[[type[T]], type[T]]:
    """Return a decorator that does what ``dataclasses.dataclass`` does with the same arguments.

    ``fields``, ``replace``, ``asdict``, copying and pickling work as they do there. Raises TypeError for a class that
    is not frozen or has no slots, and for a field with ``init`` or ``hash``: the standard library's is for those.
    """
    if not (frozen and slots):
        raise TypeError("a value is frozen and has slots; a class without is for dataclasses.dataclass")

    def make(cls: type[T]) -> type[T]:
        own = dict(vars(cls))
        made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
        every = dataclasses.fields(made)  # type: ignore[arg-type]
        if wrong := [one.name for one in every if not one.init or one.hash is not None]:
            raise TypeError(f"{cls.__name__}.{wrong[0]}: a value's field has neither init nor hash")
        names = tuple(one.name for one in every)
        _FIELDS[made] = names, _reader(names)
        methods = {**_frozen(names), "__init__": _init(made, every), "__repr__": _repr(every)}
        if eq:
            methods |= _comparing([one.name for one in every if one.compare])
        for name, method in methods.items():
            if own.get(name) is None:
                setattr(made, name, method)
        return made

    return make


def _init(cls: type, every: Sequence[dataclasses.Field[Any]]) -> Method:
    """Return the method whose parameters are the fields: the one that has to be compiled."""
    known: dict[str, Any] = {"_unset": _Factory()}
    positional: list[str] = ["self"]
    named: list[str] = []
    body: list[str] = []
    for one in every:
        name = value = parameter = one.name
        known[f"_set_{name}"] = getattr(cls, name).__set__
        if one.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = one.default
            parameter = f"{name}=_default_{name}"
        elif one.default_factory is not dataclasses.MISSING:
            known[f"_make_{name}"] = one.default_factory
            parameter, value = f"{name}=_unset", f"_make_{name}() if {name} is _unset else {name}"
        (named if one.kw_only else positional).append(parameter)
        body.append(f"_set_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join([*positional, *(["*", *named] if named else [])])
    lines = "".join(f"\n  {line}" for line in body or ["pass"])
    source = f"def make({', '.join(known)}):\n def __init__({parameters}):{lines}\n return __init__"
    made: dict[str, Any] = {}
    exec(source, vars(sys.modules[cls.__module__]), made)  # there the names of its annotations are found
    method: Method = made["make"](**known)
    method.__qualname__ = f"{cls.__qualname__}.__init__"
    method.__annotations__ = {**{one.name: one.type for one in every}, "return": None}
    return method


def _repr(every: Sequence[dataclasses.Field[Any]]) -> Method:
    shown = [one.name for one in every if one.repr]

    def __repr__(self: object) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    return __repr__


def _replace(value: Any, /, **changes: Any) -> Any:
    """Return the value with other values in some fields, as ``dataclasses.replace`` does, in half the time. Raise
    TypeError for an unknown field."""
    found = _FIELDS.get(value.__class__)
    if found is None:
        return dataclasses.replace(value, **changes)
    names, read = found
    return value.__class__(**{**dict(zip(names, read(value), strict=True)), **changes})


def _reader(names: Sequence[str]) -> Callable[[object], tuple[Any, ...]]:
    # Of one name attrgetter returns the bare value; of several a tuple.
    if len(names) < 2:
        return lambda self: tuple(getattr(self, name) for name in names)
    return attrgetter(*names)


def _comparing(names: Sequence[str]) -> dict[str, Method]:
    read = _reader(names)

    def __eq__(self: object, other: object) -> bool:
        return read(self) == read(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: object) -> int:
        return hash(read(self))

    return {"__eq__": __eq__, "__hash__": __hash__}


def _frozen(names: Sequence[str]) -> dict[str, Method]:
    def __getstate__(self: object) -> list[Any]:
        return [getattr(self, name) for name in names]

    def __setstate__(self: object, state: Sequence[Any]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return {
        "__getstate__": __getstate__,
        "__setstate__": __setstate__,
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
    }


def _refuse_to_set(self: object, name: str, value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


if TYPE_CHECKING:  # a type checker sees the standard library's, and knows all about that
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
else:
    dataclass = _dataclass
    replace = _replace
