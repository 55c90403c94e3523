"""The files for containers: what they name exists, and no service may do more than it needs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.main import PLACES
from cli.services.up import PREFECT_IN_JSON
from config.settings.load import load_settings
from config.settings.variables import SECRETS, known_variables, variable
from tests.distribution.compose import COMPOSE, DEPLOY, INTERPOLATED, OURS, SERVICES, environment
from tests.distribution.conftest import ROOT

DOCKERFILE = (DEPLOY / "image" / "Dockerfile").read_text("utf-8")
VERSION = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
PREFECTS_OWN = {"server start", "server services start", "server database upgrade", "worker start"}


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every workload of the Kustomize folder, by name."""
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        for one in yaml.safe_load_all(path.read_text("utf-8")):
            if isinstance(one, dict) and one["kind"] in ("Deployment", "StatefulSet", "Job"):
                yield one["metadata"]["name"], one


def commands() -> Iterator[tuple[str, list[str]]]:
    for name in OURS:
        yield f"compose {name}", SERVICES[name]["command"]
    for name, pod in pods():
        if name != "redis":
            yield f"kubernetes {name}", pod["spec"]["template"]["spec"]["containers"][0]["command"]


@pytest.mark.parametrize(("place", "command"), list(commands()))
def test_every_command_is_one_of_first90_or_prefect(place: str, command: list[str]) -> None:
    program, *words = command
    named = " ".join(word for word in words if re.fullmatch(r"[a-z]+", word) and word != "first90")
    if program == "first90":
        assert words[0] in PLACES, place
    else:
        assert program == "prefect"
        assert named in PREFECTS_OWN, place


