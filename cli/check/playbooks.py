"""The check of the playbooks: that they are sound, and how many onboardings in flight run on older versions."""

from typing import TYPE_CHECKING

from cli.opening import existing_database
from cli.options import Unusable

if TYPE_CHECKING:
    from config.settings.load import Settings


def playbooks(settings: "Settings") -> str:
    """Return what is read, and how many onboardings in flight have not moved to it. Raises PlaybookError."""
    from config.files.mistakes import PlaybookError
    from config.mail_templates.render import open_templates
    from config.playbook_library.check import check

    mistakes = check(settings.playbooks, open_templates(settings.templates))
    if mistakes:
        raise PlaybookError(mistakes)
    return f"{settings.playbooks}, templates {settings.templates}{_older(settings)}"


def _older(settings: "Settings") -> str:
    """Return how many run on older versions, in words; empty if none does, or if there is no database to ask."""
    from config.playbook_library.library import load_library
    from database.engine import DatabaseProblem
    from database.playbooks.versions import in_flight

    library = load_library(settings.playbooks)
    newest = [version.hash for version in library.playbook_versions.values()]
    try:
        database = existing_database(settings)
    except (Unusable, DatabaseProblem):
        return ""
    try:
        with database.reading() as conn:
            behind = in_flight(conn, newest=newest)
    finally:
        database.close()
    without = sorted({one.tier for one in behind if one.tier and one.tier not in library})
    lost = f"; no playbook any more of {', '.join(without)}, which some in flight have" if without else ""
    return f"; {len(behind)} in flight on an older version (first90 playbook plan){lost}" if behind else ""
