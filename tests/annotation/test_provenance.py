from __future__ import annotations

import subprocess
import sys
from importlib import metadata

from hyperpoint.annotation.provenance import library_versions


def test_versions_do_not_depend_on_what_is_loaded() -> None:
    """The same scene has the same provenance, whatever else its process did before."""
    code = (
        "import sys; from hyperpoint.annotation.provenance import library_versions as v; "
        "assert 'sklearn' not in sys.modules; print(v())"
    )
    fresh = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    import sklearn  # noqa: F401

    assert fresh.strip() == str(library_versions())
    assert library_versions()["scikit-learn"] == metadata.version("scikit-learn")


def test_whoever_changes_the_answer_changes_no_other() -> None:
    library_versions().clear()
    assert "numpy" in library_versions()
