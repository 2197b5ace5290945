import { LEASE_NAMESPACE, leaseName } from '../../domain/admission/record.ts';
import { plural } from '../../domain/text.ts';
import type { Tidied } from '../../operations/clean-up/tidy-group.ts';
import { tidyGroup } from '../../operations/clean-up/tidy-group.ts';
import { EXIT_CODES, notNow } from '../failure.ts';
import type { Command } from './command.ts';
import { findSteeredRun, printOutcome, RUN, type SteeredRun } from './steered-run.ts';

/** What was done, in one sentence. @throws {CliFailure} when nothing could be done */
function sentenceOf(tidied: Tidied, { autoScalingGroupName: group }: SteeredRun): string {
  switch (tidied.status) {
    case 'held':
      throw notNow(`${group} is being upgraded by ${tidied.holder}: cancel it, or wait for it`);
    case 'yielded':
      throw notNow(`a new run has taken over ${group}: it cleans up itself`);
    case 'unreadable':
      throw notNow(
        `the record of ${group} was edited and cannot be read: delete its Lease (kubectl --namespace ${LEASE_NAMESPACE} delete lease ${leaseName(group)}), then clean up again`,
      );
    case 'nothing':
      return `There is nothing to clean up on ${group}`;
    default: {
      const left =
        tidied.inHand === 0
          ? ''
          : `; ${plural(tidied.inHand, 'node is', 'nodes are')} still in hand, and cleaned up within minutes of their end`;
      return `Cleaned up ${group}: ${plural(tidied.cleanedNodes, 'node')} had changes of an earlier run${left}`;
    }
  }
}

export const cleanup: Command = {
  name: 'cleanup',
  summary: 'undo what a run that was stopped, or has failed, left on nodes and group',
  operand: { ...RUN, description: 'ARN or name of the execution of a group; default: the newest one' },
  options: {},
  details:
    'The deployed workflow does the same within five minutes after a run was stopped; this does it now, with your own rights, and also opens nodes that stayed cordoned by the setting blockedNodes. Sizes and template stay as they are for the next run. It is refused while a run is under way.',
  examples: ['cleanup', 'cleanup workers-20260120-101500-by-ana-3f2a'],
  async run(context) {
    const run = await findSteeredRun(context, 'newest');
    const { executionArn, clusterName, autoScalingGroupName, deps } = run;
    const tidied = await tidyGroup(deps, { clusterName, autoScalingGroupName, ownArn: executionArn, isAsked: true });
    printOutcome(context, sentenceOf(tidied, run), { executionArn, autoScalingGroupName, ...tidied });
    return EXIT_CODES.success;
  },
};
