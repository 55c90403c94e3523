"""The build step of `prefect deploy` that fixes the home folder, wherever the worker is."""

from config.settings.load import load_settings


def fix_home() -> dict[str, str]:
    """Return the home folder as an absolute path, as the step's output ``path``.

    Without it a worker started elsewhere, or with another environment, would look for the database in another place.
    Makes nothing. Raises SettingsError for unusable settings of the deploying person.
    """
    return {"path": str(load_settings().home)}
