import assert from 'node:assert/strict';
import { connectAutoScaling } from '../../clients/aws/auto-scaling.ts';
import { admit } from '../../domain/admission/admit.ts';
import { afterStall } from '../../domain/admission/stall.ts';
import { ERROR_NAMES } from '../../domain/errors.ts';
import { EXCLUDE_LABEL } from '../../domain/nodegroup/node-ownership.ts';
import { joinMembers } from '../../domain/nodegroup/nodegroup.ts';
import { ORIGINAL_SETTINGS_TAGS } from '../../domain/nodegroup/original-settings.ts';
import { decideScaleDown, warnOfTerminating } from '../../domain/nodegroup/scale-down.ts';
import { resumeProcesses } from '../../operations/clean-up/clean-up.ts';
import { beginDrain } from '../../operations/drain/begin-drain.ts';
import { scaleDownWithinStep } from '../../operations/scale/scale-down.ts';
import { setUpGroup } from '../../operations/scale/set-up-group.ts';
import statemachines from '../../statemachines/load.cjs';
import { fakeAws, queryError, xml } from '../clients/aws/fake-aws.ts';
import { accountsWith, aHeldEntry } from '../domain/admission/entry-builders.ts';
import { seenOf, someFacts, someMembers } from '../domain/admission/facts-builder.ts';
import { anUpgrade } from '../domain/admission/upgrade-builder.ts';
import { aGroup, aGroupInstance, aNode, anInstance, aRun, NEW_AMI } from '../domain/builders.ts';
import { groupOf, setGroup, TEMPLATE, underWay } from '../operations/clean-up/world.ts';
import { aStep, nodeInHand, nodeOf } from '../operations/drain/node-world.ts';
import { createPorts } from '../operations/ports-in-memory.ts';
import { at, testEdgeCases, warns, worldWith } from './set-up.ts';

const RUN = aRun();
const fresh = (count: number, first = 3) => someMembers(count, { isOutdated: false }, first);
/** Accounts of a run whose surge is given back. */
const settled = () => ({ ...accountsWith([]), surge: 0 });

