"""What a Python program sees of the cluster through the `kubernetes` package: evictions, conflicts, pages, and an upgrade."""

import json
import os
import threading
import time

import boto3
from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException

from checks import check, end

GROUP = "shop-workers"
NEW_RELEASE = "20251229"
LIMIT_SECONDS = 120

config.load_kube_config()
core, apps, policy = client.CoreV1Api(), client.AppsV1Api(), client.PolicyV1Api()


def status_of(call, *arguments, **options):
    """The code and the Status of a call that must be refused."""
    try:
        call(*arguments, **options)
    except ApiException as refusal:
        return refusal.status, json.loads(refusal.body)
    raise AssertionError("it was not refused")


def eventually(is_so, limit_seconds=30):
    give_up_at = time.monotonic() + limit_seconds
    while not is_so():
        assert time.monotonic() < give_up_at, f"still not so after {limit_seconds} s"
        time.sleep(0.2)


def evict(pod, **options):
    eviction = client.V1Eviction(metadata=client.V1ObjectMeta(name=pod.metadata.name), **options)
    return core.create_namespaced_pod_eviction(pod.metadata.name, pod.metadata.namespace, eviction)


def pods_of(app):
    return core.list_namespaced_pod("shop", label_selector=f"app={app}").items


def budget_of(name):
    return policy.read_namespaced_pod_disruption_budget(name, "shop")


def is_ready(node):
    return any(condition.type == "Ready" and condition.status == "True" for condition in node.status.conditions or [])


with check("paging: limit and continue give every pod once, with how many remain, at one version"):
    whole = [pod.metadata.uid for pod in core.list_pod_for_all_namespaces().items]
    found, versions, token = [], set(), None
    while True:
        page = core.list_pod_for_all_namespaces(limit=5, _continue=token)
        found += [pod.metadata.uid for pod in page.items]
        versions.add(page.metadata.resource_version)
        token = page.metadata._continue
        if not token:
            break
        assert len(page.items) == 5
        assert page.metadata.remaining_item_count == len(whole) - len(found), page.metadata
    assert found == whole
    assert len(versions) == 1, versions
    first_token = core.list_pod_for_all_namespaces(limit=5).metadata._continue
    code, status = status_of(core.list_node, limit=1, _continue="nonsense")
    assert (code, status["reason"]) == (400, "BadRequest"), status

with check("selectors: by label and by field"):
    node = core.list_node(label_selector="topology.kubernetes.io/zone in (eu-west-1b)").items[0]
    on_node = core.list_pod_for_all_namespaces(field_selector=f"spec.nodeName={node.metadata.name},status.phase=Running")
    assert on_node.items and {pod.spec.node_name for pod in on_node.items} == {node.metadata.name}
    code, status = status_of(core.list_node, field_selector="spec.nonsense=1")
    assert (code, status["reason"]) == (400, "BadRequest"), status

with check("optimistic concurrency: the first of two writers wins, the second gets 409 Conflict and can try again"):
    first, second = core.read_node(node.metadata.name), core.read_node(node.metadata.name)
    first.metadata.annotations["rehearsal"] = "first"
    core.replace_node(node.metadata.name, first)
    second.metadata.annotations["rehearsal"] = "second"
    code, status = status_of(core.replace_node, node.metadata.name, second)
    assert (code, status["reason"]) == (409, "Conflict"), status
    assert "the object has been modified" in status["message"], status
    stale = {"metadata": {"resourceVersion": second.metadata.resource_version, "annotations": {"rehearsal": "third"}}}
    code, status = status_of(core.patch_node, node.metadata.name, stale)
    assert (code, status["reason"]) == (409, "Conflict"), status
    patched = core.patch_node(node.metadata.name, {"metadata": {"annotations": {"rehearsal": None}}})
    assert "rehearsal" not in patched.metadata.annotations
    assert int(patched.metadata.resource_version) > int(second.metadata.resource_version)

with check("create: an object of the same name is 409 AlreadyExists, an unknown one 404 NotFound, a wrong one 422 Invalid"):
    namespace = client.V1Namespace(metadata=client.V1ObjectMeta(name="shop"))
    code, status = status_of(core.create_namespace, namespace)
    assert (code, status["reason"]) == (409, "AlreadyExists"), status
    code, status = status_of(core.read_node, "nowhere")
    assert (code, status["reason"], status["details"]["name"]) == (404, "NotFound", "nowhere"), status
    code, status = status_of(core.create_namespace, client.V1Namespace(metadata=client.V1ObjectMeta(name="No Name")))
    assert (code, status["reason"]) == (422, "Invalid"), status

