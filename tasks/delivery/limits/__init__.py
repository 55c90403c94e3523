"""When something that is due may leave: rates, pauses that a far side asks for, and a clock that can be believed."""
