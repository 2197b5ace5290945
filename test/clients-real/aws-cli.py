"""The AWS CLI, loaded once: a line of JSON with the arguments of a call in, a line of JSON with its outcome out.

Each call runs the CLI's own entry point in a process forked for it; what is saved is the second or two that the CLI takes to
load itself.
"""

import json
import os
import sys
import tempfile

from awscli.clidriver import create_clidriver

SERVICES = ("autoscaling", "cloudwatch", "ec2", "eks", "ssm", "stepfunctions", "sts")

driver = create_clidriver()
for service in SERVICES:
    driver.session.get_service_model(service)


def run(argv):
    """Be the CLI. Does not return."""
    try:
        code = driver.main(argv)
    except SystemExit as end:
        code = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


def call(argv):
    """Run one call to its end: its exit code and what it said."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            os.dup2(stdout.fileno(), 1)
            os.dup2(stderr.fileno(), 2)
            run(argv)
        _, status = os.waitpid(child, 0)
        said = {}
        for name, file in (("stdout", stdout), ("stderr", stderr)):
            file.seek(0)
            said[name] = file.read().decode()
        return {"code": os.waitstatus_to_exitcode(status), **said}


for line in sys.stdin:
    print(json.dumps(call(json.loads(line))), flush=True)
