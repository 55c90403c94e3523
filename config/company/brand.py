"""The brand file, the company in whose name mails are sent, and the file of its resources."""

from pathlib import Path

from config.files.documents import read_document
from onboarding.brand.company import NO_BRAND, Brand
from onboarding.brand.resources import NO_RESOURCES, Resources


def load_brand(path: Path | None) -> Brand:
    """Return the content of the brand file; None: no brand. Raise DocumentError with file, line, field and remedy."""
    return NO_BRAND if path is None else read_document(path, Brand)


def load_resources(path: Path | None) -> Resources:
    """Return the content of the resource file; None: no resources. Raise DocumentError as for a brand file."""
    return NO_RESOURCES if path is None else read_document(path, Resources)
