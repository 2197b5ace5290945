import { type NodeFilter, refusalOfAdmission } from './filters.ts';
import type { NodeRoom, NodeRooms } from './node-room.ts';
import type { Requirements } from './requirements.ts';

/** Feasible nodes that are enough to choose from; below this many nodes all are scored, as in kube-scheduler. */
const ENOUGH_CANDIDATES = 100;
/** Keeps the number where the next search starts small. */
const SCAN_MODULUS = 1_000_003;

/** Finds the nodes that may run a pod. */
export interface NodeSearch {
  /** Feasible nodes, zone by zone in turn, starting where the last search ended. */
  amongAll(required: Requirements, refuses: NodeFilter): NodeRoom[];
  /** Those of the given nodes that are feasible. */
  among(candidates: readonly NodeRoom[], required: Requirements, refuses: NodeFilter): NodeRoom[];
}

/** Create a search over all nodes. */
export function createNodeSearch(rooms: NodeRooms): NodeSearch {
  let scanFrom = 0;

  /** Add the feasible nodes of these zones, a node of each in turn. @returns whether there are enough */
  const collect = (zones: readonly (readonly NodeRoom[])[], refuses: NodeFilter, found: NodeRoom[]): boolean => {
    const longest = Math.max(0, ...zones.map((list) => list.length));
    for (let step = 0; step < longest; step += 1) {
      for (const list of zones) {
        if (step >= list.length) continue;
        const room = list[(scanFrom + step) % list.length];
        if (room === undefined || refuses(room) !== undefined) continue;
        found.push(room);
        if (found.length >= ENOUGH_CANDIDATES) {
          scanFrom = (scanFrom + step + 1) % SCAN_MODULUS;
          return true;
        }
      }
    }
    return false;
  };

  return {
    amongAll(required, refuses) {
      const found: NodeRoom[] = [];
      for (const admission of rooms.admissions()) {
        if (refusalOfAdmission(admission, required) !== undefined) continue;
        const zones = [...admission.zones.values()].filter((list) => list.length > 0);
        if (collect(zones, refuses, found)) return found;
      }
      return found;
    },
    among: (candidates, required, refuses) =>
      candidates.filter(
        (room) => refusalOfAdmission(room.admission, required) === undefined && refuses(room) === undefined,
      ),
  };
}
