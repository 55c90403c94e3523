"""The parts of playbooks that belong to products: the files of ``parts/`` beside the playbooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.files.marked_yaml import Marked
from config.files.mistakes import Mistake, PlaybookError, dotted
from config.playbook_library.reading import read_model
from onboarding.conditions.stitching import Refused, stitched
from onboarding.model.conditions.part import PlaybookPart
from onboarding.model.playbook import Playbook

PARTS = "parts"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFile:
    """A part with the lines it was read from."""

    file: str
    part: PlaybookPart
    marked: Marked


def read_parts(folder: Path) -> tuple[tuple[PartFile, ...], tuple[Mistake, ...]]:
    """Return every readable part of a folder of playbooks, and all mistakes of the others."""
    found: dict[str, PartFile] = {}
    mistakes: list[Mistake] = []
    for path in sorted((folder / PARTS).glob("*.y*ml")):
        name = f"{PARTS}/{path.name}"
        try:
            part, marked = read_model(path, PlaybookPart, name)
        except PlaybookError as error:
            mistakes += error.mistakes
            continue
        if twin := found.get(part.part):
            problem = f"{twin.file} is the part {part.part} already"
            line = marked.line_of(("part",))
            mistakes.append(
                Mistake(file=name, line=line, field="part", problem=problem, mend="give it a name of its own")
            )
            continue
        found[part.part] = PartFile(file=name, part=part, marked=marked)
    return tuple(found.values()), tuple(mistakes)


def with_parts(playbook: Playbook, parts: Sequence[PartFile]) -> Playbook:
    """Return the playbook with the parts in it. Raise PlaybookError where one does not fit."""
    try:
        return stitched(playbook, [one.part for one in parts])
    except Refused as why:
        file = next(one for one in parts if one.part.part == why.part)
        place, problem = why.place, f"{why.problem} (in the playbook of {playbook.tier})"
        mistake = Mistake(
            file=file.file, line=file.marked.line_of(place), field=dotted(place), problem=problem, mend=why.mend
        )
    except ValueError as error:
        names = ", ".join(one.file for one in parts)
        problem = f"with them the playbook of {playbook.tier} is none: {error}"
        mistake = Mistake(file=names, line=0, field="", problem=problem, mend="correct the name")
    raise PlaybookError([mistake])
