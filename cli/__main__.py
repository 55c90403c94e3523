"""``python -m cli``: the same as ``first90``, without an installed command."""

from cli.main import main

main()
