"""What a person asked for and cannot have."""


class Refused(Exception):
    """The order cannot be carried out as given; nothing changed. The message names the thing and the mend."""
