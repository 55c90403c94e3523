"""The phrases that code rather than a template writes to a customer's people, in English; files translate them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from onboarding.brand.resources import ResourceKind
from onboarding.facts.feedback import QUESTIONS, SCALES
from onboarding.languages.answer_phrases import AnswerPhrases
from onboarding.languages.call_phrases import CallPhrases
from onboarding.languages.clash_phrases import ClashPhrases
from onboarding.languages.plan_phrases import PlanPhrases
from onboarding.languages.profile_phrases import ProfilePhrases
from onboarding.model.phrases import stage_words
from onboarding.model.schedule import Written
from onboarding.model.vocabulary import CustomerRole, Stage, SurveyKind, VendorRole
from onboarding.sentences.account_plan_phrases import AccountPlanPhrases
from onboarding.sentences.counted import Counted
from onboarding.sentences.digest_phrases import DigestPhrases, TaskPhrases
from onboarding.sentences.form_phrases import FormPhrases, ProblemPhrases
from onboarding.sentences.label_phrases import LabelPhrases
from onboarding.sentences.note_phrases import NotePhrases
from onboarding.sentences.post_phrases import PostPhrases
from onboarding.sentences.reply_phrases import HomePhrases, ReplyPhrases, SlashPhrases
from onboarding.sentences.said_phrases import SaidPhrases
from onboarding.sentences.stall_phrases import StallPhrases
from onboarding.sentences.term_phrases import TermPhrases
from onboarding.shared_plan.said import BLOCKERS, Blocker


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases(Written):
    """Parts of sentences in mails. A phrase keeps the names in braces of the English one, in any order."""

    formal_mr: str = "Mr {family}"
    formal_ms: str = "Ms {family}"
    family_first: str = "{family} {given}"
    """A full name, in languages with the family name first."""
    due_by: str = "by {day}"
    due_today: str = "due today"
    due_over: str = "was due on {day}"
    goal_due_today: str = "by today"
    meeting: str = "{day} at {time} ({zone})"
    zone: str = "{city} time"
    to_be_agreed: str = "a time to be agreed"
    """The time of a call in a preview before one is agreed."""
    ask_time: str = "Which time would suit you for a call? A short reply is enough."
    """In place of the times that a mail would offer, where none is free."""
    goal: str = "{metric} from {baseline} to {target} {unit}"
    goal_stands: str = "{value} {unit} on {day}"
    goal_reached: str = "{goal}: reached, {stands}"
    goal_ahead: str = "{goal} {due}"
    goal_ahead_stands: str = "{goal} {due}, {stands} ({way})"
    goal_over: str = "{goal} {due}; {outcome}"
    goal_missed: str = "not reached, {stands}"
    goal_unmeasured: str = "how it came out is still to be measured"
    way: str = "{percent} % of the way"
    way_none: str = "no nearer to the target yet"
    resource_minutes: Counted = Counted(one="{kind}, {count} minute", other="{kind}, {count} minutes")
    invitation: str = "{call}: {companies}"
    """The title of a call in calendars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePhrases(Written):
    """The texts of the pages that a customer's person opens from a mail."""

    unsubscribe_title: str = "Unsubscribe?"
    unsubscribe_what: str = (
        "Two kinds of mail stop: those that celebrate a result, and those that add up what you have gained."
    )
    unsubscribe_rest: str = (
        "What the work itself needs still comes: dates, invitations, training, and where things stand."
    )
    unsubscribe: str = "Unsubscribe"
    unsubscribed_title: str = "You are unsubscribed"
    unsubscribed_what: str = "It counts from now on. Was it a mistake? One click takes it back."
    subscribe_again: str = "Subscribe again"
    subscribed_title: str = "You are subscribed again"
    subscribed_what: str = "Everything is as it was before."
    scale: str = "{low} ({worst}) to {high} ({best})"
    reason: str = "What is the reason? (optional)"
    send: str = "Send"
    choose: str = "Choose one of the numbers, then send."
    thanks_title: str = "Thank you"
    thanks_fresh: str = "Your answer is kept, and a person reads it."
    thanks_again: str = "You had answered before; that answer counts."
    bad_link_title: str = "This link does not work"
    bad_link_rest: str = "Or reply to the mail; a person reads it."
    bad_link_incomplete: str = "This link is not complete; take it from the mail once more."
    bad_link_unused: str = "This link is not in use any more."
    bad_link_old: str = "This link is too old; the newest mail has one that works."
    privacy: str = "Privacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMailPhrases(Written):
    """The mail with a new link to the plan page; Markdown, but for the subject."""

    subject: str = "Your link to the plan of {account}"
    greeting: str = "Hello {name},"
    greeting_without_name: str = "Hello,"
    here: str = "here is your link to the plan of {account}:"
    button: str = "Open the plan"
    yours_alone: str = "It is yours alone: please do not forward it. Earlier links may not work any more."
    why: str = "You get this because a new link was asked for. Nobody needs to do anything if it was not you."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends(Written):
    """The meaning of the two ends of a survey's scale."""

    worst: str
    best: str


