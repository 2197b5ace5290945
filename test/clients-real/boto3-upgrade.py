"""An upgrade as a boto3 user starts and follows it, with nothing but the names of cluster and group."""

import base64
import json
import os
import time

import boto3

from checks import check, end

CLUSTER = "shop"
GROUP = "shop-workers"
INPUT = {"clusterName": CLUSTER, "autoScalingGroupName": GROUP}
LIMIT_SECONDS = 120

eks, ssm, ec2, autoscaling, states = map(boto3.client, ("eks", "ssm", "ec2", "autoscaling", "stepfunctions"))
state_machine = os.environ["EKS_NODEGROUP_UPGRADE_STATE_MACHINE"]


def group_now():
    groups = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"]
    return groups[0]


def kept(group):
    """What an upgrade leaves as it was."""
    names = ("MinSize", "MaxSize", "DesiredCapacity", "VPCZoneIdentifier", "TerminationPolicies", "HealthCheckType")
    return {name: group[name] for name in names} | {
        "tags": {tag["Key"]: (tag["Value"], tag["PropagateAtLaunch"]) for tag in group["Tags"]},
        "suspended": sorted(process["ProcessName"] for process in group["SuspendedProcesses"]),
        "zones": sorted(instance["AvailabilityZone"] for instance in group["Instances"]),
    }


def template_versions():
    pages = ec2.get_paginator("describe_launch_template_versions").paginate(LaunchTemplateName=GROUP)
    versions = [version for page in pages for version in page["LaunchTemplateVersions"]]
    return {version["VersionNumber"]: version["LaunchTemplateData"] for version in versions}


def images_of(group):
    ids = [instance["InstanceId"] for instance in group["Instances"]]
    pages = ec2.get_paginator("describe_instances").paginate(InstanceIds=ids)
    reservations = [reservation for page in pages for reservation in page["Reservations"]]
    return {i["InstanceId"]: i["ImageId"] for reservation in reservations for i in reservation["Instances"]}


def history_of(arn, page_size):
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=arn, PaginationConfig={"PageSize": page_size}
    )
    return [event for page in pages for event in page["events"]]


def entered(events):
    return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]


with check("eks: the cluster's version, endpoint and certificate authority"):
    eks.get_waiter("cluster_active").wait(name=CLUSTER)
    cluster = eks.describe_cluster(name=CLUSTER)["cluster"]
    assert cluster["version"] == "1.33", cluster
    assert b"BEGIN CERTIFICATE" in base64.b64decode(cluster["certificateAuthority"]["data"])
    try:
        eks.describe_cluster(name="nowhere")
        raise AssertionError("an unknown cluster was described")
    except eks.exceptions.ResourceNotFoundException as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404, error.response

with check("ssm: the recommended AMI of that version, other than the one in use"):
    parameter = f"/aws/service/eks/optimized-ami/{cluster['version']}/amazon-linux-2023/x86_64/standard/recommended/image_id"
    recommended = ssm.get_parameter(Name=parameter)["Parameter"]["Value"]
    group_before = group_now()
    images_before = images_of(group_before)
    assert len(images_before) == 6, images_before
    assert recommended not in images_before.values(), images_before
    assert ec2.describe_images(ImageIds=[recommended])["Images"][0]["State"] == "available"
    versions_before = template_versions()

with check("start_execution: the two names are enough, and the same name with the same input is the same run"):
    started = states.start_execution(stateMachineArn=state_machine, name="from-boto3", input=json.dumps(INPUT))
    arn = started["executionArn"]
    again = states.start_execution(stateMachineArn=state_machine, name="from-boto3", input=json.dumps(INPUT))
    assert (again["executionArn"], again["startDate"]) == (arn, started["startDate"]), again

