"""The tiers of the bundled playbooks."""

from onboarding.model.vocabulary import Tier

HIGH, MID, TECH = Tier("high"), Tier("mid"), Tier("tech")
BUNDLED_TIERS = (HIGH, MID, TECH)
