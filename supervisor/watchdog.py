"""Runs a module as ``python -m`` does, and ends it with the process that started it.

``python -m supervisor.watchdog MODULE ARGUMENTS...`` with a pipe as its standard input: the pipe closes when the
process at its other end ends, even if it was killed, and then the module gets SIGTERM.
"""

import os
import runpy
import signal
import sys
import threading

COMMAND = (sys.executable, "-m", "supervisor.watchdog")


def follow_the_parent() -> None:
    """End this process by SIGTERM as soon as its standard input is closed."""

    def until_it_ends() -> None:
        while os.read(0, 1024):  # not sys.stdin: its lock would block the interpreter's exit
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=until_it_ends, daemon=True).start()


if __name__ == "__main__":
    follow_the_parent()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