def _roles() -> Mapping[CustomerRole, str]:
    return {
        CustomerRole.EXECUTIVE_SPONSOR: "the executive sponsor",
        CustomerRole.CHAMPION: "the project champion",
        CustomerRole.TECHNICAL_ADMIN: "a technical administrator",
        CustomerRole.IT_SECURITY: "the contact for security",
        CustomerRole.MANAGER: "a manager of the people who use it",
        CustomerRole.ECONOMIC_BUYER: "the budget holder",
        CustomerRole.END_USER: "one of the people who work with it",
    }


def _titles() -> Mapping[VendorRole, str]:
    return {
        VendorRole.ACCOUNT_EXECUTIVE: "Account executive",
        VendorRole.CSM: "Customer success manager",
        VendorRole.ONBOARDING_SPECIALIST: "Onboarding specialist",
        VendorRole.IMPLEMENTATION_ENGINEER: "Implementation engineer",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Written):
    """All words of one language besides its templates; what a file leaves out is said in English."""

    phrases: Phrases = field(default_factory=Phrases)
    pages: PagePhrases = field(default_factory=PagePhrases)
    plan: PlanPhrases = field(default_factory=PlanPhrases)
    answers: AnswerPhrases = field(default_factory=AnswerPhrases)
    calls: CallPhrases = field(default_factory=CallPhrases)
    clashes: ClashPhrases = field(default_factory=ClashPhrases)
    profile: ProfilePhrases = field(default_factory=ProfilePhrases)
    link_mail: LinkMailPhrases = field(default_factory=LinkMailPhrases)
    terms: TermPhrases = field(default_factory=TermPhrases)
    """This section and the next ones, up to ``labels``, are what the vendor's people read in Slack."""
    stalls: StallPhrases = field(default_factory=StallPhrases)
    posts: PostPhrases = field(default_factory=PostPhrases)
    digest: DigestPhrases = field(default_factory=DigestPhrases)
    tasks: TaskPhrases = field(default_factory=TaskPhrases)
    notes: NotePhrases = field(default_factory=NotePhrases)
    said: SaidPhrases = field(default_factory=SaidPhrases)
    account_plan: AccountPlanPhrases = field(default_factory=AccountPlanPhrases)
    forms: FormPhrases = field(default_factory=FormPhrases)
    problems: ProblemPhrases = field(default_factory=ProblemPhrases)
    replies: ReplyPhrases = field(default_factory=ReplyPhrases)
    home: HomePhrases = field(default_factory=HomePhrases)
    slash: SlashPhrases = field(default_factory=SlashPhrases)
    labels: LabelPhrases = field(default_factory=LabelPhrases)
    roles: Mapping[CustomerRole, str] = field(default_factory=_roles)
    """How a mail calls the part that its reader has in the project."""
    titles: Mapping[VendorRole, str] = field(default_factory=_titles)
    stages: Mapping[Stage, str] = field(default_factory=lambda: {stage: stage_words(stage) for stage in Stage})
    questions: Mapping[SurveyKind, str] = field(default_factory=lambda: dict(QUESTIONS))
    scales: Mapping[SurveyKind, Ends] = field(
        default_factory=lambda: {kind: Ends(worst=one.worst, best=one.best) for kind, one in SCALES.items()}
    )
    resources: Mapping[ResourceKind, str] = field(default_factory=lambda: {kind: kind.value for kind in ResourceKind})
    blockers: Mapping[Blocker, str] = field(default_factory=lambda: dict(BLOCKERS))
    """What blocks work of the customer's side, as the vendor says it, after a colon."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Texts of the playbooks, exactly as they stand there, with their translation: titles of milestones and calls,
    lines of ``value``, what a customer sees of a stage. A text that is changed in a playbook is said as it stands
    there, until this follows."""
    nouns_in_capitals: bool = False
    """Whether nouns begin with a capital inside a sentence, as in German: titles then keep theirs."""
    greets_formally: bool = False
    """Whether a mail greets by the family name, or by the full name where no title is known, and not by the first."""
    family_name_first: bool = False
    """Whether a full name begins with the family name, as in Japanese."""
    language: str = field(default="", metadata={"pattern": r"^$|^[a-z]{2,3}(-[A-Z]{2})?$"})
    """Only beside the templates themselves: the language that they are in, if not English."""
