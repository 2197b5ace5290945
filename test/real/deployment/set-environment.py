"""Add variables to the environment of every function of a stack, as an operator would with UpdateFunctionConfiguration.

The stack's name is the argument, and standard input a JSON object of the variables. What the stack has set stays.
Prints the names of the functions as a JSON array.
"""

import json
import sys

import boto3

variables = json.load(sys.stdin)
pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=sys.argv[1])
functions = [
    resource["PhysicalResourceId"]
    for page in pages
    for resource in page["StackResourceSummaries"]
    if resource["ResourceType"] == "AWS::Lambda::Function"
]
client = boto3.client("lambda")
for name in functions:
    own = client.get_function_configuration(FunctionName=name).get("Environment", {}).get("Variables", {})
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {**own, **variables}})
print(json.dumps(functions))
