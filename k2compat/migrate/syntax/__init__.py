"""The syntax tree of a module: parsing, names, edits."""
