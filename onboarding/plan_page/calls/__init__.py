"""Calls on the plan page: the agreed one, the one to be agreed, and booking, moving and cancelling them."""
