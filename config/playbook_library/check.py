"""Checks that connect playbooks with rules and templates; all mistakes are reported at once, before anything runs."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from config.company.mapping import load_mapping
from config.files.marked_yaml import Path as Place
from config.files.mistakes import Mistake, PlaybookError, dotted, nearest
from config.mail_templates.check import language_problems, says_problems, shared_problems, template_problems
from config.mail_templates.render import Templates
from config.playbook_library.anchors import anchor_problems
from config.playbook_library.conditions import condition_mistakes, condition_warnings, conditions_of, tier_mistakes
from config.playbook_library.library import PlaybookFile, read_playbooks
from config.playbook_library.parts import PartFile, read_parts, with_parts
from config.playbook_library.phases import phase_problems
from config.playbook_library.policies import policy_mistakes
from config.playbook_library.tiers import read_tier_file
from onboarding.clashes.clash import ANCHOR
from onboarding.model.conditions.part import PlaybookPart
from onboarding.model.message_policy import FORBIDDEN, MailPart
from onboarding.model.playbook import MilestonePlan, Playbook, Step
from onboarding.model.usage import Detection
from onboarding.model.vocabulary import STAGES, Concern, Side
from onboarding.model.written.stall_rule import StallRule
from onboarding.newcomers.newcomers import ANCHOR as JOINED
from onboarding.own_tasks.plan import PREFIX
from onboarding.shared_plan.passed_calls import ANCHOR as MISSED
from onboarding.stages import TABLE
from onboarding.stalls import KINDS, NEXT_STEP_NAMES
from onboarding.usage.vendor_work import is_vendor_work

_CHECK_INS = ("check_in_7", "check_in_30", "check_in_90")
EACH = {ANCHOR: "conflict", JOINED: "newcomer", MISSED: "missed call"}
FIXED_KINDS = frozenset({"welcome", "kickoff_invitation", *_CHECK_INS, "risk_review", "activation", "transition"})
"""Steps that reports, exports and the CRM refer to, so every playbook must have them."""
OUTCOME = "name the first thing that the customer's people do with the product, such as: Share the first report"
_NAMED = re.compile(r"\{(\w+)\}")


def check(folder: Path, templates: Templates) -> tuple[Mistake, ...]:
    """Return every mistake of playbooks, tier rules and templates, with file, line, field and remedy; empty if there is
    none. Only reads files, so it is safe at any time."""
    found, mistakes = read_playbooks(folder)
    told = [*mistakes, *shared_problems(templates)]
    mapped = load_mapping().read.condition_fields
    tiers = None if mistakes else frozenset(file.playbook.tier for file in found)
    try:
        told += tier_mistakes(read_tier_file(folder), mapped, tiers)
    except PlaybookError as error:
        told += error.mistakes
    for name in templates.names():
        told += template_problems(templates, name)
    told += language_problems(templates)
    for file in found:
        told += _PlaybookCheck(file, templates).mistakes()
        told += condition_mistakes(conditions_of(file), mapped, tiers)
    parts, of_parts = read_parts(folder)
    told += of_parts
    for part in parts:
        told += condition_mistakes(conditions_of(part), mapped, tiers)
    for file in found:
        told += _in_parts(file, parts, templates)
    told += policy_mistakes(folder, [*(one.playbook for one in found), *(one.part for one in parts)], tiers)
    return tuple(dict.fromkeys(told))


def warnings(folder: Path, products: Collection[str] | None) -> tuple[Mistake, ...]:
    """Return what a playbook can be run with and a person should look at: conditions that can never hold.

    ``products`` are those of all deals; None where they are not known. Only reads files.
    """
    found: tuple[PlaybookFile | PartFile, ...] = (*read_playbooks(folder)[0], *read_parts(folder)[0])
    return tuple(one for file in found for one in condition_warnings(conditions_of(file), products))


def _in_parts(file: PlaybookFile, parts: Sequence[PartFile], templates: Templates) -> Iterator[Mistake]:
    """Yield what is wrong with parts in one of the playbooks."""
    try:
        playbook = with_parts(file.playbook, parts)
    except PlaybookError as error:
        yield from error.mistakes
        return
    for one in parts:
        whole = PlaybookFile(file=one.file, playbook=playbook, marked=one.marked)
        yield from _PlaybookCheck(whole, templates).of(one.part)


class _PlaybookCheck:
    """The checks of one playbook."""

    def __init__(self, file: PlaybookFile, templates: Templates) -> None:
        self._file, self._templates = file, templates
        self._playbook = file.playbook

    def mistakes(self) -> Iterator[Mistake]:
        yield from self._exits()
        yield from self._activation()
        yield from self._ladder()
        for kind in sorted(FIXED_KINDS - {step.name for step in self._playbook.steps}):
            yield self._mistake(
                ("steps",), f"the step {kind} is missing", f"add a step named {kind}: others rely on it"
            )
        yield from self.of(self._playbook)

    def of(self, part: Playbook | PlaybookPart) -> Iterator[Mistake]:
        """Yield the mistakes of what the file says itself: the playbook, or one of the parts in it."""
        yield from self._names(part)
        yield from self._rules(part.stalls)
        yield from self._calls(part)
        for number, step in enumerate(part.steps):
            yield from self._step(("steps", number), step)

    def _exits(self) -> Iterator[Mistake]:
        milestones = {plan.name for plan in self._playbook.milestones()}
        for stage in STAGES:
            known = milestones | set(TABLE[stage].conditions)
            for number, name in enumerate(self._playbook.stages[stage].exit):
                if name not in known:
                    problem = f"{name!r} is neither a milestone nor a condition of this stage"
                    yield self._mistake(("stages", stage.value, "exit", number), problem, nearest(name, known))

    def _names(self, part: Playbook | PlaybookPart) -> Iterator[Mistake]:
        """Yield milestones with a name that a task of one account could have."""
        for place, plan in _milestones(part):
            if plan.name.startswith(PREFIX):
                problem = f"names that begin with {PREFIX} are those of single accounts' own tasks"
                yield self._mistake((*place, "name"), problem, "give it another name")

    def _activation(self) -> Iterator[Mistake]:
        """Yield mistakes against GO-2: activation is an event of the customer, not a delivery of the vendor."""
        for stage in STAGES:
            for number, plan in enumerate(self._playbook.stages[stage].milestones):
                if plan.name != "activation":
                    continue
                place: Place = ("stages", stage.value, "milestones", number)
                if plan.side is not Side.CUSTOMER:
                    problem = "activation is a task of ours and so no outcome of the customer (GO-2)"
                    yield self._mistake(
                        (*place, "side"), problem, "name an event of the customer and set side: customer"
                    )
                for where, said in _said_of(plan):
                    if is_vendor_work(said):
                        problem = f"{said!r} measures our work and no outcome of the customer, whatever its side (GO-2)"
                        yield self._mistake((*place, *where), problem, OUTCOME)
        if "activation" not in {plan.name for plan in self._playbook.milestones()}:
            place = ("stages", "first_value", "milestones")
            yield self._mistake(place, "there is no milestone named activation", "add the event that shows first value")

    def _ladder(self) -> Iterator[Mistake]:
        for number, kind in enumerate(self._playbook.ladder.to_sponsor):
            if kind not in KINDS:
                problem = f"no rule finds a stall named {kind!r}"
                yield self._mistake(("ladder", "to_sponsor", number), problem, nearest(kind, KINDS))

    def _rules(self, stalls: Mapping[str, StallRule]) -> Iterator[Mistake]:
        for kind, rule in stalls.items():
            if kind not in KINDS:
                yield self._mistake(("stalls", kind), f"no rule finds a stall named {kind!r}", nearest(kind, KINDS))
            for name in _NAMED.findall(rule.next_step):
                if name not in NEXT_STEP_NAMES:
                    place = ("stalls", kind, "next_step")
                    yield self._mistake(place, f"a next step cannot name {{{name}}}", nearest(name, NEXT_STEP_NAMES))

    def _calls(self, part: Playbook | PlaybookPart) -> Iterator[Mistake]:
        """Yield mistakes of calls: a call's time must be recorded somewhere, and only one step may invite to it."""
        for place, problem in anchor_problems(part):
            yield self._mistake(place, problem, "name another anchor")
        steps, own = self._playbook.steps, {step.name for step in part.steps}
        known = {plan.name for plan in self._playbook.milestones()} | {step.name for step in steps}
        seen = {step.calendar.meeting for step in steps if step.calendar and step.name not in own}
        for number, step in enumerate(part.steps):
            if step.due.anchor in EACH and step.every:
                problem = f"each {EACH[step.due.anchor]} is told once"
                yield self._mistake(("steps", number, "every"), problem, "take out every:")
            if step.calendar is None:
                continue
            name, place = step.calendar.meeting, ("steps", number, "calendar", "meeting")
            if name not in known:
                problem = f"nothing records the time of {name!r}: it is neither a milestone nor a step"
                yield self._mistake(place, problem, nearest(name, known))
            if name in seen:
                yield self._mistake(place, f"another step invites to {name} already", "keep one step for each call")
            if step.every is not None or step.mode == "task":
                problem, mend = "an invitation goes out whenever its time changes", "take out every: and mode:"
                yield self._mistake(("steps", number), problem, mend)
            seen.add(name)

    def _step(self, place: Place, step: Step) -> Iterator[Mistake]:
        if step.group is Concern.ESCALATIONS:
            yield self._mistake((*place, "group"), "no flow sends steps of this group", "use stages or check_ins")
        if step.mail is not None:
            yield from self._mail((*place, "mail"), step, step.mail)
        if step.slack is not None:
            says = (*place, "slack", "says")
            line = self._file.marked.line_of(says)
            yield from says_problems(self._templates, step.slack.says, self._file.file, line, dotted(says))

    def _mail(self, place: Place, step: Step, mail: MailPart) -> Iterator[Mistake]:
        if mail.template not in self._templates.names():
            problem, mend = (
                f"there is no template {mail.template!r}",
                nearest(mail.template, self._templates.names()),
            )
            yield self._mistake((*place, "template"), problem, mend)
            return
        try:
            head = self._templates.source(mail.template).head
        except PlaybookError:
            return  # reported once, with the template itself
        if head.topic is not mail.topic:
            problem = f"the template {mail.template} is about {head.topic}, not {mail.topic}"
            yield self._mistake((*place, "topic"), problem, f"write topic: {head.topic}, or use another template")
        if head.purpose != step.purpose:
            problem = f"the template {mail.template} is {head.purpose}, the step {step.purpose}"
            yield self._mistake(place, problem, f"write purpose: {head.purpose} at the step, or use another template")
        for number, problem, mend in phase_problems(self._playbook, step):
            yield self._mistake((*place, "to", "roles", number), problem, mend)
        for key, roles in (("roles", mail.to.roles), ("otherwise", mail.to.otherwise)):
            for number, role in enumerate(roles):
                if mail.topic in FORBIDDEN[role]:
                    problem = f"{role} must not get {mail.topic} (SH-4)"
                    mend = f"take {role} out of {key}, or send a template on another topic"
                    yield self._mistake((*place, "to", key, number), problem, mend)

    def _mistake(self, place: Place, problem: str, mend: str) -> Mistake:
        line = self._file.marked.line_of(place)
        return Mistake(file=self._file.file, line=line, field=dotted(place), problem=problem, mend=mend)


def _milestones(part: Playbook | PlaybookPart) -> Iterator[tuple[Place, MilestonePlan]]:
    """Yield the milestones with their places."""
    for stage, plan in part.stages.items():
        for number, one in enumerate(plan.milestones):
            yield ("stages", stage.value, "milestones", number), one


def _said_of(plan: MilestonePlan) -> Iterator[tuple[Place, str]]:
    """Yield the title and the signals of a milestone with their places."""
    yield ("title",), plan.title
    detections: list[tuple[Place, Detection]] = [(("signal",), plan.signal)] if plan.signal else []
    detections += [(("signal_for", number, "signal"), one.signal) for number, one in enumerate(plan.signal_for)]
    for place, detection in detections:
        yield (*place, "signal"), detection.signal
        for number, need in enumerate(detection.also):
            yield (*place, "also", number, "signal"), need.signal
