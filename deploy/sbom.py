"""Writes the bill of materials (CycloneDX 1.6, JSON) of a running first90: ``python deploy/sbom.py FILE``.

Versions and licences come from this environment, the choice from the image's lock: libraries that only tests need are
left out. The same environment gives the same bytes; ``SOURCE_DATE_EPOCH`` becomes the time in it.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "deploy" / "image" / "requirements.lock"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)


def main(target: Path) -> None:
    """Write the bill of materials to ``target``. Raise CalledProcessError where CycloneDX's tool refuses."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", str(ROOT / "pyproject.toml")]
    options = ["--output-reproducible", "--spec-version", "1.6", "--output-format", "JSON", sys.executable]
    made = subprocess.run([*command, *options], check=True, stdout=subprocess.PIPE).stdout
    found = without_tools(json.loads(made), frozenset(map(_plain, PINNED.findall(LOCK.read_text("utf-8")))))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    sys.stdout.write(f"{target}: {len(found['components'])} components\n")


def without_tools(bill: dict[str, Any], kept: frozenset[str]) -> dict[str, Any]:
    """Return the bill with the components of these names only, and the dependencies among them."""
    components = [one for one in bill["components"] if _plain(one["name"]) in kept]
    refs = {one["bom-ref"] for one in components} | {bill["metadata"]["component"]["bom-ref"]}
    dependencies = [
        one | {"dependsOn": [ref for ref in one.get("dependsOn", ()) if ref in refs]}
        for one in bill["dependencies"]
        if one["ref"] in refs
    ]
    return bill | {"components": components, "dependencies": dependencies}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
