"""The check of the company that mails name."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cli.check.findings import Finding, in_one_line

if TYPE_CHECKING:
    from config.settings.load import Settings


def brand(settings: "Settings") -> Iterator[Finding]:
    """Yield the finding on the brand file, or a warning where none is set and mail is real; nothing for the sample."""
    from config.company.brand import load_brand
    from config.settings.mail_senders import MaildirMail

    if settings.chosen_brand is not None:
        try:
            found = load_brand(settings.chosen_brand)
            said = f"{found.name}, by {settings.chosen_brand}"
            note = found.colour_note
            yield Finding(what="brand", ok=True, warning=bool(note), said=f"{said}; {note}" if note else said)
        except Exception as error:
            yield Finding(what="brand", ok=False, said=in_one_line(error))
    elif not isinstance(settings.mail, MaildirMail) and settings.brand is None:
        missing = "mails and pages name no company, no postal address and no privacy page, and mail is real"
        mend = "copy config/brand.yaml, fill in your own, and set FIRST90_BRAND to it"
        yield Finding(what="brand", ok=True, warning=True, said=f"{missing}; {mend}")
