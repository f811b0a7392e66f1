"""Runs the scripts of "Copy as TransformerLens code", and compares what they print with what the page shows.

    python tools/real/run_lens.py FOLDER

FOLDER has scripts (tools/real/lens.js writes them). Each `print` in a script has the page's figure in a comment
beside it. A script says which versions run it; in another version it is left out. Prints `N passed, M failed`;
the exit status is 1 after a failure.
"""

import contextlib
import io
import re
import sys
import traceback
from importlib.metadata import version
from pathlib import Path

# The comments have four decimals, and both programs compute in f32.
TOLERANCE = 3e-4


def compare(script: Path) -> str | None:
    """What is wrong with a script's figures; None when nothing is."""
    code = script.read_text()
    expected = [float(figure) for figure in re.findall(r"# Headscope: (-?[\d.]+)", code)]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, script.name, "exec"), {"__name__": "__main__"})
    lines = printed.getvalue().split("\n")
    found = [float(line) for line in lines if re.fullmatch(r"-?\d+\.\d+(e-\d+)?", line)]
    if not expected or len(found) != len(expected):
        return f"{len(expected)} figures expected, {len(found)} printed"
    off = [abs(one - other) for one, other in zip(found, expected)]
    return None if max(off) <= TOLERANCE else f"printed {found}, expected {expected}"


def runs_on(script: Path, major: str) -> bool:
    """Whether a script says that this version runs it."""
    (versions,) = re.findall(r"^# Runs on TransformerLens (.*)\.$", script.read_text(), re.MULTILINE)
    return major in versions


def main() -> None:
    here = version("transformer-lens")
    scripts = [script for script in sorted(Path(sys.argv[1]).glob("*.py")) if runs_on(script, here[0])]
    failed = 0
    print(f"TransformerLens {here}")
    for script in scripts:
        try:
            wrong = compare(script)
        except Exception:
            wrong = traceback.format_exc()
        failed += wrong is not None
        print(f"{script.stem}: {wrong or 'the same figures'}")
    print(f"{len(scripts) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not scripts else 0)


if __name__ == "__main__":
    main()
