"""The report as CSV files: the metrics, their groups, and the accounts from which they can be recomputed."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from onboarding.health.summary import plain
from onboarding.metrics.compute import Portfolio
from onboarding.metrics.definitions import NAMES

METRIC_FIELDS = (
    *("id", "name", "level", "kind", "unit", "value", "low", "high", "n", "of", "small", "why", "definition", "window"),
)
GROUP_FIELDS = ("name", "by", "group", "value", "low", "high", "n", "of", "small", "why", "log_rank_p")


def write_tables(portfolio: Portfolio, folder: Path) -> list[Path]:
    """Write ``metrics.csv``, ``groups.csv`` and ``accounts.csv`` into the folder, which is made where it lacks; return
    their paths. Files of an earlier report are replaced. An account's part of a metric is JSON, as in
    ``report --json``. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    told = portfolio.as_json()
    groups = [
        {"name": metric["name"], "by": by, **_bounds(group)}
        for metric in told["metrics"]
        for by, some in metric["groups"].items()
        for group in some
    ]
    metrics = [_bounds(metric) for metric in told["metrics"]]
    accounts = [{name: _cell(value) for name, value in account.items()} for account in told["accounts"]]
    account_fields = list(accounts[0]) if accounts else ["account_id", "deal_id", *NAMES]
    return [
        _write(folder / "metrics.csv", METRIC_FIELDS, metrics),
        _write(folder / "groups.csv", GROUP_FIELDS, groups),
        _write(folder / "accounts.csv", account_fields, accounts),
    ]


def _bounds(told: Mapping[str, Any]) -> dict[str, Any]:
    low, high = told["interval"] or (told.get("interval_from"), None)
    return {**told, "low": low, "high": high}


def _cell(value: Any) -> Any:
    made = plain(value)
    return json.dumps(made, ensure_ascii=False) if isinstance(made, dict | list) else made


def _write(path: Path, fields: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fields, extrasaction="ignore")
        writer.writeheader()
        writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return path


def _harmless(value: Any) -> Any:
    """Return a value with an apostrophe before text that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
