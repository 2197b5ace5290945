import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The Node of this machine, as a user without a checkout has it: the first of the PATH that no npm package brought. */
export function machinesNode(): string {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const found = folders
    .map((folder) => join(folder, 'node'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  return found ?? process.execPath;
}
