"""``python -m k2compat``, and the console script ``k2compat``."""

import sys

from k2compat.import_path import drop_current_folder


def main() -> int:
    """Run the command line of this process, which imports nothing from the current folder.

    Returns:
        The exit code.
    """
    drop_current_folder()
    from k2compat import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
