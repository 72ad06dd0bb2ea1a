"""HTML pages: the start page, the raffle pages, and the documentation of the API."""