with check("a wrong token is 401 Unauthorized"):
    wrong = client.Configuration.get_default_copy()
    # Otherwise the client reads the right one again.
    wrong.refresh_api_key_hook = None
    wrong.api_key = {"BearerToken": "Bearer wrong"}
    code, status = status_of(client.CoreV1Api(client.ApiClient(wrong)).list_node)
    assert (code, status["reason"]) == (401, "Unauthorized"), status

with check("eviction: dry run changes nothing, a wrong uid is 409, the pod goes and the budget counts it"):
    pod = pods_of("web")[0]
    allowed = budget_of("web").status.disruptions_allowed
    assert allowed == 3, allowed
    evict(pod, delete_options=client.V1DeleteOptions(dry_run=["All"]))
    assert core.read_namespaced_pod(pod.metadata.name, "shop").metadata.deletion_timestamp is None
    other = client.V1DeleteOptions(preconditions=client.V1Preconditions(uid="00000000-0000-4000-8000-000000000000"))
    code, status = status_of(evict, pod, delete_options=other)
    assert (code, status["reason"]) == (409, "Conflict"), status
    evict(pod, delete_options=client.V1DeleteOptions(preconditions=client.V1Preconditions(uid=pod.metadata.uid)))
    eventually(lambda: pod.metadata.uid not in [each.metadata.uid for each in pods_of("web")])
    eventually(lambda: budget_of("web").status.disruptions_allowed == allowed)
    code, status = status_of(evict, pod)
    assert (code, status["reason"]) == (404, "NotFound"), status

with check("eviction: a budget that is used up is 429 TooManyRequests, naming the budget; giving way lets it pass"):
    policy.patch_namespaced_pod_disruption_budget("ledger", "shop", {"spec": {"maxUnavailable": 0}})
    eventually(lambda: budget_of("ledger").status.disruptions_allowed == 0)
    pod = pods_of("ledger")[0]
    code, status = status_of(evict, pod)
    assert (code, status["reason"]) == (429, "TooManyRequests"), status
    assert status["message"] == "Cannot evict pod as it would violate the pod's disruption budget.", status
    cause = status["details"]["causes"][0]
    assert cause["reason"] == "DisruptionBudget" and "ledger" in cause["message"], cause
    policy.patch_namespaced_pod_disruption_budget("ledger", "shop", {"spec": {"maxUnavailable": 1}})
    eventually(lambda: budget_of("ledger").status.disruptions_allowed == 1)
    evict(pod)
    # Between the pod and its successor there is none of this name.
    eventually(lambda: pod.metadata.uid not in [each.metadata.uid for each in pods_of("ledger")])
    eventually(lambda: budget_of("ledger").status.current_healthy == 3)

with check("eviction: two budgets over a pod are 500, and nobody is evicted"):
    twin = client.V1PodDisruptionBudget(
        metadata=client.V1ObjectMeta(name="twin"),
        spec=client.V1PodDisruptionBudgetSpec(
            max_unavailable=1, selector=client.V1LabelSelector(match_labels={"app": "ledger"})
        ),
    )
    policy.create_namespaced_pod_disruption_budget("shop", twin)
    try:
        pod = pods_of("ledger")[0]
        code, status = status_of(evict, pod)
        assert code == 500 and "more than one PodDisruptionBudget" in status["message"], status
    finally:
        policy.delete_namespaced_pod_disruption_budget("twin", "shop")
    assert core.read_namespaced_pod(pod.metadata.name, "shop").metadata.deletion_timestamp is None

with check("watch: from a list's version on, typed objects, ended by its timeout"):
    since = core.list_node().metadata.resource_version
    core.patch_node(node.metadata.name, {"metadata": {"labels": {"rehearsal": "yes"}}})
    stream = watch.Watch().stream(core.list_node, resource_version=since, timeout_seconds=2)
    changes = [(event["type"], event["object"]) for event in stream]
    labelled = [changed for kind, changed in changes if kind == "MODIFIED" and changed.metadata.labels.get("rehearsal")]
    assert [changed.metadata.name for changed in labelled][:1] == [node.metadata.name], changes
    core.patch_node(node.metadata.name, {"metadata": {"labels": {"rehearsal": None}}})

