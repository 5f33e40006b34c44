"""``k2compat migrate``: rewrites old code, level by level, and reports what needs manual work.

A rule reads a parsed module and proposes edits of source ranges; the engine applies them. So everything outside an edit
stays byte for byte, and rules compose.
"""