with check("describe_execution and get_execution_history: it can be followed until it has SUCCEEDED"):
    give_up_at = time.monotonic() + LIMIT_SECONDS
    seen = 0
    while True:
        execution = states.describe_execution(executionArn=arn)
        events = history_of(arn, page_size=100)
        assert len(events) >= seen, "a history only grows"
        seen = len(events)
        if execution["status"] != "RUNNING":
            break
        assert time.monotonic() < give_up_at, f"still running after {LIMIT_SECONDS} s, in {entered(events)[-1:]}"
        time.sleep(1)
    assert execution["status"] == "SUCCEEDED", execution
    assert json.loads(execution["input"]) == INPUT, execution["input"]
    assert execution["stopDate"] > execution["startDate"]
    assert json.loads(execution["output"]), execution["output"]

with check("get_execution_history: events are numbered from 1, each after the one that caused it, alike in pages of any size"):
    events = history_of(arn, page_size=1000)
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert all(event["previousEventId"] < event["id"] for event in events)
    assert (events[0]["type"], events[-1]["type"]) == ("ExecutionStarted", "ExecutionSucceeded")
    assert history_of(arn, page_size=7) == events
    newest = states.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)["events"]
    assert newest == events[-1:], newest
    assert all(left["timestamp"] <= right["timestamp"] for left, right in zip(events, events[1:]))

with check("list_executions of upgrade-node: one for each outdated instance, named after it, all succeeded"):
    node_machine = state_machine.replace("upgrade-nodegroup", "upgrade-node")
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=node_machine, PaginationConfig={"PageSize": 4})
    children = [child for page in pages for child in page["executions"]]
    assert len({child["executionArn"] for child in children}) == len(images_before) == 6, children
    assert {child["status"] for child in children} == {"SUCCEEDED"}, children
    assert all(any(instance in child["name"] for child in children) for instance in images_before), children
    described = [states.describe_execution(executionArn=child["executionArn"]) for child in children]
    inputs = " ".join(child["input"] for child in described)
    assert all(instance in inputs for instance in images_before), inputs
    history = history_of(children[0]["executionArn"], page_size=50)
    assert (history[0]["type"], history[-1]["type"]) == ("ExecutionStarted", "ExecutionSucceeded")

with check("afterwards: every instance is a new one, on the recommended AMI, in service"):
    group_after = group_now()
    images_after = images_of(group_after)
    assert len(images_after) == len(images_before), images_after
    assert not set(images_after) & set(images_before), images_after
    assert set(images_after.values()) == {recommended}, images_after
    assert {i["LifecycleState"] for i in group_after["Instances"]} == {"InService"}, group_after["Instances"]

with check("afterwards: sizes, tags, processes and zones of the group are as before"):
    before, after = kept(group_before), kept(group_after)
    assert after == before, {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    assert not any(i["ProtectedFromScaleIn"] for i in group_after["Instances"])

with check("afterwards: one more template version, in use, that differs in the AMI alone"):
    versions_after = template_versions()
    added = set(versions_after) - set(versions_before)
    assert len(added) == 1 and versions_before.items() <= versions_after.items(), sorted(versions_after)
    version = added.pop()
    assert group_after["LaunchTemplate"]["Version"] == str(version), group_after["LaunchTemplate"]
    source = versions_before[int(group_before["LaunchTemplate"]["Version"])]
    assert versions_after[version] == source | {"ImageId": recommended}, versions_after[version]

with check("describe_scaling_activities: every old instance left through the group, every new one came through it"):
    pages = autoscaling.get_paginator("describe_scaling_activities").paginate(AutoScalingGroupName=GROUP)
    told = [activity["Description"] for page in pages for activity in page["Activities"]]
    for instance in images_before:
        assert f"Terminating EC2 instance: {instance}" in told, instance
    for instance in images_after:
        assert f"Launching a new EC2 instance: {instance}" in told, instance

with check("a second run finds nothing outdated, succeeds and changes nothing"):
    arn = states.start_execution(stateMachineArn=state_machine, name="once-more", input=json.dumps(INPUT))["executionArn"]
    while (execution := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        time.sleep(0.5)
    assert execution["status"] == "SUCCEEDED", execution
    assert images_of(group_now()) == images_after
    assert template_versions() == versions_after

end()
