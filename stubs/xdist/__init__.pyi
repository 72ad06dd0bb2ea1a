# What the project uses of pytest-xdist, which brings no types of its own.
