import assert from 'node:assert/strict';
import type { Execution } from 'eks-sandbox/step-functions';
import { after, before, describe, it } from 'mocha';
import { createAdmissionControl } from './contract/admission-control.ts';
import type { ApiServer } from './contract/api-server.ts';
import { NEW_AMI, OLD_AMI, type Rehearsal, rehearse, WORKFLOW_USER, ZONES } from './upgrade/rehearsal.ts';
import { codeOf, isDone, podsOf, resourceOf, tracesOn, whyFailed } from './upgrade/what-happened.ts';
import { createWorkload } from './upgrade/workload.ts';

type AdmissionControl = ReturnType<typeof createAdmissionControl>;
type While = (control: AdmissionControl, act: () => Promise<void>) => Promise<void>;

const FROZEN = 'no pod of the shop moves before Monday';

/** What refuses the evictions of a namespace, with which answer of the API server, and which of its words are quoted. */
interface Refusal {
  readonly name: string;
  readonly title: string;
  readonly refuse: While;
  readonly code: number;
  readonly words: RegExp;
}

const byWebhook =
  (name: string, webhook: Omit<Parameters<AdmissionControl['whileWebhook']>[1], 'name'>): While =>
  (control, act) =>
    control.whileWebhook(name, { name: `${name}.example.invalid`, ...webhook }, act);

/** Each answer was measured on kube-apiserver 1.35. */
const REFUSALS: readonly Refusal[] = [
  {
    name: 'denying',
    title: 'a webhook that denies with code 403',
    refuse: byWebhook('denying', { answer: 'denies', code: 403, reason: 'Forbidden', message: FROZEN }),
    code: 403,
    words: /denying\.example\.invalid.*no pod of the shop moves before Monday/,
  },
  {
    name: 'codeless',
    title: 'a webhook that denies without a code',
    refuse: byWebhook('codeless', { answer: 'denies', message: FROZEN }),
    code: 400,
    words: /codeless\.example\.invalid.*no pod of the shop moves before Monday/,
  },
  {
    name: 'failing',
    title: 'a webhook that nobody serves',
    refuse: byWebhook('failing', { answer: 'fails' }),
    code: 500,
    words: /failed calling webhook "failing\.example\.invalid".*connection refused/,
  },
  {
    name: 'erring',
    title: 'a webhook that answers by 500',
    refuse: byWebhook('erring', { answer: 'errs' }),
    code: 500,
    words: /failed calling webhook "erring\.example\.invalid"/,
  },
  {
    name: 'hanging',
    title: 'a webhook that hangs',
    refuse: byWebhook('hanging', { answer: 'hangs', timeoutSeconds: 2 }),
    code: 500,
    words: /failed calling webhook "hanging\.example\.invalid".*(deadline|timeout)/i,
  },
  {
    name: 'policed',
    title: 'a ValidatingAdmissionPolicy',
    refuse: (control, act) => control.whilePolicy('policed', { message: FROZEN }, act),
    code: 422,
    words: /policed.*no pod of the shop moves before Monday/,
  },
];

/** A group of one node, on which the refused pod and two others run. */
const groupOf = ({ name }: Refusal) => ({
  name,
  zones: [ZONES[0] as string],
  minSize: 1,
  desiredCapacity: 1,
  maxSize: 2,
  amiId: OLD_AMI,
  labels: { role: name },
});
const beside = ({ name }: Refusal) => `${name}-beside`;

/** Put webhooks and policies into the cluster of a rehearsal. */
function admissionControlOf({ cluster, until }: Rehearsal): AdmissionControl {
  const request: ApiServer['request'] = async (method, target, { body } = {}) => {
    const { status, body: json } = await cluster.request(method, target, body as object | undefined);
    return { status, headers: {}, json };
  };
  const waitFor: ApiServer['waitFor'] = async (what, check) => {
    let found: Awaited<ReturnType<typeof check>> | undefined;
    await until(what, async () => {
      found = await check();
      return found !== undefined && found !== false;
    });
    return found as never;
  };
  return createAdmissionControl({ request, waitFor });
}

