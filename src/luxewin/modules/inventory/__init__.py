"""Stock: what lies where, what is held for whom, and how it came to be so."""
