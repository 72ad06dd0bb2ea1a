"""The kinds of lines, a folder each; `registry` lists them."""
