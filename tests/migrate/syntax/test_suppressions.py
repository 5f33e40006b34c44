"""Comments that suppress rules."""

import pytest

from migrate.cases import check_noop, check_transformed


@pytest.mark.parametrize("comment", ["ignore", "ignore[swap]", "ignore[swap.graph-mode]", "ignore[keras3.lr, swap]"])
def test_a_line_can_be_kept_from_rules(comment):
    check_noop(f"import tensorflow as tf\ntf.disable_v2_behavior(\n)  # k2compat: {comment}\n")


def test_a_line_is_kept_from_the_named_rules_only():
    check_transformed(
        "import tensorflow as tf\ntf.disable_v2_behavior()  # k2compat: ignore[keras3]\n", "import tensorflow as tf\n"
    )


def test_a_file_can_be_kept_from_rules():
    check_noop("import tensorflow as tf\n# k2compat: ignore-file[swap]\ntf.disable_v2_behavior()\n")


def test_a_text_that_looks_like_the_comment_is_none():
    check_transformed(
        "import tensorflow as tf\nx = '# k2compat: ignore-file'\ntf.disable_v2_behavior()\n",
        "import tensorflow as tf\nx = '# k2compat: ignore-file'\n",
    )
