"""Nothing from outside steers the terminal: code, names of files, texts of errors."""

import io
import sys
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from k2compat.cli import main
from k2compat.cli.migrate import print_line
from k2compat.cli.terminal import say
from k2compat.escaping import escaped, one_line
from k2compat.parity import html
from k2compat.parity import report as parity_report
from k2compat.parity.recording import Recording
from k2compat.parity.side import Parity, Side
from k2compat.parity.verdicts import compare
from k2compat.screen import EscapingConsole
from migrate.cases import OLD, write

pytestmark = pytest.mark.keras3_only

TITLE, CLIPBOARD, CLEAR = "\x1b]0;mine\x07", "\x1b]52;c;eA==\x1b\\", "\x1b[2J"
STEERING = [TITLE, CLIPBOARD, CLEAR, "\x9b2J", "\r", "\b", "\x00", "\u202e", "\u2066", "\u2028", "\udcff", "\x7f"]


def steers(text):
    return any(sign in text for signs in STEERING for sign in signs if not (sign.isalnum() or sign in "[];=\\"))


@pytest.mark.parametrize("signs", STEERING, ids=ascii)
def test_what_steers_is_written_out(signs):
    for form in (escaped, one_line):
        assert not steers(form(f"a{signs}b"))
        assert form(f"a{signs}b").startswith("a")
    assert escaped("é\t世\n🙂\xa0") == "é\t世\n🙂\xa0"
    assert one_line("a\n\tb") == r"a\n\tb"


@pytest.mark.parametrize("signs", STEERING, ids=ascii)
def test_a_console_shows_no_text_that_steers(signs):
    table = Table("a", title=signs)
    table.add_row(Text(f"cell {signs}", style="bold"))
    screen = EscapingConsole(file=io.StringIO(), width=60, markup=False)
    for shown in (signs, Text(signs), table):
        screen.print(shown)
    assert not steers(screen.file.getvalue())
    coloured = EscapingConsole(file=io.StringIO(), force_terminal=True, color_system="standard")
    print_line(coloured, f"-x = '{signs}'")
    assert coloured.file.getvalue() == f"\x1b[31m-x = '{escaped(signs)}'\x1b[0m\n"


@pytest.mark.parametrize("signs", [TITLE, CLEAR, "\udcff", "\u202e"], ids=ascii)
def test_reports_of_parity_do_not_steer(tmp_path, signs):
    side = Side(f"graph mode {signs}", "graph", "", "", tmp_path, failure=f"Traceback\n  {signs}\nValueError: {signs}")
    recording = Recording(tmp_path)
    recording.notes = [f"left out: !echo {signs}"]
    done = Parity(Path(f"script{signs}.py"), compare(recording, recording), [side], [])
    assert not steers(parity_report.plain(parity_report.rendered(done)))
    page = html.page(done)
    assert not steers(page)
    page.encode()


@pytest.mark.parametrize("signs", [TITLE, CLEAR, "\udcff", "\u202e"], ids=ascii)
@pytest.mark.parametrize(
    "words",
    [
        ["migrate", "no{}.py"],
        ["migrate", "--select", "{}", "x"],
        ["migrate", "--bad{}"],
        ["{}"],
        ["audit", "no{}.py"],
        ["audit", "--runtime", "no{}.py"],
        ["run", "no{}.py"],
        ["parity", "no{}.py"],
        ["demo", "--model", "no{}.h5", "--image", "no.png"],
    ],
    ids=str,
)
def test_messages_do_not_steer(here, capsys, words, signs):
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(main([word.format(signs) for word in words]))
    assert ended.value.code in (2, 3)
    shown = "".join(capsys.readouterr())
    assert not steers(shown)
    assert shown.strip()


def test_code_in_reports_does_not_steer(here, capsys):
    write(
        here, a_py=OLD + f"K._helper{TITLE}(1)\n", b_py=OLD + f"K._no('{CLEAR}')\nx = K.function([], [], '{TITLE}')\n"
    )
    main(["migrate", "--check", "--level", "native", "."])
    main(["audit", "."])
    assert not steers("".join(capsys.readouterr()))


def test_a_file_has_one_line_in_the_table(here, capsys):
    write(here, **{"a\nb\tc.py": OLD})
    main(["audit", "."])
    assert r" a\nb\tc.py " in capsys.readouterr().out


def test_lines_are_printed_whatever_the_encoding(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stderr", out)
    say("ü\udcff", Path("a\nb"))
    out.flush()
    assert out.buffer.getvalue() == rb"\xfc\udcff" + b"\n" + rb"a\nb" + b"\n"


def test_help_is_shown_as_it_is(capsys):
    with pytest.raises(SystemExit):
        main(["migrate", "--help"])
    assert "\n  --level" in capsys.readouterr().out
