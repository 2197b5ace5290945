import type { Entry } from '../../domain/admission/entry.ts';
import { createLicences } from '../ledger/licences.ts';
import type { Invariant } from './invariant.ts';

/** An execution is started as its entry says, again and again. */
export const sameInput: Invariant = {
  name: 'executions keep their input',
  promise:
    'The execution of a node is started under one name with the input that its entry in the record says, however often it is asked for: so it is started once.',
  begin(world, broken) {
    const licences = createLicences(world);
    world.carried.onCarried(
      ({ action, request, invocation }) => {
        if (action !== 'StartExecution') return;
        const { name = '', input = '{}' } = JSON.parse(request.body) as { name?: string; input?: string };
        const entry = licences.entryOf(name);
        const { node } = JSON.parse(input) as { node?: Entry };
        if (entry === undefined || node === undefined) return;
        if (node.admittedAt !== entry.admittedAt || node.decrement !== entry.decrement)
          broken(`${invocation?.functionKey} starts ${name} with another input than its entry says`);
      },
      () => {},
    );
    return undefined;
  },
};
