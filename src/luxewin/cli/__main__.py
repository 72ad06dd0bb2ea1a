"""`python -m luxewin.cli`."""

from luxewin.cli import main

main()
