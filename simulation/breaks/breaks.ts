/*
 * Words of this folder:
 *
 * safeguard   a few lines of the product without which a promise breaks in some world
 * break       the same lines with the safeguard switched off, in the memory of one process: the product has no switches
 */

/** A text of a source file, exactly as it stands there, and what stands in its place. */
interface Replacement {
  /** From the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A safeguard that can be switched off. */
export interface Break {
  /** One sentence: what the product no longer does. */
  readonly without: string;
  readonly replacements: readonly Replacement[];
}

/** The safeguards by name. */
export const BREAKS = {
  floor: {
    without: 'Nodes are taken whether or not enough others are free.',
    replacements: [
      {
        file: 'domain/admission/node-rules.ts',
        find: '  free > floor || !isCapacity(node) ? undefined',
        replace: '  free > floor || !isCapacity(node) || true ? undefined',
      },
    ],
  },
  fence: {
    without: 'An invocation writes the record although a later one has opened it.',
    replacements: [
      {
        file: 'operations/admission/record-session.ts',
        find: '  if (lease.annotations[NONCE] === nonce) return lease;',
        replace: '  if (lease.annotations[NONCE] !== undefined) return lease;',
      },
    ],
  },
  recordFirst: {
    without: 'Executions of nodes are started before their entries are written.',
    replacements: [
      {
        file: 'operations/admission/start-nodes.ts',
        find: '  const admitted = await save({\n    ...conductor,\n    accounts: admitEntries(accounts, entries, request.run.autoScalingGroupName),\n  });\n',
        replace:
          '  const unsaved = { ...conductor, accounts: admitEntries(accounts, entries, request.run.autoScalingGroupName) };\n  for (const entry of entries) await startNode(deps, unsaved, entry);\n  const admitted = await save(unsaved);\n',
      },
    ],
  },
  lastLook: {
    without: 'The step that terminates an instance does not list what is on its node.',
    replacements: [
      {
        file: 'operations/drain/terminate-empty-node.ts',
        find: '  const occupants = own === undefined ? 0 : await countOccupants(deps, cluster, step, own.name);',
        replace: '  const occupants = 0;',
      },
    ],
  },
  decrementAccounts: {
    without: 'A decrement is not booked when its node is taken.',
    replacements: [
      {
        file: 'domain/admission/accounts.ts',
        find: '    surge: accounts.surge - entries.filter(({ decrement }) => decrement).length,',
        replace: '    surge: accounts.surge,',
      },
    ],
  },
  zoneQuota: {
    without: 'The surge is given back in one zone, however it is shared among them.',
    replacements: [
      {
        file: 'domain/admission/decrements.ts',
        find: '(weight(zone) > weight(best) ? zone : best)',
        replace: '(weight(zone) > 1_000_000 ? zone : best)',
      },
    ],
  },
  taintAtDrainStart: {
    without: 'A node is drained although pods may still be scheduled to it.',
    replacements: [
      {
        file: 'domain/drain/execution-patches.ts',
        find: '  addTaint(node, by, patch);\n  if (node.labels[EXCLUDE_LABEL] === undefined) {',
        replace: '  if (node.labels[EXCLUDE_LABEL] === undefined) {',
      },
    ],
  },
  identity: {
    without: 'A patch of a node does not test that it is still the one that was taken.',
    replacements: [
      {
        file: 'clients/kubernetes/node-patch.ts',
        find: "    ...test('/metadata/uid', identity.uid),\n    ...test('/spec/providerID', identity.providerId),\n    ...test('/metadata/resourceVersion', resourceVersion),\n",
        replace: "    ...test('/metadata/uid', identity.uid === '' ? resourceVersion : undefined),\n",
      },
      {
        file: 'operations/drain/change-own-node.ts',
        find: "node === undefined || node.uid !== seen.uid ? 'absent'",
        replace: "node === undefined ? 'absent'",
      },
    ],
  },
  ownership: {
    without: 'A cordon is removed whoever has set it.',
    replacements: [
      {
        file: 'domain/nodegroup/node-ownership.ts',
        find: '  if (!has(node, OWNERSHIP_ANNOTATIONS.cordoned)) return;\n  draft.annotations[OWNERSHIP_ANNOTATIONS.cordoned] = null;',
        replace:
          '  if (!node.isUnschedulable) return;\n  if (has(node, OWNERSHIP_ANNOTATIONS.cordoned)) draft.annotations[OWNERSHIP_ANNOTATIONS.cordoned] = null;',
      },
    ],
  },
  undo: {
    without: 'Nothing of ours is removed from nodes in the end.',
    replacements: [
      {
        file: 'operations/clean-up/clean-up.ts',
        find: 'leaveCordoned(node, by) : removeOwnedChanges(node);',
        replace: 'leaveCordoned(node, by) : (removeOwnedChanges(node), undefined);',
      },
    ],
  },
  adoption: {
    without: 'A run that takes over forgets what is in hand.',
    replacements: [
      {
        file: 'domain/admission/accounts.ts',
        find: '  const entries = before?.entries ?? [];',
        replace: '  const entries: HeldEntry[] = [];',
      },
    ],
  },
  textBounds: {
    without: 'Texts that others have written are not cut.',
    replacements: [
      {
        file: 'domain/text.ts',
        find: 'const MOST_FOREIGN_CHARACTERS = 500;',
        replace: 'const MOST_FOREIGN_CHARACTERS = 1_000_000;',
      },
      { file: 'domain/text.ts', find: 'most - 1)}…` : text;', replace: '1_000_000)}` : text;' },
      {
        file: 'domain/text.ts',
        find: '`${text.slice(0, Math.ceil((most - 1) / 2))}…${text.slice(-Math.floor((most - 1) / 2))}` : text;',
        replace: 'text : text;',
      },
    ],
  },
  answerCheck: {
    without: 'Whatever answers with success counts as what was asked for.',
    replacements: [
      {
        file: 'clients/kubernetes/expected-kind.ts',
        find: '  if (kinds.some((kind) => isWhole(body, kind))) return;',
        replace: '  if (kinds.some((kind) => isWhole(body, kind)) || true) return;',
      },
    ],
  },
  licence: {
    without: 'An execution works on its node whether or not the record has an entry for it.',
    replacements: [
      {
        file: 'domain/admission/licence.ts',
        find: '  if (entry === undefined || execution !== nodeExecutionName(autoScalingGroupName, entry)) {',
        replace:
          '  if (entry === undefined || execution !== nodeExecutionName(autoScalingGroupName, entry)) return undefined;\n  if (entry.instanceId !== node.instanceId) {',
      },
    ],
  },
  storedInput: {
    without: 'An execution that is started again gets an input made anew.',
    replacements: [
      {
        file: 'operations/admission/start-nodes.ts',
        find: '  return deps.nodeExecutions.start(name, nodeExecutionInput(shared, entry));',
        replace:
          '  const anew = { ...entry, admittedAt: deps.clock.now().toISOString() };\n  return deps.nodeExecutions.start(name, nodeExecutionInput(shared, anew));',
      },
    ],
  },
  entryLookup: {
    without: 'Executions of nodes that say nothing are not looked up.',
    replacements: [
      {
        file: 'domain/admission/lookups.ts',
        find: '  return entries.filter(isDue).sort(',
        replace: '  return entries.filter((entry) => isDue(entry) && entry.instanceId === undefined).sort(',
      },
    ],
  },
  eventBudget: {
    without: 'What is waited for at a gate for hours is looked for every minute.',
    replacements: [
      {
        file: 'domain/admission/pace.ts',
        find: 'age < FIRST_HOUR_SECONDS ? GATE_SECONDS : Math.min(LONGEST_GATE_SECONDS, Math.round(age / 60))',
        replace: 'age < FIRST_HOUR_SECONDS ? GATE_SECONDS : Math.min(GATE_SECONDS, LONGEST_GATE_SECONDS)',
      },
    ],
  },
} as const satisfies Readonly<Record<string, Break>>;

export type BreakName = keyof typeof BREAKS;
export const isBreak = (name: string): name is BreakName => name in BREAKS;
export const BREAK_NAMES = Object.keys(BREAKS) as readonly BreakName[];
