"""Edits of a text, and which of them can be made together."""

import itertools

from k2compat.migrate.syntax.edits import Apart, Applied, Edit


def test_places_before_and_after_edits():
    applied = Applied("abcdefgh", [Edit(4, 6, "XYZ"), Edit(1, 3, ""), Edit(8, 8, "!")])
    assert applied.text == "adXYZgh!"
    assert [applied.forward(place) for place in (0, 3, 4, 6, 7)] == [0, 1, 2, 5, 6]
    assert [applied.back(place) for place in (0, 1, 2, 5, 6)] == [0, 3, 4, 6, 7]


def test_edits_are_taken_as_if_each_was_held_against_all_others():
    edits = [Edit(start, end, text) for start in range(3) for end in range(start, 4) for text in "ab"]
    for row in itertools.product(edits, repeat=3):
        apart, taken = Apart(), []
        for edit in row:
            meets = any(edit.meets(other) for other in taken if edit != other)
            assert apart.meets(edit) == meets
            if not meets:
                apart.add([edit])
                taken.append(edit)
