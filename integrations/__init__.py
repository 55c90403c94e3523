"""Access to external systems, one folder for each, behind the small Protocols of ``ports``."""
