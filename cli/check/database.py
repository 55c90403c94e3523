"""The check of the database: whether it can be used as it is, and whether its clock is this machine's."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings.load import Settings


def database(settings: "Settings") -> str:
    """Return the database's place. Raises DatabaseProblem, and LookupError where its clock is not this machine's."""
    from database.engine import connect, sqlite_file
    from database.opening import open_database
    from database.shared_clock import shared_clock
    from onboarding.effects.clock_fault import NOTABLE, clock_words

    asked = connect(settings.database_url)
    asked.close()
    file = sqlite_file(asked.engine.url)
    if file is not None and not file.exists():
        return f"none yet; the first run makes {file}"
    opened = open_database(settings.database_url, create=False)
    try:
        _, ahead = shared_clock(opened)
    finally:
        opened.close()
    if abs(ahead) >= NOTABLE:
        raise LookupError(
            f"{opened.place}: this machine's clock is {clock_words(ahead)} the database's, by which first90 goes; set "
            "the wrong one by NTP (timedatectl set-ntp true)"
        )
    return opened.place
