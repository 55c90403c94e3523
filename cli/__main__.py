"""``python -m cli``: the same as ``first90``, where no installed command can be counted on."""

from cli.main import main

main()
