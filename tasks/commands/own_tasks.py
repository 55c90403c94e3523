"""Adds tasks to one account: reported by a person, and kept whatever version of the playbook follows."""

from onboarding.dates.working_time import zone_of
from onboarding.facts.fold import fold_facts
from onboarding.model.vocabulary import FactKind, Stage
from onboarding.orders import FactReport
from onboarding.own_tasks.plan import own_tasks, task_name, task_of
from onboarding.own_tasks.request import TaskRefused, TaskRequest, same_task, task_value
from onboarding.sentences.sentence import sentence
from tasks.commands.fact_entry import open_entry, refuse_ahead, said_once
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


def record_task(context: RunContext, report: FactReport, wanted: str, asked: TaskRequest) -> str:
    """Add a task to the onboarding that is meant (TI-3). The same task again changes nothing.

    Return a sentence for the person, with the name by which the task is done, undone or moved. Raises Refused or
    NotFound, where nothing was changed.
    """
    refuse_ahead(report)
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        case = entry.case
        state = fold_facts(case, entry.playbook, report.now)
        try:
            value = task_value(asked, case, state, report.now)
        except TaskRefused as why:
            raise Refused(str(why)) from why
        known = task_of(own_tasks(entry.playbook), asked.title)
        name = known.name if known else task_name(asked.title)
        if known is not None:
            due_at = state.milestones[name].due_at
            due_on = due_at.astimezone(zone_of(case.account.zone or "UTC")).date() if due_at else None
            if not same_task(known, value, due_on):
                due = f", due on {due_on}" if due_on else ""
                raise Refused(
                    f"there is already a task {name} ({known.side}, {known.owner}, {known.stage}{due}); move it with "
                    f"`first90 record KEY due {name} DAY`, or give this one another title"
                )
            return said_once(False, sentence("replies.task_there", name=name, title=known.title))
        entry.keep(FactKind.TASK, name, value)
    said = "replies.task_needed" if value["needed"] else "replies.task_added"
    stage = {"stage": Stage(value["stage"])} if value["needed"] else {}
    return sentence(said, title=value["title"], name=name, day=value["due_on"], **stage)
