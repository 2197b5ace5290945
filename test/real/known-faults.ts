/**
 * A behaviour of AWS that an emulator is known to lack. The heading in docs/sandbox-fidelity.md says which is right,
 * with the page of AWS that says so.
 */
export interface KnownFault {
  readonly emulator: 'moto' | 'MiniStack';
  /** Title of the behaviour in its contract. */
  readonly behaviour: string;
  /** What the failure of the contract says. */
  readonly shows: RegExp;
  readonly heading: string;
}

const fault = (emulator: KnownFault['emulator'], heading: string, behaviour: string, shows: RegExp): KnownFault => ({
  emulator,
  heading: `${emulator}: ${heading}`,
  behaviour,
  shows,
});

export const KNOWN_FAULTS: readonly KnownFault[] = [
  fault(
    'moto',
    'instances name the default template version',
    'name the template version from which each instance was launched',
    /versions of the instances/,
  ),
  fault(
    'moto',
    'every instance lands in one zone',
    'spread the instances of a group over its zones',
    /zones with an instance/,
  ),
  fault(
    'moto',
    'instances are returned although the request excludes them',
    'leave out the instances when the request says so, with the same sizes',
    /no instances/,
  ),
  fault(
    'moto',
    'no instance refreshes',
    'say that no instance refresh is in progress',
    /DescribeInstanceRefreshes failed/,
  ),
  fault(
    'moto',
    'a template version inherits nothing from its source',
    'copy to a template version from its source what the request does not set',
    /instance type of the source/,
  ),
  fault(
    'moto',
    'a client token does not make a request idempotent',
    'make one template version for repeated requests with the same token',
    /version that the token made before/,
  ),
  fault(
    'moto',
    'a desired capacity above the maximum is accepted',
    'refuse more than the maximum, and name it',
    /Missing expected rejection: a desired capacity above the maximum/,
  ),
  fault(
    'moto',
    'no scaling activities',
    'list a launch as a successful activity that names the instance, and no failed one',
    /activity of the launch/,
  ),
  fault(
    'moto',
    'an unknown instance is a server error',
    'say that an instance outside the group is gone',
    /TerminateInstanceInAutoScalingGroup failed/,
  ),
  fault(
    'moto',
    'a decrement goes below the minimum',
    'terminate no instance with a decrement below the minimum',
    /answer at the minimum/,
  ),
  fault(
    'moto',
    'a node group has no update settings',
    'describe a managed node group with its AMI type, update settings and Auto Scaling group',
    /maxUnavailable/,
  ),
  fault('moto', 'no EKS parameters', 'publish the AMI that AWS recommends as a parameter', /recommended AMI/),
  fault(
    'MiniStack',
    'a choice without its variable takes the default',
    'fail an execution whose choice reads a path that does not exist',
    /choice without its variable/,
  ),
  fault(
    'MiniStack',
    'events do not name the event before',
    'record each state that is entered and exited, numbered from 1, each with the event before it',
    /ids of the events before/,
  ),
  fault(
    'MiniStack',
    'a Map Run does not report its concurrency',
    'run as many children at once as a path says',
    /concurrency of the Map Run/,
  ),
  fault(
    'MiniStack',
    'child executions have almost no history',
    'record in the history of a child each state that it enters and exits',
    /history of a child/,
  ),
  fault(
    'MiniStack',
    'an inline Map runs every iteration at once',
    'run no more iterations of an inline map at once than a path says',
    /two iterations of 1 s, one at a time/,
  ),
  fault(
    'MiniStack',
    'iterations of an inline Map have no history',
    'record in the history of an execution the states that the iterations of its inline map enter and exit',
    /history of an inline map/,
  ),
  fault(
    'MiniStack',
    'a Task fails with the error of its execution',
    'fail a Task whose execution failed, with that execution as the cause',
    /error of the Task/,
  ),
  fault(
    'MiniStack',
    'a Task runs an execution whose name is taken',
    'fail a Task whose execution would have the name of another',
    /a name that is taken/,
  ),
  fault(
    'MiniStack',
    'starting twice is refused',
    'return the running execution for the same name and input',
    /ExecutionAlreadyExists/,
  ),
  fault(
    'MiniStack',
    'no redrive',
    'redrive an execution that was stopped, from the state where it was stopped',
    /InvalidAction/,
  ),
  fault(
    'MiniStack',
    'no redrive',
    'fail again when an execution that ended in a Fail state is redriven',
    /InvalidAction/,
  ),
  fault('MiniStack', 'no redrive', 'refuse to redrive an execution that succeeded', /InvalidAction/),
  fault('MiniStack', 'any input is accepted', 'refuse input that is not JSON', /Missing expected rejection: no JSON/),
  fault(
    'MiniStack',
    'any name is accepted',
    'refuse a name with illegal characters',
    /Missing expected rejection: illegal name/,
  ),
];
