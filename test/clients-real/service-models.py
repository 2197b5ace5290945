"""Hold what the sandbox answered to the AWS service models of botocore.

Arguments: files of exchanges, a line of JSON each, as run.ts records them. A fault is a member that the model does not know, a
required one that is missing, a value of another type or outside its enumeration, or an error that the operation does not have.
"""

import collections
import json
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree
from datetime import datetime

import botocore.loaders
import botocore.model

from checks import check, end

# By signing name, as in a request's credential scope.
MODELS = {
    "autoscaling": "autoscaling",
    "ec2": "ec2",
    "eks": "eks",
    "monitoring": "cloudwatch",
    "ssm": "ssm",
    "states": "stepfunctions",
    "sts": "sts",
}

# What the clients ask for at least: everything that an upgrade and its users call.
OPERATIONS = {
    "autoscaling": """DescribeAutoScalingGroups DescribeAutoScalingInstances UpdateAutoScalingGroup SetDesiredCapacity
        TerminateInstanceInAutoScalingGroup DescribeScalingActivities CreateOrUpdateTags DeleteTags DescribeTags
        SuspendProcesses ResumeProcesses DescribeLifecycleHooks CompleteLifecycleAction""",
    "ec2": """DescribeInstances DescribeImages DescribeLaunchTemplates DescribeLaunchTemplateVersions
        CreateLaunchTemplateVersion DeleteLaunchTemplateVersions ModifyLaunchTemplate DescribeSubnets DescribeVolumes""",
    "eks": """DescribeCluster ListClusters DescribeClusterVersions DescribeNodegroup ListNodegroups CreateNodegroup DeleteNodegroup
        UpdateNodegroupConfig UpdateNodegroupVersion DescribeUpdate ListUpdates ListAddons DescribeAddon ListFargateProfiles
        DescribeFargateProfile""",
    "monitoring": "DescribeAlarms",
    "ssm": "GetParameter GetParametersByPath",
    "states": """ListStateMachines DescribeStateMachine StartExecution DescribeExecution ListExecutions
        GetExecutionHistory StopExecution ListMapRuns""",
    "sts": "GetCallerIdentity",
}

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonErrors.html and its like of each service.
COMMON_ERRORS = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InternalFailure",
    "InvalidAction",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingParameter",
    "SerializationException",
    "ThrottlingException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationError",
    "ValidationException",
}

loader = botocore.loaders.Loader()
models = {
    signing: botocore.model.ServiceModel(loader.load_service_model(name, "service-2"), name)
    for signing, name in MODELS.items()
}


def rest_operation(model, method, path):
    for name in model.operation_names:
        http = model.operation_model(name).http
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(http["requestUri"].split("?")[0]))
        if http["method"] == method and re.fullmatch(pattern, path):
            return name
    return None


def operation_of(model, exchange):
    """The operation that was asked for; None when the service has none such."""
    target = exchange["headers"].get("x-amz-target")
    action = urllib.parse.parse_qs(exchange["body"]).get("Action") if target is None else [target.split(".")[-1]]
    if action is not None:
        name = action[0]
    elif match := re.search(r"/operation/(\w+)$", exchange["path"]):
        name = match[1]
    else:
        name = rest_operation(model, exchange["method"], exchange["path"])
    return model.operation_model(name) if name in model.operation_names else None


def leaf_fault(shape, value, is_text):
    """What is wrong with a value that has no parts; None when nothing is."""
    kind = shape.type_name
    if kind == "string":
        enumeration = getattr(shape, "enum", [])
        if not isinstance(value, str):
            return f"{value!r} is no string"
        return f"{value!r} is none of {enumeration}" if enumeration and value not in enumeration else None
    if kind == "timestamp":
        if not is_text:
            return None if isinstance(value, (int, float)) else f"{value!r} is no number of seconds"
        try:
            datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return f"{value!r} is no instant"
        return None
    if kind == "boolean":
        return None if value in (("true", "false") if is_text else (True, False)) else f"{value!r} is no boolean"
    if kind in ("integer", "long"):
        is_right = re.fullmatch(r"-?\d+", value) if is_text else type(value) is int
        return None if is_right else f"{value!r} is no integer"
    if kind in ("float", "double"):
        try:
            float(value)
        except ValueError:
            return f"{value!r} is no number"
    return None


def wire_name(name, shape):
    if shape.type_name == "list" and shape.serialization.get("flattened"):
        return shape.member.serialization.get("name", shape.serialization.get("name", name))
    return shape.serialization.get("name", name)


def missing(shape, present, where):
    for name in shape.required_members:
        if wire_name(name, shape.members[name]) not in present:
            yield f"{where}.{name} is required, and missing"


