"""Say how groups of assertions came out, as lines that run.ts counts."""

import contextlib
import sys
import traceback

_failures = []


@contextlib.contextmanager
def check(title):
    """Take what is inside as one group of assertions; the script goes on after a failure."""
    try:
        yield
    except Exception:
        _failures.append(title)
        reason = "".join(traceback.format_exc().splitlines(keepends=True)[-8:])
        print(f"not ok - {title}\n    " + reason.rstrip().replace("\n", "\n    "), flush=True)
    else:
        print(f"ok - {title}", flush=True)


def end():
    """Leave with a code that tells whether anything failed."""
    sys.exit(1 if _failures else 0)
