"""Conflicts of priorities on the plan page: raised by any reader, decided by the executive sponsor (SH-7)."""