@pytest.mark.slow
@pytest.mark.parametrize("command", sorted(PREFECTS_OWN))
def test_prefect_knows_its_commands_and_their_options(command: str) -> None:
    ours = [words for _, words in commands() if " ".join(words[1:]).startswith(command)]
    used = {word for words in ours for word in words if word.startswith("--")}
    shown = subprocess.run(
        [sys.executable, "-m", "prefect", *command.split(), "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert {option for option in used if option not in shown} == set()


def test_every_variable_is_a_setting_of_first90_or_prefect() -> None:
    from prefect.settings.legacy import _get_valid_setting_names
    from prefect.settings.models.root import Settings

    known = _get_valid_setting_names(Settings) | known_variables()
    known |= {f"PREFECT_REDIS_MESSAGING_{part}" for part in ("HOST", "PORT", "DB", "URL", "PASSWORD")}
    known.add(PREFECT_IN_JSON[0])
    files = [path for path in (DEPLOY / "kubernetes").iterdir() if ".env" in path.name]
    texts = [DOCKERFILE, (DEPLOY / "compose.yaml").read_text("utf-8"), *(path.read_text("utf-8") for path in files)]
    asked = {
        name for text in texts for name in re.findall(r"(?<!\$\{)\b(?:FIRST90|PREFECT)_[A-Z0-9_]+\b(?=[:=])", text)
    }
    assert len(asked) > 20
    assert sorted(asked - known) == []


@pytest.mark.parametrize("service", ["migrate", "deploy", "worker", "web", "slack"])
def test_the_settings_of_a_service_are_usable(service: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("FIRST90_"):
            monkeypatch.delenv(name)
    for name, value in environment(service).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FIRST90_HOME", str(tmp_path))
    settings = load_settings(env_file=None)
    assert settings.database_url.startswith("postgresql")
    assert settings.public_url == "http://127.0.0.1:8090"


def test_all_that_send_have_the_same_home_and_database() -> None:
    senders = ["deploy", "worker", "web", "slack"]
    assert {SERVICES[name]["environment"]["FIRST90_DATABASE_URL"] for name in senders} == {
        SERVICES["migrate"]["environment"]["FIRST90_DATABASE_URL"]
    }
    assert {tuple(SERVICES[name]["volumes"]) for name in senders} == {("home:/var/lib/first90",)}
    assert "FIRST90_HOME=/var/lib/first90" in DOCKERFILE


def test_the_topology_is_two_servers_three_workers_and_what_they_lean_on() -> None:
    servers = [name for name, one in SERVICES.items() if "--no-services" in (one.get("command") or ())]
    assert servers == ["prefect-1", "prefect-2"]
    assert all("prefect" in SERVICES[name]["networks"]["default"]["aliases"] for name in servers)
    assert SERVICES["prefect-2"]["depends_on"] == {"prefect-1": {"condition": "service_healthy"}}
    assert SERVICES["worker"]["deploy"]["replicas"] == 3
    for name in [*servers, "prefect-services", "migrate-prefect"]:
        assert environment(name)["PREFECT_SERVER_DATABASE_CONNECTION_URL"].endswith("@postgres:5432/prefect")
        assert environment(name)["PREFECT_SERVER_DATABASE_MIGRATE_ON_START"] == "false"


def test_whatever_is_named_in_the_compose_file_is_in_it() -> None:
    for name, one in SERVICES.items():
        assert set(one.get("depends_on", {})) <= SERVICES.keys(), name
        for volume in one.get("volumes", ()):
            assert volume.partition(":")[0] in COMPOSE["volumes"], name
        for waited, how in one.get("depends_on", {}).items():
            needed = "healthcheck" if how["condition"] == "service_healthy" else "command"
            assert needed in SERVICES[waited], f"{name} waits for {waited}"
        for port in one.get("ports", ()):
            assert port.startswith("127.0.0.1:"), f"{name} is open to the network"
    asked = {found[1] for found in INTERPOLATED.finditer((DEPLOY / "compose.yaml").read_text("utf-8"))}
    page = (ROOT / "docs" / "containers.md").read_text("utf-8")
    assert {name for name in asked - {"FIRST90_IMAGE"} if f"{name}=" not in page} == set()


@pytest.mark.parametrize("service", OURS)
def test_a_service_can_write_only_where_it_has_to(service: str) -> None:
    one = SERVICES[service]
    assert (one["read_only"], one["cap_drop"], one["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in one, "the image's own"


def test_the_image_is_of_the_lock_and_the_wheel_alone_and_not_run_as_root() -> None:
    assert VERSION is not None
    assert SERVICES["web"]["image"] == f"${{FIRST90_IMAGE:-first90:{VERSION[1]}}}"
    instructions = re.findall(r"^([A-Z]+) (.+)", DOCKERFILE, re.MULTILINE)
    words = [word for word, _ in instructions]
    assert words[:2] == ["ARG", "FROM"]
    assert ":latest" not in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    assert dict(instructions)["USER"] == "10001:10001"
    assert words.index("USER") > words.index("RUN")
    copied = [what for word, what in instructions if word == "COPY"]
    assert copied == ["deploy/image/requirements.lock dist/*.whl /build/", "--from=build /opt/first90 /opt/first90"]
    allowed = (DEPLOY / "image" / "Dockerfile.dockerignore").read_text("utf-8").split()
    assert allowed == ["*", "!dist/*.whl", "!deploy/image/requirements.lock"]


def test_secrets_are_no_settings_of_kubernetes() -> None:
    open_ones = (DEPLOY / "kubernetes" / "first90.env.example").read_text("utf-8")
    secret = {variable(name) for name in SECRETS} - {"FIRST90_MAIL"}  # which names a provider here
    assert [name for name in secret if re.search(rf"^{name}=", open_ones, re.MULTILINE)] == []
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    written = {"deploy/.env", "deploy/first90.env", "deploy/kubernetes/first90.env", "deploy/kubernetes/secrets.env"}
    assert written <= set(ignored), "neither committed nor packaged"


def kustomized(folder: Path) -> list[dict[str, Any]]:
    shutil.copytree(DEPLOY / "kubernetes", folder)
    for name in ("first90.env", "secrets.env"):
        shutil.copy(folder / f"{name}.example", folder / name)
    made = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(made.stdout))


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_the_kustomize_folder_builds_and_its_parts_fit(tmp_path: Path) -> None:
    made = kustomized(tmp_path / "kubernetes")
    named = {(one["kind"], one["metadata"]["name"]) for one in made}
    assert {one["metadata"].get("namespace", "first90") for one in made} == {"first90"}
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in made if "template" in one.get("spec", {})]
    for one in made:
        if one["kind"] in ("Service", "PodDisruptionBudget"):
            chosen: Mapping[str, str] = one["spec"]["selector"]
            chosen = chosen.get("matchLabels", chosen)  # type: ignore[assignment]
            assert any(chosen.items() <= found.items() for found in labels), one["metadata"]["name"]
        if one["kind"] in ("Deployment", "StatefulSet", "Job"):
            _check_pod(one, named)


def _check_pod(workload: dict[str, Any], named: set[tuple[str, str]]) -> None:
    name, pod = workload["metadata"]["name"], workload["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"], name
    assert container["securityContext"]["readOnlyRootFilesystem"], name
    assert container["image"].split(":")[-1] not in ("latest", "first90"), name
    if name != "redis":
        assert container["image"] == f"first90:{VERSION and VERSION[1]}"
        assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"], name
    for source in container.get("envFrom", ()):
        for kind, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            assert key not in source or (kind, source[key]["name"]) in named, name
    volumes = {one["name"] for one in pod.get("volumes", ())}
    volumes |= {one["metadata"]["name"] for one in workload["spec"].get("volumeClaimTemplates", ())}
    assert {one["name"] for one in container["volumeMounts"]} <= volumes, name
