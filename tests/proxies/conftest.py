"""The proxies are programs of their own, so their tests run on request: `make test-proxies`."""

import os

collect_ignore_glob = [] if "LUXEWIN_TEST_AT_LENGTH" in os.environ else ["test_*.py"]
