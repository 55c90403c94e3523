"""The deployments that ``prefect.yaml`` asks for, and how those of a server differ from them."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule

from config.settings.load import load_settings

Wanted = Mapping[str, Any]


def wanted_deployments(file: Path) -> dict[str, Wanted]:
    """Return what each deployment of the file is to be, by ``flow/name``, in the words of a comparison."""
    home = str(load_settings().home)
    return {
        f"{_flow_name(one['entrypoint'])}/{one['name']}": {
            "description": " ".join(one["description"].split()),
            "entrypoint": one["entrypoint"],
            "tags": sorted(one["tags"]),
            "parameters": one.get("parameters", {}),
            "schedules": sorted(f"{each['cron']} {each['timezone']}" for each in one.get("schedules", ())),
            "concurrency": f"{one['concurrency_limit']['limit']} {one['concurrency_limit']['collision_strategy']}",
            "environment": {
                name: str(value).replace("{{ home.path }}", home)
                for name, value in one["work_pool"]["job_variables"]["env"].items()
            },
        }
        for one in yaml.safe_load(file.read_text(encoding="utf-8"))["deployments"]
    }


def as_found(deployment: DeploymentResponse) -> Wanted:
    """Return the same of a server's deployment."""
    limit, options = deployment.global_concurrency_limit, deployment.concurrency_options
    strategy = options.collision_strategy.value if options is not None else None
    return {
        "description": " ".join((deployment.description or "").split()),
        "entrypoint": deployment.entrypoint,
        "tags": sorted(deployment.tags),
        "parameters": deployment.parameters,
        "schedules": sorted(
            f"{one.schedule.cron} {one.schedule.timezone}"
            for one in deployment.schedules
            if isinstance(one.schedule, CronSchedule)
        ),
        "concurrency": f"{limit.limit if limit is not None else None} {strategy}",
        "environment": (deployment.job_variables or {}).get("env", {}),
    }


def differences(found: Wanted, wanted: Wanted) -> list[str]:
    """Return what differs, a phrase each: ``schedules: */15 * * * * UTC, was */10 * * * * UTC``.

    Values of the environment are not told, because people may have put secrets there.
    """
    return [
        _environment(found[name], wanted[name])
        if name == "environment"
        else f"{name}: {_said(wanted[name])}, was {_said(found[name])}"
        for name in wanted
        if found[name] != wanted[name]
    ]


def _environment(found: Wanted, wanted: Wanted) -> str:
    kinds = {
        "added": [name for name in wanted if name not in found],
        "changed": [name for name in wanted if name in found and found[name] != wanted[name]],
        "removed": [name for name in found if name not in wanted],
    }
    return "environment: " + "; ".join(f"{', '.join(names)} {kind}" for kind, names in kinds.items() if names)


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={each}" for name, each in value.items()) or "none"
    return (", ".join(value) if isinstance(value, list) else str(value)) or "none"


def _flow_name(entrypoint: str) -> str:
    module, _, name = entrypoint.rpartition(".")
    return str(getattr(importlib.import_module(module), name).name)