testEdgeCases('termination and replacement', [
  [
    'F69 a node leaves the load balancers when its drain begins, not when it is cordoned',
    async () => {
      const ports = nodeInHand();
      await beginDrain(ports.deps, aStep());
      assert.deepEqual([nodeOf(ports).labels[EXCLUDE_LABEL], nodeOf(ports).isUnschedulable], ['true', false]);
    },
  ],
  [
    'F70 protection from scale-in is no protection from an upgrade, which the plan says',
    async () => {
      const instances = aGroup().instances.map((instance) => ({ ...instance, isProtectedFromScaleIn: true }));
      await warns(worldWith({ instances }), /3 outdated nodes protected from scale-in: replaced all the same/);
      const seen = seenOf([...someMembers(3, { isProtectedFromScaleIn: true }), ...fresh(3)]);
      assert.equal(admit(someFacts({ seen })).kind, 'take');
    },
  ],
  [
    'F71 an instance that the group no longer has, or that goes already, is terminated: that is no error',
    async () => {
      const gone = queryError(
        'ValidationError',
        'Instance Id not found - No managed instance found for instance ID i-0a',
      );
      const going = xml(
        'TerminateInstanceInAutoScalingGroup',
        '<Activity><ActivityId>a</ActivityId><AutoScalingGroupName>workers</AutoScalingGroupName><Cause>an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 4 to 3. Instance i-0a was selected for termination.</Cause></Activity>',
      );
      const outcomes = [gone, going].map((answer) =>
        connectAutoScaling(fakeAws(answer).config).terminate('i-0a', { decrement: true }),
      );
      assert.deepEqual(await Promise.all(outcomes), ['gone', 'goingAlready']);
    },
  ],
  [
    'F72 a scaling activity in progress and a contended resource are asked again by the state machine, with full jitter',
    async () => {
      for (const error of [
        queryError('ScalingActivityInProgress', 'busy'),
        queryError('ResourceContention', 'busy', 500),
      ]) {
        const { terminate } = connectAutoScaling(fakeAws(error).config);
        await assert.rejects(terminate('i-0a', { decrement: false }), { name: 'Conflict' });
      }
      assert.ok((ERROR_NAMES.transient as readonly string[]).includes('Conflict'));
      assert.match(
        JSON.stringify(statemachines.upgradeNode().States.TerminateInstance),
        /"Conflict".*"JitterStrategy":"FULL"/,
      );
    },
  ],
  [
    'F73 an instance that a lifecycle hook keeps is waited for ten minutes and then named; it blocks no other node',
    () => {
      const hooked = (since: string) => aHeldEntry({ instanceId: 'i-0', state: 'leaving', since });
      const kept = someMembers(1, { lifecycleState: 'Terminating:Wait' });
      const decide = (since: string) =>
        decideScaleDown({
          run: RUN,
          accounts: { ...settled(), entries: [hooked(since)] },
          seen: seenOf([...kept, ...fresh(3)], { sizes: { minSize: 0, maxSize: 3, desiredCapacity: 3 } }),
          launchesTarget: true,
          maximumSurplus: 0,
          nowAt: at(0),
        }).kind;
      assert.deepEqual([decide(at(-599)), decide(at(-600))], ['awaitTerminated', 'done']);
      assert.match(warnOfTerminating(['i-0']).join(), /still terminating after 600 s: i-0; check .* lifecycle hooks/);
      const seen = seenOf([...kept, ...someMembers(2, {}, 1), ...fresh(4)], {
        sizes: { minSize: 0, maxSize: 9, desiredCapacity: 6 },
      });
      assert.equal(admit(someFacts({ seen }, { entries: [hooked(at(-60))] })).kind, 'take');
    },
  ],
  [
    'F74 the next node is taken only when as many nodes are Ready and free as before the upgrade, one more than must stay',
    () => {
      const facts = (ready: number) =>
        someFacts(
          {
            seen: seenOf([
              ...someMembers(3),
              ...fresh(ready),
              ...someMembers(3 - ready, { isOutdated: false, isReady: false }, 6),
            ]),
          },
          { surge: 3 },
        );
      assert.equal(admit(facts(3)).kind, 'take');
      const none = admit(facts(0));
      assert.deepEqual([none.kind, none.kind === 'wait' && none.rule], ['wait', 'capacity']);
    },
  ],
  [
    'F75 when launches fail no further node is taken, and after nodeReadyTimeoutSeconds the run fails and says what is missing',
    () => {
      const seen = seenOf(someMembers(3), { sizes: { minSize: 0, maxSize: 9, desiredCapacity: 6 } });
      const waited = (seconds: number) =>
        admit(
          someFacts({ seen }, { memory: { ...accountsWith([]).memory, waitingSince: at(-seconds), waitingFree: 0 } }),
        );
      assert.equal(waited(900).kind, 'wait');
      const end = waited(901);
      assert.ok(end.kind === 'stop');
      assert.match(`${end.error}: ${end.cause}`, /^NodeCreationFailure: .*3 instances not launched/);
    },
  ],
  [
    'F76 AZRebalance is suspended before a node is terminated, and resumed only by the one who suspended it',
    async () => {
      const ports = createPorts();
      await setUpGroup(ports.deps, RUN, groupOf(ports), TEMPLATE);
      assert.deepEqual(
        groupOf(ports).suspendedProcesses.map(({ name }) => name),
        ['AZRebalance'],
      );
      await resumeProcesses(ports.deps, groupOf(ports));
      assert.deepEqual(groupOf(ports).suspendedProcesses, []);
      const theirs = worldWith({ suspendedProcesses: [{ name: 'AZRebalance', reason: 'User suspended' }] });
      await setUpGroup(theirs.deps, RUN, groupOf(theirs), TEMPLATE);
      await resumeProcesses(theirs.deps, groupOf(theirs));
      assert.equal(groupOf(theirs).suspendedProcesses.length, 1);
    },
  ],
  [
    'F77 a Node that outlives its instance is no member, Ready or not',
    () => {
      const nodes = [aNode(), aNode({ name: 'ghost', instanceId: 'i-gone' })];
      const members = joinMembers({
        group: aGroup({ instances: [aGroupInstance()] }),
        instances: [],
        nodes,
        target: RUN.target,
      });
      assert.deepEqual(
        members.map(({ node }) => node?.name),
        [aNode().name],
      );
    },
  ],
  [
    'F78 more nodes than the desired capacity, as a capacity rebalance launches them, stop nothing',
    () => {
      const seen = seenOf([...someMembers(3), ...fresh(5)], { sizes: { minSize: 0, maxSize: 9, desiredCapacity: 6 } });
      assert.equal(admit(someFacts({ seen })).kind, 'take');
    },
  ],
  [
    'F79 a new instance with the old AMI is outdated, whatever template version it is said to come from',
    () => {
      const isOutdated = (imageId: string) =>
        joinMembers({
          group: aGroup({ instances: [aGroupInstance({ launchTemplateVersion: 4 })] }),
          instances: [anInstance({ imageId })],
          nodes: [],
          target: { ...RUN.target, launchTemplateVersion: '4' },
        })[0]?.isOutdated;
      assert.deepEqual([isOutdated('ami-of-the-warm-pool'), isOutdated(NEW_AMI)], [true, false]);
    },
  ],
  [
    'F80 a group in which outdated nodes keep appearing ends the run as not converging, after three returns',
    async () => {
      const ports = underWay();
      setGroup(ports, { tags: { ...groupOf(ports).tags, [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: '0' } });
      const step = (returns: number) =>
        scaleDownWithinStep(ports.deps, { run: RUN, launchTemplate: TEMPLATE, upgrade: anUpgrade({ returns }) });
      assert.equal((await step(2)).upgrade?.status, 'upgrading');
      await assert.rejects(step(3), { name: 'NotConverging', message: /the scale-down has found .* 4 times/ });
      const stalled = someFacts(
        { seen: seenOf(someMembers(3)) },
        { memory: { ...accountsWith([]).memory, raises: 3, waitingSince: at(-1801), waitingFree: 0 } },
      );
      assert.deepEqual(afterStall(stalled, { rule: 'capacity', reason: 'too few' }), {
        kind: 'stop',
        error: 'NotConverging',
        cause: 'no node could be taken for 1801 s: too few',
      });
    },
  ],
]);
