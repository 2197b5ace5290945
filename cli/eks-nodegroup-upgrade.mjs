#!/usr/bin/env node
// Plain JavaScript, so that an old Node can read it. In a package the program is plain JavaScript too; in a checkout it is
// TypeScript, which needs a newer Node.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const bundle = new URL('../dist/cli/cli.mjs', import.meta.url);
const isCheckout = existsSync(new URL('./cli.ts', import.meta.url));

if (isCheckout) createRequire(import.meta.url)('../scripts/start.cjs')('cli/cli.ts');
else (await import(bundle.href)).main();
