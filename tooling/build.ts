import { bundleFunctions } from './lambda-bundles.ts';

/** Bundle the functions, and print what each weighs. */
export async function main(): Promise<void> {
  for (const { name, bytes } of await bundleFunctions('dist/lambda')) {
    console.log(`${name.padEnd(32)} ${(bytes / 1024).toFixed(0).padStart(5)} KiB`);
  }
}
