"""The Compose file, with its variables as Compose hands them to a service."""

import re
from typing import Any

import yaml

from tests.distribution.conftest import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = sorted(name for name, one in SERVICES.items() if "first90:" in one["image"])
INTERPOLATED = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
GIVEN = {"POSTGRES_PASSWORD": "secret", "PREFECT_LOGIN": "first90:secret", "FIRST90_LINK_SECRET": "x" * 40}


def environment(service: str) -> dict[str, str]:
    """The variables of a service, as Compose hands them over."""
    return {name: interpolated(str(value)) for name, value in SERVICES[service].get("environment", {}).items()}


def interpolated(text: str) -> str:
    return INTERPOLATED.sub(lambda found: GIVEN.get(found[1]) or (found[3] if found[2] == "-" else ""), text)
