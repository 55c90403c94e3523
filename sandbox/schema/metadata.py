"""Reads Salesforce's metadata files of the package; malformed ones are refused."""

from pathlib import Path
from xml.etree import ElementTree

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
Element = ElementTree.Element


class MetadataError(Exception):
    """A metadata file that no org would accept; the message names the file and its fault."""


def read(path: Path, root: str) -> Element:
    """Return the root element of a file, which must be a ``root`` of Salesforce's metadata. Raises MetadataError."""
    try:
        tree = ElementTree.fromstring(path.read_bytes())
    except OSError as error:
        raise MetadataError(f"{path.name} cannot be read: {error.strerror}") from None
    except ElementTree.ParseError as error:
        raise MetadataError(f"{path.name} is no well-formed XML: {error}") from None
    if tree.tag != NAMESPACE + root:
        raise MetadataError(f"{path.name} is no {root}")
    return tree


def elements(tree: Element, name: str) -> list[Element]:
    """Return the children of this name."""
    return tree.findall(NAMESPACE + name)


def text(tree: Element, name: str, default: str | None = None) -> str:
    """Return the text of a child. Raises MetadataError where it is missing and there is no default."""
    found = tree.find(NAMESPACE + name)
    if found is None:
        if default is None:
            raise MetadataError(f"a {tree.tag.removeprefix(NAMESPACE)} lacks its {name}")
        return default
    return (found.text or "").strip()


def flag(tree: Element, name: str) -> bool:
    """Return the boolean of a child; False where it is missing, as in Salesforce."""
    return text(tree, name, "false") == "true"
