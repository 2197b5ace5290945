"""Hold recorded answers of the sandbox against botocore's service models.

Usage: python validate-responses.py FILE...

Each line of a FILE is one answer, as test/real/aws-answers.ts writes it. Prints one JSON object: how many answers were looked
at, of which operations, and each violation once, in a sentence.
"""

import base64
import json
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree
from datetime import datetime

import botocore.session

# Names that requests are signed for, where botocore calls the service otherwise.
SERVICE_NAMES = {"monitoring": "cloudwatch", "states": "stepfunctions"}

# Errors of every service, which the models do not list with each operation.
# https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
COMMON_ERRORS = {
    "AccessDenied",
    "AccessDeniedException",
    "IncompleteSignature",
    "InternalFailure",
    "InvalidAction",
    "InvalidClientTokenId",
    "InvalidParameterCombination",
    "InvalidParameterValue",
    "MissingAuthenticationToken",
    "MissingParameter",
    "RequestExpired",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationError",
    "ValidationException",
}

JSON_TYPES = {
    "string": str,
    "character": str,
    "blob": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
    "boolean": bool,
}


def local_name(element):
    return element.tag.split("}")[-1]


class Checker:
    """Collects what is wrong, each with the path to it."""

    def __init__(self):
        self.violations = set()

    def note(self, path, what):
        self.violations.add(f"{path}: {what}")

    def text(self, text, shape, path):
        """Check what the model says of a string, whichever protocol carried it."""
        allowed = getattr(shape, "enum", None)
        if allowed and text not in allowed:
            self.note(path, f"{text!r} is not one of {', '.join(allowed)}")
        bounds = shape.metadata
        if len(text) < bounds.get("min", 0) or len(text) > bounds.get("max", sys.maxsize):
            self.note(path, f"{len(text)} characters are outside {bounds.get('min', 0)}..{bounds.get('max')}")
        pattern = bounds.get("pattern")
        # Patterns are those of another language; only what Python reads, too, can be checked.
        if pattern and not re.search(r"\\[pP]\{|\\u[0-9A-F]{4}", pattern) and re.fullmatch(pattern, text, re.S) is None:
            self.note(path, f"{text[:60]!r} does not match {pattern}")

    def number(self, value, shape, path):
        bounds = shape.metadata
        if value < bounds.get("min", value) or value > bounds.get("max", value):
            self.note(path, f"{value} is outside {bounds.get('min')}..{bounds.get('max')}")

    def size(self, count, shape, path):
        bounds = shape.metadata
        if count < bounds.get("min", 0) or count > bounds.get("max", sys.maxsize):
            self.note(path, f"{count} items are outside {bounds.get('min', 0)}..{bounds.get('max')}")

    def required(self, shape, present, path):
        for name in shape.required_members:
            if name not in present:
                self.note(path, f"lacks {name}, which is required")

    # JSON: awsJson1.0, awsJson1.1, restJson1

    def json(self, value, shape, path):
        kind = shape.type_name
        if kind == "structure":
            if not isinstance(value, dict):
                self.note(path, f"is {type(value).__name__}, not an object")
                return
            names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
            for key, item in value.items():
                if key not in names:
                    self.note(path, f"has {key}, which the model does not know")
                elif item is not None:
                    self.json(item, shape.members[names[key]], f"{path}.{key}")
            self.required(shape, {names[key] for key in value if key in names and value[key] is not None}, path)
        elif kind == "list":
            if not isinstance(value, list):
                self.note(path, f"is {type(value).__name__}, not a list")
                return
            self.size(len(value), shape, path)
            for item in value:
                self.json(item, shape.member, f"{path}[]")
        elif kind == "map":
            if not isinstance(value, dict):
                self.note(path, f"is {type(value).__name__}, not a map")
                return
            for key, item in value.items():
                self.text(key, shape.key, f"{path}{{}}")
                self.json(item, shape.value, f"{path}{{}}")
        else:
            expected = JSON_TYPES[kind]
            if not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean"):
                self.note(path, f"{value!r} is not of type {kind}")
            elif kind == "string":
                self.text(value, shape, path)
            elif kind == "blob":
                base64.b64decode(value, validate=True)
            elif kind in ("integer", "long"):
                self.number(value, shape, path)

    # XML: awsQuery, ec2Query

    def xml(self, element, shape, path):
        kind = shape.type_name
        if kind == "structure":
            self.xml_structure(element, shape, path)
        elif kind == "list":
            self.xml_list(list(element), shape, path)
        elif kind == "map":
            for entry in element:
                names = {local_name(part) for part in entry}
                if names != {shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")}:
                    self.note(path, f"has an entry of {', '.join(sorted(names))}")
        else:
            self.xml_scalar(element, shape, path)

    def xml_structure(self, element, shape, path):
        names = {}
        for name, member in shape.members.items():
            flat = member.type_name == "list" and member.serialization.get("flattened")
            inner = member.member.serialization.get("name") if flat else None
            names[inner or member.serialization.get("name", name)] = name
        present = set()
        for child in element:
            tag = local_name(child)
            if tag not in names:
                self.note(path, f"has {tag}, which the model does not know")
                continue
            present.add(names[tag])
            member = shape.members[names[tag]]
            if member.type_name == "list" and member.serialization.get("flattened"):
                self.xml(child, member.member, f"{path}.{tag}[]")
            else:
                self.xml(child, member, f"{path}.{tag}")
        self.required(shape, present, path)

    def xml_list(self, items, shape, path):
        expected = shape.member.serialization.get("name", "member")
        self.size(len(items), shape, path)
        for item in items:
            if local_name(item) != expected:
                self.note(path, f"has an item {local_name(item)} instead of {expected}")
            self.xml(item, shape.member, f"{path}[]")

    def xml_scalar(self, element, shape, path):
        text = element.text or ""
        kind = shape.type_name
        if len(element) > 0:
            self.note(path, f"has elements in it, but is of type {kind}")
        elif kind == "boolean" and text not in ("true", "false"):
            self.note(path, f"{text!r} is neither true nor false")
        elif kind in ("integer", "long"):
            if re.fullmatch(r"-?\d+", text) is None:
                self.note(path, f"{text!r} is not of type {kind}")
            else:
                self.number(int(text), shape, path)
        elif kind in ("float", "double"):
            float(text)
        elif kind == "timestamp":
            datetime.fromisoformat(text.replace("Z", "+00:00"))
        elif kind == "string":
            self.text(text, shape, path)


def operation_of(model, line):
    """Find the operation that a request asked for."""
    if line.get("target"):
        return line["target"].split(".")[-1], "json"
    action = urllib.parse.parse_qs(line["sent"]).get("Action")
    if action:
        return action[0], "ec2" if model.metadata["protocol"] == "ec2" else "query"
    for name in model.operation_names:
        http = model.operation_model(name).http
        uri = http["requestUri"].split("?")[0]
        pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(uri))
        if http["method"] == line["method"] and re.fullmatch(pattern, line["path"].split("?")[0]):
            return name, "rest-json"
    raise ValueError(f"no operation for {line['method']} {line['path']}")