# ----------------------------------------------------------------------------------------------------------------------


class NodeWatch(threading.Thread):
    """Follow the nodes until told to stop: every change, in order."""

    def __init__(self):
        super().__init__(daemon=True)
        self.nodes = core.list_node()
        self.old = {each.metadata.name: each for each in self.nodes.items}
        self.changes = []
        self.failure = None
        self.watching = watch.Watch()

    def run(self):
        try:
            since = self.nodes.metadata.resource_version
            for event in self.watching.stream(core.list_node, resource_version=since, allow_watch_bookmarks=True):
                if event["type"] != "BOOKMARK":
                    self.changes.append((event["type"], event["object"]))
        except Exception as failure:
            self.failure = failure

    def moments(self):
        """The nodes that there were, by name, after each change so far."""
        now = dict(self.old)
        yield now
        for kind, changed in list(self.changes):
            if kind == "DELETED":
                now.pop(changed.metadata.name)
            else:
                now[changed.metadata.name] = changed
            yield now

    def present(self):
        *_, now = self.moments()
        return now.values()


def is_new(node):
    return NEW_RELEASE in node.status.node_info.os_image


with check("watch: nodes during an upgrade, until all are new; never fewer Ready and schedulable than before"):
    nodes = NodeWatch()
    nodes.start()
    states = boto3.client("stepfunctions")
    started = states.start_execution(
        stateMachineArn=os.environ["EKS_NODEGROUP_UPGRADE_STATE_MACHINE"],
        input=json.dumps(
            {"clusterName": "shop", "autoScalingGroupName": GROUP, "updateConfig": {"maxUnavailablePercentage": 50}}
        ),
    )

    eventually(lambda: all(is_new(each) for each in nodes.present()), LIMIT_SECONDS)
    assert nodes.failure is None, nodes.failure
    assert all(kind in ("ADDED", "MODIFIED", "DELETED") for kind, _ in nodes.changes)
    serving = [sum(is_ready(each) and not each.spec.unschedulable for each in now.values()) for now in nodes.moments()]
    assert min(serving) == len(nodes.old), serving

with check("watch: each old node was tainted, then cordoned, then deleted; new ones carried no mark of ours"):
    for name in nodes.old:
        mine = [(kind, changed) for kind, changed in nodes.changes if changed.metadata.name == name]

        def first(predicate):
            return next(index for index, (kind, changed) in enumerate(mine) if predicate(kind, changed))

        tainted = first(lambda kind, changed: changed.spec.taints)
        cordoned = first(lambda kind, changed: changed.spec.unschedulable)
        deleted = first(lambda kind, changed: kind == "DELETED")
        assert tainted < cordoned < deleted, (name, tainted, cordoned, deleted)
    fresh = [changed for kind, changed in nodes.changes if is_new(changed)]
    assert not any(changed.spec.unschedulable for changed in fresh)

with check("afterwards: as many nodes, all new and Ready; workloads whole, budgets with room again"):
    give_up_at = time.monotonic() + LIMIT_SECONDS
    while (execution := states.describe_execution(executionArn=started["executionArn"]))["status"] == "RUNNING":
        assert time.monotonic() < give_up_at, "the execution is still running"
        time.sleep(0.5)
    assert execution["status"] == "SUCCEEDED", execution
    after = core.list_node().items
    assert len(after) == len(nodes.old), [each.metadata.name for each in after]
    assert all(is_new(each) and is_ready(each) and not each.spec.taints for each in after)
    eventually(lambda: apps.read_namespaced_deployment("web", "shop").status.ready_replicas == 12)
    eventually(lambda: apps.read_namespaced_stateful_set("ledger", "shop").status.ready_replicas == 3)
    eventually(lambda: budget_of("web").status.disruptions_allowed == 3)
    # The garbage collector takes the DaemonSets' pods away a little after their node.
    eventually(lambda: not {pod.spec.node_name for pod in core.list_pod_for_all_namespaces().items} & set(nodes.old))

with check("paging: a token of before the upgrade is 410 Expired, and comes with one to go on with"):
    code, status = status_of(core.list_pod_for_all_namespaces, limit=5, _continue=first_token)
    assert (code, status["reason"]) == (410, "Expired"), status
    rest = core.list_pod_for_all_namespaces(limit=5, _continue=status["metadata"]["continue"])
    assert len(rest.items) == 5

nodes.watching.stop()
end()
