import { bundleCli } from './cli-bundle.ts';
import { bundleFunctions } from './lambda-bundles.ts';

const kibibytes = (bytes: number) => `${(bytes / 1024).toFixed(0).padStart(5)} KiB`;

/** Bundle the functions and the command line program, and print what each weighs. */
export async function main(): Promise<void> {
  for (const { name, bytes } of await bundleFunctions('dist/lambda'))
    console.log(`${name.padEnd(32)} ${kibibytes(bytes)}`);
  console.log(`${'command line program'.padEnd(32)} ${kibibytes(await bundleCli())}`);
}
