"""Names that files of a project export to each other."""

import pytest

from k2compat.cli import main
from k2compat.migrate import files
from k2compat.migrate.files.project import Project
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import dotted_name
from migrate.cases import NEW

FILES = {
    "mylib/__init__.py": "from .compat import keras, K as KK\n",
    "mylib/compat.py": "try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras\nK = keras.backend\n",
    "mylib/both.py": "if x:\n    from keras import backend as K\nelse:\n    from numpy import linalg as K\n",
    "mylib/star.py": "from mylib.compat import *\nfrom mylib.a import B\n",
    "mylib/a.py": "from .b import B\n",
    "mylib/b.py": "from .a import B\n",
    "mylib/sub/__init__.py": "",
    "mylib/sub/deep.py": "import tensorflow as tf\nlayers = tf.keras.layers\n",
    "loose/helper.py": "from keras import backend as K\n",
}


@pytest.fixture
def project(tmp_path):
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


RESOLVED = [
    ("main.py", "from mylib.compat import K\nK.mean", "keras.backend.mean"),
    ("main.py", "from mylib import KK\nKK.mean", "keras.backend.mean"),
    ("main.py", "import mylib\nmylib.keras.backend.mean", "keras.backend.mean"),
    ("main.py", "import mylib.compat as C\nC.K.mean", "keras.backend.mean"),
    ("main.py", "from mylib.compat import *\nK.mean", "keras.backend.mean"),
    ("main.py", "from mylib.sub.deep import layers\nlayers.Dense", "keras.layers.Dense"),
    ("mylib/sub/x.py", "from ..compat import K\nK.mean", "keras.backend.mean"),
    ("mylib/sub/x.py", "from .. import keras\nkeras.layers", "keras.layers"),
    ("mylib/sub/x.py", "from . import deep\ndeep.layers.Dense", "keras.layers.Dense"),
    ("loose/x.py", "from helper import K\nK.mean", "keras.backend.mean"),
    ("loose/x.py", "from .helper import K\nK.mean", "keras.backend.mean"),
    ("main.py", "from mylib.both import K\nK.mean", "mylib.both.K.mean"),
    ("main.py", "from mylib.a import B\nB.mean", "mylib.a.B.mean"),
    ("main.py", "from nowhere import K\nK.mean", "nowhere.K.mean"),
]


@pytest.mark.parametrize(("file", "source", "expected"), RESOLVED)
def test_names_of_other_files(project, file, source, expected):
    module = Module(source, Project(project / file))
    last = module.tree.body[-1].body[0].value
    assert dotted_name(last)
    assert module.refers_to(last) == expected


def test_what_is_swapped_where_it_is_exported_stays_elsewhere(project):
    main_file = project / "main.py"
    main_file.write_text("from mylib.compat import K, keras\nK.mean(keras.backend.sum(1))\n")
    other = project / "other.py"
    other.write_text("from mylib.compat import K  # not numpy, as keras has it\nK.mean(1)\n")
    assert main(["migrate", "--write", str(project)]) == 2  # mylib/both.py
    assert (project / "mylib/compat.py").read_text() == FILES["mylib/compat.py"].replace(
        "K = keras.backend", "from k2compat import backend as K"
    )
    assert main_file.read_text() == "from mylib.compat import K, keras\nK.mean(K.sum(1))\n"
    assert other.read_text().startswith("from mylib.compat import K  #")
    assert (project / "mylib/both.py").read_text() == FILES["mylib/both.py"]


def test_missing_names_of_an_exported_backend_are_reported(project, capsys):
    (project / "main.py").write_text("from mylib.compat import K  # keras\nK._helper(1)\n")
    assert main(["migrate", str(project / "main.py")]) == 2
    assert "main.py:2:1: swap.missing-names" in capsys.readouterr().err


def test_a_backend_of_a_library_is_reported_and_one_of_the_codebase_is_not(project, capsys):
    (project / "own.py").write_text("class K:\n    mean = sum = len\n")
    (project / "main.py").write_text("from own import K  # keras\nK.mean(1)\n")
    assert main(["migrate", str(project / "main.py")]) == 0
    (project / "main.py").write_text("from other import K  # keras\nK.mean(1)\n")
    assert main(["migrate", str(project / "main.py")]) == 2
    assert "main.py:1:1: swap.third-party-backend" in capsys.readouterr().err
    assert main(["audit", str(project / "main.py")]) == 0
    assert "1 finding in 1 file: 0 can be migrated automatically, 1 needs manual work." in capsys.readouterr().out


def test_a_package_hides_what_the_one_above_it_imports_by_the_same_name(project):
    nested = project / "mylib/keras"
    nested.mkdir()
    (nested / "__init__.py").write_text("")
    (nested / "backend.py").write_text("def to_floatx(x):\n    return x\n")
    module = Module("from mylib.keras import backend as iK\niK.to_floatx\n", Project(project / "main.py"))
    assert module.refers_to(module.tree.body[-1].body[0].value) == "mylib.keras.backend.to_floatx"


@pytest.mark.parametrize("read", ["from mylib.compat import K\nK.gradients(1)\n", "from .compat import K as KK\n"])
def test_an_import_that_other_files_use_stays(tmp_path, capsys, read):
    (tmp_path / "mylib").mkdir()
    for name, text in {"__init__": "", "compat": NEW, "user": read, "free": NEW}.items():
        (tmp_path / f"mylib/{name}.py").write_text(text)
    for _ in range(2):
        assert main(["migrate", "--level", "native", "--write", str(tmp_path)]) == 2
        assert (tmp_path / "mylib/compat.py").read_text() == NEW
        assert (tmp_path / "mylib/user.py").read_text() == read
        assert "compat.py:1:1: native.unused-import: needs manual work" in capsys.readouterr().err
    assert (tmp_path / "mylib/free.py").read_text() == ""


def test_a_file_that_nests_too_deeply_to_be_parsed_does_not_stop_the_one_beside_it(tmp_path):
    (tmp_path / "deep.py").write_text("from here import x\n" + "(" * 7_000 + ")" * 7_000)
    (tmp_path / "here.py").write_text(NEW + "from old import x\n")
    assert main(["migrate", "--level", "native", str(tmp_path / "here.py")]) == 1


def test_a_script_by_itself_does_not_have_the_folders_beside_it_searched(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(files.project, "read_file", lambda path: read.append(path) or b"")
    (tmp_path / "venv/lib/package").mkdir(parents=True)
    for name in ("a.py", "b.py", "sub/c.py", "venv/lib/package/d.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert not Project(tmp_path / "a.py").is_wanted("K")
    assert {path.name for path in read} == {"b.py", "c.py"}
