"""Files, folders, notebooks and projects that are migrated."""
