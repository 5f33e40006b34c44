"""The page's table of searched errors: each comes word for word without k2compat, and has a way out with it."""

import importlib.util
import json
import re

import pytest
from paths import ROOT
from searched_errors import SEARCHED

pytestmark = pytest.mark.keras3_only

PAGE = (ROOT / "docs" / "errors.md").read_text()
MODEL = next(iter(sorted((ROOT / "k2compat" / "demo" / "data").rglob("*.h5"))))

# Runs codes, one after the other, and tells how each ended.
RUNNER = """
import json, os, shutil, sys
request = json.load(sys.stdin)
shutil.copy(request["model"], "custom_model.h5")
exec(request["first"])
endings = []
for code in request["codes"]:
    try:
        exec(compile(code, "script", "exec"), {"__name__": "__main__"})
    except Exception as error:
        endings.append(str(error))
    else:
        endings.append(None)
print("endings:" + json.dumps(endings))
"""
FIRST = {"graph": "import tensorflow as tf\ntf.compat.v1.disable_eager_execution()"}


def endings(codes, folder, where, run_script):
    """How each code ends in a process of that kind: the text of its error, None without one."""
    request = {"model": str(MODEL), "first": FIRST.get(where, ""), "codes": codes}
    done = run_script(
        RUNNER,
        cwd=folder,
        given=json.dumps(request),
        check=False,
        PYTHONWARNINGS="ignore",
        TF_USE_LEGACY_KERAS=str(int(where == "keras2")),
    )
    found = re.findall(r"^endings:(.*)$", done.stdout, re.M)
    assert found, done.stderr[-3000:]
    return json.loads(found[0])


@pytest.fixture(params=["keras3", "graph", "keras2"])
def where(request):
    if request.param == "keras2" and importlib.util.find_spec("tf_keras") is None:
        pytest.skip("needs tf_keras")
    return request.param


@pytest.mark.slow
def test_without_k2compat_each_comes_word_for_word(where, tmp_path, run_script):
    cases = [case for case in SEARCHED if case.where == where]
    for case, ending in zip(cases, endings([case.code for case in cases], tmp_path, where, run_script), strict=True):
        assert (ending or "no error").startswith(case.message), case


@pytest.mark.slow
def test_with_k2compat_there_is_a_way_out(where, tmp_path, run_script):
    cases = [case for case in SEARCHED if case.where == where or (where == "keras3" and case.where == "old")]
    # The way out of graph mode is to leave it.
    found = endings([case.way_out for case in cases], tmp_path, "keras3" if where == "graph" else where, run_script)
    assert {case.message: ending for case, ending in zip(cases, found, strict=True) if ending} == {}


def test_the_page_has_them_all():
    section = PAGE.split("\n## Errors people search for\n")[1].split("\n##")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    quoted = [re.fullmatch(r"\| (`+)(.*?)\1(?: \(.*\))?", row[0])[2].strip() for row in rows]
    assert quoted == [case.message.strip() for case in SEARCHED]
    assert all(len(row) == 3 for row in rows)
