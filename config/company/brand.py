"""The brand file: the company in whose name mails are sent."""

from pathlib import Path

from config.files.documents import read_document
from onboarding.brand.company import NO_BRAND, Brand


def load_brand(path: Path | None) -> Brand:
    """Return the content of the brand file; None: no brand. Raise DocumentError with file, line, field and remedy."""
    return NO_BRAND if path is None else read_document(path, Brand)
