"""Reads Salesforce's standard objects from ``standard_objects.yaml``, one line a field."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("standard_objects.yaml")
_LINE = re.compile(
    r"(?P<type>[a-z]+)(\((?P<size>\d+)(,(?P<scale>\d+))?\))?(?P<required> required)?(?P<computed> computed)?"
    r"( default (?P<default>\w+))?( -> (?P<to>\w+))?( grant (?P<grant>\w+))?( : (?P<values>.+))?"
)
_NUMBERS = ("currency", "double", "percent", "int")
_REFERENCE_LENGTH = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardField:
    """One line of the file."""

    name: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    computed: bool = False
    default: str | None = None
    reference_to: str | None = None
    children: str | None = None
    grant: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """One standard object."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: tuple[StandardField, ...]


def standard_objects(file: Path = FILE) -> Iterator[Standard]:
    """Yield the standard objects of the file. Raises ValueError for a line that cannot be read."""
    content = yaml.safe_load(file.read_text("utf-8"))
    children = content["children"]
    for name, given in content["objects"].items():
        lines = given["fields"].items()
        label = str(given["label"])
        yield Standard(
            name=name,
            label=label,
            plural=f"{label[:-1]}ies" if label.endswith("y") else f"{label}s",
            prefix=str(given["prefix"]),
            fields=tuple(_field(one, str(line), children.get(f"{name}.{one}")) for one, line in lines),
        )


def _field(name: str, line: str, children: str | None) -> StandardField:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"{FILE.name}: {name} is written as {line!r}, which says nothing here")
    size, number = int(found["size"] or 0), found["type"] in _NUMBERS
    return StandardField(
        name=name,
        type=found["type"],
        length=0 if number else _REFERENCE_LENGTH if found["type"] in ("reference", "id") else size,
        precision=size if number else 0,
        scale=int(found["scale"] or 0),
        required=found["required"] is not None,
        computed=found["computed"] is not None,
        default=found["default"],
        reference_to=found["to"],
        children=children,
        grant=found["grant"],
        values=tuple(value.strip() for value in (found["values"] or "").split(",") if value.strip()),
    )
