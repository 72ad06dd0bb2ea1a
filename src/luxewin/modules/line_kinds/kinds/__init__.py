"""The kinds of lines, one folder for each; `registry` lists them."""