describe('evictions that admission control of a real cluster refuses', () => {
  let rehearsal: Rehearsal;
  const failed = new Map<string, Execution>();
  const forced = new Map<string, Execution>();

  // All groups are upgraded at the same time, twice; each test looks at one of them.
  before(async function () {
    this.timeout(300_000);
    rehearsal = await rehearse(1, 'token', {}, REFUSALS.map(groupOf));
    await rehearsal.apply('../../../kubernetes/rbac-force.yaml');
    for (const refusal of REFUSALS) {
      await createWorkload(rehearsal, { name: refusal.name, replicas: 1 });
      await createWorkload(rehearsal, { name: beside(refusal), role: refusal.name, replicas: 2 });
    }
    const runAll = async (executions: Map<string, Execution>, run: string, input: object) => {
      for (const { name } of REFUSALS) {
        const execution = rehearsal.start(
          { autoScalingGroupName: name, drainTimeoutSeconds: 40, ...input },
          `${name}-${run}`,
        );
        executions.set(name, execution);
      }
      await rehearsal.until(
        `all runs of ${run} have ended`,
        () => [...executions.values()].every(({ status }) => status !== 'RUNNING'),
        120,
      );
    };
    const control = admissionControlOf(rehearsal);
    const act = async () => {
      await runAll(failed, 'monday', {});
      await runAll(forced, 'forced', { force: true });
    };
    await REFUSALS.reduceRight<() => Promise<void>>(
      (inner, { refuse }) =>
        () =>
          refuse(control, inner),
      act,
    )();
  });

  after(() => rehearsal.stop());

  const asked = (verb: string, resource: string, namespace: string) =>
    rehearsal
      .audit()
      .filter(
        (event) =>
          event.user.username === WORKFLOW_USER &&
          event.verb === verb &&
          resourceOf(event) === resource &&
          event.objectRef?.namespace === namespace,
      );

  for (const refusal of REFUSALS) {
    const { name, title, code, words } = refusal;

    it(`${title} blocks the node: the run names the pod and quotes the refusal, and the node is usable again`, () => {
      const execution = failed.get(name) as Execution;
      assert.equal(execution.error, 'PodEvictionFailure', whyFailed(execution));
      assert.match(execution.cause ?? '', new RegExp(`${name}/${name}-`));
      assert.match(execution.cause ?? '', words);
      assert.doesNotMatch(execution.cause ?? '', /bind the ClusterRole|errorMessage|\btrace\b/);
      assert.deepEqual(new Set(asked('create', 'pods/eviction', name).map(codeOf)), new Set([code]));
    });

    it(`${title} does not keep the pods beside it: each of them is evicted once, and its eviction is known`, () => {
      const evictions = asked('create', 'pods/eviction', beside(refusal)).filter(isDone);
      const names = evictions.map(({ objectRef }) => objectRef?.name);
      assert.equal(new Set(names).size, names.length);
      assert.ok(names.length >= 2);
    });

    it(`${title} does not stop a run with force, which deletes the pod after its time`, async () => {
      const execution = forced.get(name) as Execution;
      assert.equal(execution.status, 'SUCCEEDED', whyFailed(execution));
      assert.equal(asked('delete', 'pods', name).filter(isDone).length, 1);
      const members = rehearsal.served.sandbox.region.state.autoScaling.groups.get(name)?.members.values() ?? [];
      assert.deepEqual(new Set([...members].map(({ instance }) => instance.image.id)), new Set([NEW_AMI]));
      await rehearsal.until('the old node is gone, and nothing of ours is left', async () => {
        const nodes = (await rehearsal.nodes()).filter(({ metadata }) => metadata.labels?.role === name);
        return nodes.length === 1 && nodes.every((node) => tracesOn(node).length === 0);
      });
      assert.ok((await rehearsal.list(podsOf(name))).length > 0);
    });
  }
});
