"""Serve LocalStack's Step Functions, and nothing else of it, on loopback: `serve.py PORT LAMBDA_URL ACCOUNT`.

The interpreter is LocalStack's own, unchanged. Around it, three things are replaced:
what it calls (Lambda at LAMBDA_URL, Step Functions here), the events that it would send to EventBridge,
and the passing of time: a Wait state and the wait before a retry end at once.
"""

import functools
import sys
import threading
import time
import types

import boto3

PORT, LAMBDA_URL, ACCOUNT = int(sys.argv[1]), sys.argv[2], sys.argv[3]
ENDPOINTS = {"lambda": LAMBDA_URL, "stepfunctions": f"http://127.0.0.1:{PORT}"}

from localstack.services.stepfunctions.asl.utils import boto_client

making = threading.Lock()


@functools.cache
def make_client(service, region):
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=ENDPOINTS[service],
        # LocalStack reads the account from the key.
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="irrelevant",
        config=boto_client._BOTO_CLIENT_CONFIG,
    )


def client_for(service, region, state_credentials):
    with making:
        return make_client(service, region)


# Before the modules are loaded that import it by name.
boto_client.boto_client_for = client_for

from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.aws.gateway import Gateway
from localstack.aws.handlers.service import ServiceRequestRouter
from localstack.aws.serving.hypercorn import serve
from localstack.services.stepfunctions.asl.component.common.retry import retrier_decl
from localstack.services.stepfunctions.asl.component.state.state_wait.wait_function.wait_function import WaitFunction
from localstack.services.stepfunctions.backend.execution import Execution
from localstack.services.stepfunctions.provider import StepFunctionsProvider

Execution.publish_execution_status_change_event = lambda self: None
WaitFunction._wait_interval = lambda self, env, wait_seconds: None
retrier_decl.time = types.SimpleNamespace(sleep=lambda seconds: None, time=time.time)

router = ServiceRequestRouter()
router.add_provider(StepFunctionsProvider(), "stepfunctions")
gateway = Gateway(
    request_handlers=[
        handlers.parse_service_name,
        handlers.add_region_from_header,
        handlers.add_account_id,
        handlers.parse_service_request,
        router,
    ],
    exception_handlers=[
        handlers.log_exception,
        handlers.handle_service_exception,
        handlers.handle_internal_failure,
    ],
    context_class=RequestContext,
)
serve(gateway, host="127.0.0.1", port=PORT, use_reloader=False)