def check_success(checker, operation, protocol, line):
    shape = operation.output_shape
    body = line["body"]
    if protocol in ("json", "rest-json"):
        if shape is None:
            if body not in ("", "{}"):
                checker.note(operation.name, "answers with a body although its output is empty")
        else:
            checker.json(json.loads(body or "{}"), shape, operation.name)
        return
    root = ElementTree.fromstring(body)
    if local_name(root) != f"{operation.name}Response":
        checker.note(operation.name, f"answers with {local_name(root)}")
    parts = {local_name(part): part for part in root}
    if protocol == "ec2":
        if "requestId" not in parts:
            checker.note(operation.name, "lacks requestId")
        root[:] = [part for part in root if local_name(part) != "requestId"]
        if shape is not None:
            checker.xml(root, shape, operation.name)
        elif [name for name in parts if name not in ("requestId", "return")]:
            checker.note(operation.name, "answers with a body although its output is empty")
        return
    if "ResponseMetadata" not in parts:
        checker.note(operation.name, "lacks ResponseMetadata")
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{operation.name}Result")
        if wrapper not in parts:
            checker.note(operation.name, f"lacks {wrapper}")
        else:
            checker.xml(parts[wrapper], shape, operation.name)


def check_failure(checker, model, operation, protocol, line):
    path = f"{operation.name} refused"
    if protocol in ("json", "rest-json"):
        body = json.loads(line["body"])
        # A REST answer names its error in a header.
        code = (line.get("errorType") or body.get("__type") or body.get("code") or "").split("#")[-1]
        message = body.get("message") or body.get("Message")
    else:
        root = ElementTree.fromstring(line["body"])
        error = next((part for part in root.iter() if local_name(part) == "Error"), None)
        fields = {} if error is None else {local_name(part): part.text for part in error}
        code, message = fields.get("Code", ""), fields.get("Message")
    known = {shape.error_code for shape in operation.error_shapes} | {shape.name for shape in operation.error_shapes}
    if not code:
        checker.note(path, f"has no code: {line['body'][:120]}")
    elif protocol != "ec2" and code not in known and code not in COMMON_ERRORS and line["status"] != 503:
        # EC2's model lists no errors at all.
        checker.note(path, f"with {code}, which is none of {', '.join(sorted(known))}")
    if code and message is None and code != "UnknownOperationException":
        checker.note(path, f"with {code}, without a message")


def main(paths):
    session = botocore.session.get_session()
    models = {}
    checker = Checker()
    operations = set()
    answers = 0
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for text in lines:
                line = json.loads(text)
                service = SERVICE_NAMES.get(line["service"], line["service"])
                if service not in models:
                    models[service] = session.get_service_model(service)
                model = models[service]
                answers += 1
                try:
                    name, protocol = operation_of(model, line)
                    operation = model.operation_model(name)
                    operations.add(f"{service}:{name}")
                    if line["status"] < 300:
                        check_success(checker, operation, protocol, line)
                    else:
                        check_failure(checker, model, operation, protocol, line)
                except Exception as error:  # Whatever cannot be read is a violation, too.
                    checker.note(f"{service} {line['method']} {line['path']}", f"{type(error).__name__}: {error}")
    print(json.dumps({"answers": answers, "operations": sorted(operations), "violations": sorted(checker.violations)}))


if __name__ == "__main__":
    main(sys.argv[1:])