def json_faults(shape, value, where):
    """Everything in a JSON value that the shape does not allow."""
    if value is None:
        yield f"{where} is null instead of absent"
    elif shape.type_name == "structure":
        if not isinstance(value, dict):
            yield f"{where} is no structure"
            return
        members = {wire_name(name, member): member for name, member in shape.members.items()}
        for name, part in value.items():
            if name in members:
                yield from json_faults(members[name], part, f"{where}.{name}")
            else:
                yield f"{where}.{name} is unknown to the model"
        yield from missing(shape, value, where)
    elif shape.type_name == "list":
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for part in value:
            yield from json_faults(shape.member, part, f"{where}[]")
    elif shape.type_name == "map":
        for part in value.values():
            yield from json_faults(shape.value, part, f"{where}{{}}")
    elif fault := leaf_fault(shape, value, is_text=False):
        yield f"{where}: {fault}"


def tag_of(element):
    return element.tag.rpartition("}")[2]


def xml_faults(shape, element, where, ignored=()):
    """Everything in an XML element that the shape does not allow."""
    if shape.type_name == "structure":
        members = {wire_name(name, member): member for name, member in shape.members.items()}
        for part in element:
            name = tag_of(part)
            if name in members:
                member = members[name]
                is_flat = member.type_name == "list" and member.serialization.get("flattened")
                yield from xml_faults(member.member if is_flat else member, part, f"{where}.{name}")
            elif name not in ignored:
                yield f"{where}.{name} is unknown to the model"
        yield from missing(shape, {tag_of(part) for part in element}, where)
    elif shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        for part in element:
            if tag_of(part) != item:
                yield f"{where} has a {tag_of(part)} instead of a {item}"
            yield from xml_faults(shape.member, part, f"{where}[]")
    elif shape.type_name != "map":
        if fault := leaf_fault(shape, element.text or "", is_text=True):
            yield f"{where}: {fault}"


def answer_faults(model, operation, exchange):
    shape, text = operation.output_shape, exchange["answer"]
    if model.metadata["protocol"] in ("query", "ec2") or text.startswith("<"):
        root = ElementTree.fromstring(text)
        if tag_of(root) != f"{operation.name}Response":
            yield f"{operation.name} is answered by {tag_of(root)}"
        if shape is None:
            return
        wrapper = shape.serialization.get("resultWrapper")
        body = root if wrapper is None else next((part for part in root if tag_of(part) == wrapper), None)
        if body is None:
            yield f"{operation.name} has no {wrapper}"
        else:
            yield from xml_faults(shape, body, operation.name, ignored=("requestId",))
    elif shape is not None:
        yield from json_faults(shape, json.loads(text), operation.name)


def error_code(exchange):
    text = exchange["answer"]
    if text.startswith("<"):
        return next((part.text for part in ElementTree.fromstring(text).iter() if tag_of(part) == "Code"), None)
    named = exchange["answerHeaders"].get("x-amzn-errortype") or json.loads(text).get("__type", "")
    return named.split(":")[0].rpartition("#")[2]


def error_faults(model, operation, exchange):
    code = error_code(exchange)
    if not code:
        yield f"{operation.name}: an error without a code"
    # EC2's model lists no errors at all.
    known = {shape.metadata.get("error", {}).get("code", shape.name) for shape in operation.error_shapes}
    if model.metadata["protocol"] != "ec2" and code not in known | COMMON_ERRORS:
        yield f"{operation.name} is refused by {code}, which is none of {sorted(known)}"


faults = collections.defaultdict(set)
operations = collections.defaultdict(set)
answers = collections.Counter()
for path in sys.argv[1:]:
    with open(path) as exchanges:
        for exchange in map(json.loads, exchanges):
            scope = re.search(r"Credential=[^/]+/\d+/[^/]+/(\w+)/", exchange["headers"].get("authorization", ""))
            if scope is None:
                continue
            model = models[scope[1]]
            operation = operation_of(model, exchange)
            if operation is None:
                continue
            answers[scope[1]] += 1
            operations[scope[1]].add(operation.name)
            judge = answer_faults if exchange["status"] < 300 else error_faults
            faults[scope[1]].update(judge(model, operation, exchange))

for signing, name in MODELS.items():
    with check(f"{name}: as its service model says; answers: {answers[signing]}, operations: {len(operations[signing])}"):
        unasked = set(OPERATIONS[signing].split()) - operations[signing]
        assert not unasked, f"nobody asked for {sorted(unasked)}"
        assert not faults[signing], "\n" + "\n".join(sorted(faults[signing]))

end()
