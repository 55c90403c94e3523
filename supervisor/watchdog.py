"""Runs a module as ``python -m`` does, but never for longer than the process that started it.

``python -m supervisor.watchdog MODULE WORDS...`` with a pipe as its standard input: the pipe ends with whoever holds
its other end, even one that was killed, and then the module is asked to end as SIGTERM asks.
"""

import os
import runpy
import signal
import sys
import threading

COMMAND = (sys.executable, "-m", "supervisor.watchdog")


def follow_the_parent() -> None:
    """From now on end with the other end of standard input."""

    def until_it_ends() -> None:
        while os.read(0, 1024):  # not sys.stdin: its lock would be in the way when the interpreter leaves
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=until_it_ends, daemon=True).start()


if __name__ == "__main__":
    follow_the_parent()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
