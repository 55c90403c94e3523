"""What a person asked for and cannot have."""


class Refused(Exception):
    """The order cannot be carried out as given. The message names the thing, the place and the mend; nothing changed."""
