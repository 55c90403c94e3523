"""How we speak to the systems around us: one module for each, behind the small Protocols of ``ports``."""
