/**
 * A behaviour of AWS that an emulator is known to lack. Who is right, and by which page of AWS, stands under the heading in
 * docs/sandbox-fidelity.md.
 */
export interface KnownFault {
  readonly emulator: 'moto' | 'MiniStack';
  /** Title of the behaviour in its contract. */
  readonly behaviour: string;
  /** How the contract notices. */
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
    'name with each instance the template version it was launched from',
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
    'instances come though they are not asked for',
    'leave the instances out when they are not asked for: the sizes are the same',
    /no instances/,
  ),
  fault(
    'moto',
    'no instance refreshes',
    'say that no instance refresh is under way',
    /DescribeInstanceRefreshes failed/,
  ),
  fault(
    'moto',
    'a template version takes nothing over from its source',
    'take over from the source of a template version what it does not say itself',
    /instance type of the source/,
  ),
  fault(
    'moto',
    'a client token does not make a request idempotent',
    'make one template version however often the same is asked with the same token',
    /version that the token made before/,
  ),
  fault(
    'moto',
    'a desired capacity above the maximum is accepted',
    'refuse more than the maximum, and name it',
    /Missing expected rejection: a wish above the maximum/,
  ),
  fault(
    'moto',
    'no scaling activities',
    'tell of a launch as an activity that names the instance and was successful, and of no failed one',
    /activity of the launch/,
  ),
  fault(
    'moto',
    'an unknown instance is a server error',
    'say that an instance the group does not have is gone',
    /TerminateInstanceInAutoScalingGroup failed/,
  ),
  fault(
    'moto',
    'a decrement goes below the minimum',
    'keep to the minimum: no instance goes with a decrement below it',
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
    'a choice over nothing takes the default',
    'fail an execution whose choice looks at something that is not there',
    /choice without its variable/,
  ),
  fault(
    'MiniStack',
    'events do not say what they follow',
    'write down each state that is entered and exited, numbered from 1, each after one before it',
    /ids of the events before/,
  ),
  fault(
    'MiniStack',
    'a Map Run does not say its concurrency',
    'let as many children run at once as a path says',
    /concurrency of the Map Run/,
  ),
  fault(
    'MiniStack',
    'child executions have next to no history',
    'write down in the history of a child each state that it enters and exits',
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
    'write down in the history of an execution what the iterations of its inline map enter and exit',
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
    'refuse a Task an execution under a name that another has',
    /a name that is taken/,
  ),
  fault(
    'MiniStack',
    'starting twice is refused',
    'answer the same name and input with the execution that runs already',
    /ExecutionAlreadyExists/,
  ),
  fault('MiniStack', 'input need not be JSON', 'refuse input that is no JSON', /Missing expected rejection: no JSON/),
  fault(
    'MiniStack',
    'a name may have any characters',
    'refuse a name with characters that no name may have',
    /Missing expected rejection: illegal name/,
  ),
];
