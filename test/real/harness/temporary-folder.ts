import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopAllOnExit } from './processes.ts';

export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

/** Make a folder that is removed with this process, after the processes that write to it have been killed. */
export function temporaryFolder(purpose: string): TemporaryFolder {
  stopAllOnExit();
  const path = mkdtempSync(join(tmpdir(), `eks-nodegroup-upgrade-${purpose}-`));
  // The killed may still be writing for a moment.
  const remove = () => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  process.on('exit', remove);
  return { path, remove };
}
