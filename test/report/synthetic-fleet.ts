import { runIdOf, sharedInput } from '../../domain/admission/entry.ts';
import type { WorkflowRun } from '../../domain/state.ts';
import { type Fate, runNode, type SyntheticNode } from './synthetic-node-execution.ts';
import { ACCOUNT, factsOf, type NodeFacts, START } from './synthetic-nodes.ts';
import type { SyntheticOptions } from './synthetic-options.ts';

/** The run that had begun the adopted nodes. */
export const EARLIER_RUN = `${ACCOUNT}:execution:upgrade-nodegroup:an-earlier-run`;

function fateOf({ blockedNodes, slowNodes, goneNodes, dyingNodes }: SyntheticOptions, index: number): Fate {
  if (blockedNodes?.includes(index)) return 'blocked';
  if (goneNodes?.includes(index)) return 'gone';
  if (dyingNodes?.includes(index)) return 'dies';
  return slowNodes?.includes(index) ? 'slow' : 'upgraded';
}

/** Run the executions of all nodes, each begun when another has ended, those that were blocked or died once more at the end. */
export function runNodes(options: SyntheticOptions, run: WorkflowRun, upgradeAt: number): SyntheticNode[] {
  const { executionArn: runArn } = run;
  const shared = sharedInput(run);
  const earlier = sharedInput({ ...run, executionArn: EARLIER_RUN, force: true, drainTimeoutSeconds: 1200 });
  const slots = Array.from({ length: options.parallelism }, () => upgradeAt + 1000);
  const done: SyntheticNode[] = [];
  const begin = (node: NodeFacts, fate: Fate, more: Partial<SyntheticNode['entry']>, at?: number): SyntheticNode => {
    const slot = slots.indexOf(Math.min(...slots));
    const startAt = at ?? (slots[slot] ?? 0) + 300;
    const isDecremented = node.index >= options.nodes - run.surge;
    const entry = {
      attempt: 1,
      runId: runIdOf(runArn),
      decrement: isDecremented,
      kind: 'outdated' as const,
      enters: 'drain' as const,
      ...more,
    };
    const isEarlier = entry.runId === runIdOf(EARLIER_RUN);
    const begun = runNode({
      node,
      fate,
      startAt,
      entry,
      runArn,
      shared: isEarlier ? earlier : shared,
      hostileName: options.hostileName,
    });
    slots[slot] = Math.max(slots[slot] ?? 0, begun.endAt);
    done.push(begun);
    return begun;
  };
  const again: [NodeFacts, Fate, Partial<SyntheticNode['entry']>][] = [];
  for (let index = 0; index < options.nodes; index += 1) {
    const [node, fate] = [factsOf(index), fateOf(options, index)];
    const isAdopted = options.adoptedNodes?.includes(index);
    begin(node, fate, isAdopted ? { runId: runIdOf(EARLIER_RUN) } : {}, isAdopted ? START - 20_000 : undefined);
    if (fate === 'blocked') again.push([node, 'blocked', { attempt: 2 }]);
    if (fate === 'dies') again.push([node, 'upgraded', { attempt: 2, enters: 'terminate' }]);
  }
  slots.fill(Math.max(...slots));
  for (const each of again) begin(...each);
  for (let index = 0; index < (options.surplusNodes ?? 0); index += 1) {
    begin(factsOf(options.nodes + index), 'upgraded', { kind: 'surplus', decrement: true });
  }
  return done;
}
