import { type Scenario, scenarioSchema } from 'eks-sandbox/scenario';
import { type Execution, type StateMachine, toPayload } from 'eks-sandbox/step-functions';
import { createVirtualSandbox, type VirtualSandbox } from '../cli/embedded/virtual-sandbox.ts';
import type { CaseRun, SimulationCase } from './case.ts';
import { heal } from './end/heal.ts';
import { type CarriedRequest, type CarriedRequests, createCarriedRequests } from './ledger/requests.ts';
import { intervene } from './seams/interventions.ts';
import { createInvocations } from './seams/invocation.ts';
import { createSeams, type FunctionRequest } from './seams/seams.ts';

/** An execution that the case, or its end, has started. */
export interface SimulatedRun {
  readonly execution: Execution;
  readonly machine: CaseRun['machine'];
  readonly input: CaseRun['input'];
}

/** The world of a case, and what invariants and checks ask of it. */
export interface SimulatedWorld extends VirtualSandbox {
  readonly given: SimulationCase;
  /** The scenario of the case, with its defaults. */
  readonly scenario: Scenario;
  /** Simulated seconds since the world began. */
  seconds(): number;
  /** The request of a function that the world carries out now; `undefined` when somebody else makes it happen. */
  asking(): CarriedRequest | undefined;
  /** The requests of functions that reach the world. */
  readonly carried: CarriedRequests;
  /** Called before each request of a function is handed on, in the order in which they are sent. */
  onFunctionRequest(listener: (request: FunctionRequest) => void): void;
  /** Runs so far, in the order of their starts. */
  readonly runs: readonly SimulatedRun[];
  /** Start a run; time does not pass. */
  start(run: Omit<CaseRun, 'atSeconds'>): Execution;
  /** Stop all runs that are under way. @returns whether there was one */
  stopRuns(): boolean;
  /** Add a sentence to the story. */
  say(sentence: string): void;
  /** What happened so far, in order. */
  readonly story: readonly string[];
  /** How often each kind of strike and intervention took effect. */
  readonly struck: ReadonlyMap<string, number>;
}

const MACHINES = { nodegroup: /-upgrade-nodegroup$/, cluster: /-upgrade-cluster$/ } as const;

/** Seconds as the story has them. */
const stamp = (seconds: number) => `${seconds.toFixed(1).padStart(8)} s  `;

/** Ids of the instances with which each group begins. */
const instancesOf = ({ region }: VirtualSandbox): ReadonlyMap<string, readonly string[]> =>
  new Map([...region.state.autoScaling.groups].map(([name, { members }]) => [name, [...members.keys()]]));

/** Put instance ids in the place of `#1`, `#2`, … in the `nodes` of an input: a case cannot know them. */
function withInstances(input: CaseRun['input'], instances: ReadonlyMap<string, readonly string[]>): CaseRun['input'] {
  if (!Array.isArray(input.nodes)) return input;
  const own = instances.get(input.autoScalingGroupName as string) ?? [...instances.values()][0] ?? [];
  return { ...input, nodes: input.nodes.map((node: string) => own[Number(/^#(\d+)$/.exec(node)?.[1]) - 1] ?? node) };
}

/** Create the world of a case. Nothing has happened in it yet; its runs and interventions are on the clock. */
export async function createSimulatedWorld(given: SimulationCase): Promise<SimulatedWorld> {
  const scenario = scenarioSchema.parse(given.scenario);
  const invocations = createInvocations();
  const carried = createCarriedRequests(invocations.current);
  const listeners: ((request: FunctionRequest) => void)[] = [];
  const story: string[] = [];
  const struck = new Map<string, number>();
  const runs: SimulatedRun[] = [];

  const seams = createSeams({
    invocations,
    strikes: given.strikes,
    context: {
      sleep: (seconds) => sandbox.clock.sleep(seconds),
      hang: () => sandbox.clock.hang(),
      isOver: () => world.seconds() >= given.healthyAfterSeconds,
      timeout: (seconds, callback) => void sandbox.clock.timeout(seconds, callback),
      stopRuns: () => void world.stopRuns(),
    },
    onRequest(request) {
      for (const listener of listeners) listener(request);
    },
    onStruck({ seam, mode }, { functionKey, action }) {
      count(`${seam} ${mode}`);
      world.say(`strike: ${mode} hits ${seam === 'invoke' ? `the call of ${action}` : `${action} of ${functionKey}`}`);
    },
  });
  const count = (kind: string) => struck.set(kind, (struck.get(kind) ?? 0) + 1);

  const sandbox = await createVirtualSandbox(scenario, undefined, {
    invoke: seams.invoke,
    request: (handler, plane) => seams.request(carried.carry(handler, plane), plane),
    clockBehindSeconds: given.lambdaClockBehindSeconds,
  });
  const { clock, stepFunctions } = sandbox;
  const startedAt = Date.parse(scenario.startsAt);
  const instances = instancesOf(sandbox);

  const world: SimulatedWorld = {
    ...sandbox,
    given,
    scenario,
    seconds: () => (clock.now() - startedAt) / 1000,
    asking: carried.current,
    carried,
    onFunctionRequest: (listener) => void listeners.push(listener),
    runs,
    start({ machine, input: asked, name = `run-${runs.length + 1}` }) {
      const input = withInstances(asked, instances);
      const found = stepFunctions.machines.find((each) => MACHINES[machine].test(each.name)) as StateMachine;
      world.say(`run ${name} of ${machine} starts with ${JSON.stringify(input)}`);
      const execution = stepFunctions.start(found, toPayload(input as never), name);
      runs.push({ execution, machine, input });
      return execution;
    },
    stopRuns() {
      const running = runs.filter(({ execution }) => execution.status === 'RUNNING');
      for (const { execution } of running) stepFunctions.stop(execution, { cause: 'by an operator' });
      return running.length > 0;
    },
    say: (sentence) => void story.push(`${stamp(world.seconds())}${sentence}`),
    story,
    struck,
  };

  clock.after(given.healthyAfterSeconds, () => heal(world));
  for (const { atSeconds, ...run } of given.runs) clock.after(atSeconds, () => void world.start(run));
  for (const intervention of given.interventions) {
    const { atSeconds, atRequest, kind } = intervention;
    const act = () => {
      if (world.seconds() > given.healthyAfterSeconds || !intervene(world, intervention)) return;
      count(kind);
      world.say(`operator: ${kind}`);
    };
    if (atSeconds !== undefined) clock.after(atSeconds, act);
    else world.onFunctionRequest(({ number }) => number === atRequest && act());
  }
  return world;
}
