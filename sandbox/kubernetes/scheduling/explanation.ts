import { type NodeFilter, refusalOfAdmission } from './filters.ts';
import type { NodeRooms } from './node-room.ts';
import type { Requirements } from './requirements.ts';

/** The sentence of `kubectl describe pod`, e.g. "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were …". */
export function explainRefusal(rooms: NodeRooms, required: Requirements, refuses: NodeFilter): string {
  if (rooms.count() === 0) return 'no nodes available to schedule pods';
  const tally = new Map<string, number>();
  let unhelpedByPreemption = 0;
  for (const room of rooms.all()) {
    const isOther = required.onlyNode !== undefined && room.name !== required.onlyNode;
    const admissionRefusal = isOther ? undefined : refusalOfAdmission(room.admission, required);
    const refusal = isOther ? "node(s) didn't match Pod's node affinity/selector" : (admissionRefusal ?? refuses(room));
    if (refusal === undefined) continue;
    tally.set(refusal, (tally.get(refusal) ?? 0) + 1);
    const mightBeFreed = /^(Insufficient|Too many)|anti-affinity|spread/.test(refusal);
    if (!mightBeFreed) unhelpedByPreemption += 1;
  }
  const of = `0/${rooms.count()} nodes are available`;
  const reasons = [...tally].map(([reason, nodes]) => `${nodes} ${reason}`).sort();
  const freeable = rooms.count() - unhelpedByPreemption;
  const preemption = [
    ...(freeable > 0 ? [`${freeable} No preemption victims found for incoming pod`] : []),
    ...(unhelpedByPreemption > 0 ? [`${unhelpedByPreemption} Preemption is not helpful for scheduling`] : []),
  ];
  return `${of}: ${reasons.join(', ')}. preemption: ${of}: ${preemption.join(', ')}.`;
}
