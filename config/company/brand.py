"""The brand file: the company in whose name mails go out."""

from pathlib import Path

from config.files.documents import read_document
from onboarding.messages.brand import NO_BRAND, Brand


def load_brand(path: Path | None) -> Brand:
    """Read the brand file; no brand where there is none. Raises DocumentError with file, line, field and mend."""
    return NO_BRAND if path is None else read_document(path, Brand)
