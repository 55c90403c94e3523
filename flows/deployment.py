"""What `prefect deploy` asks of this project: a build step that fixes the home folder wherever the worker is."""

from config.settings.load import load_settings


def fix_home() -> dict[str, str]:
    """The home folder as an absolute path, as the step's output ``path``.

    Without it a worker started elsewhere, or with another environment, would look for the database in
    another place. Makes nothing. Raises SettingsError where the settings of the deploying person cannot be
    used.
    """
    return {"path": str(load_settings().home)}
