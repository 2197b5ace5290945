import { BEHAVIOURS } from './aws/behaviours.ts';
import { changesByOthers } from './aws/changes-by-others.ts';
import { startEmulator } from './aws/emulator-side.ts';
import { startSandbox } from './aws/sandbox-side.ts';
import type { Side } from './aws/side.ts';
import { realAddresses } from './environment.ts';
import { holdTo } from './hold-emulator.ts';

const { moto } = realAddresses();

for (const [title, emulator, start] of [
  ['the simulated AWS and our clients', undefined, startSandbox],
  ['moto and our clients', 'moto', () => startEmulator(moto.endpoint)],
] as const)
  describe(title, () => {
    let side: Side;
    before(async () => {
      side = await start();
    });
    describe('calls of AWS', () => {
      for (const behaviour of [...BEHAVIOURS, ...changesByOthers]) holdTo(emulator, behaviour, () => side);
    });
  });
