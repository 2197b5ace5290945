import { realAddresses } from './environment.ts';
import { holdTo } from './hold-emulator.ts';
import { BEHAVIOURS } from './states/behaviours.ts';
import { type StatesSide, startMiniStack, startSandbox } from './states/sides.ts';

const { miniStack } = realAddresses();

for (const [title, emulator, start] of [
  ['the simulated Step Functions', undefined, startSandbox],
  ['the Step Functions of MiniStack', 'MiniStack', () => startMiniStack(miniStack.endpoint)],
] as const)
  describe(title, () => {
    let side: StatesSide;
    before(async () => {
      side = await start();
    });
    describe('state machines and executions', () => {
      for (const behaviour of BEHAVIOURS) holdTo(emulator, behaviour, () => side);
    });
  });
