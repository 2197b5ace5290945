import type { SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import type { Fault } from '../world/scenario.ts';
import type { Kubelets } from './nodes/kubelets.ts';

/** Play the faults `nodeNotReady` of a scenario that concern these groups: kubelets of random nodes fall silent. */
export function playNodeFaults(
  faults: readonly Fault[],
  {
    clock,
    random,
    kubelets,
    groupNames,
  }: {
    clock: SandboxClock;
    random: Random;
    kubelets: Kubelets;
    groupNames: ReadonlySet<string>;
  },
): void {
  for (const fault of faults) {
    if (fault.kind !== 'nodeNotReady' || !groupNames.has(fault.group)) continue;
    clock.after(fault.atSeconds, () => {
      const nodes = kubelets
        .aliveNodes()
        .filter((nodeName) => kubelets.machineOf(nodeName)?.autoScalingGroupName === fault.group);
      for (let stopped = 0; stopped < fault.nodes && nodes.length > 0; stopped += 1) {
        const [nodeName] = nodes.splice(random.integer(nodes.length), 1);
        if (nodeName !== undefined) kubelets.stopHeartbeat(nodeName);
      }
    });
  }
}
