#!/usr/bin/env node
// Plain JavaScript in old syntax, so that an old Node can read it and say which one is needed. In a package the program is
// plain JavaScript too; in a checkout it is TypeScript, which needs a newer Node.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const bundle = new URL('../dist/cli/cli.mjs', import.meta.url);
const require = createRequire(import.meta.url);
const isCheckout = existsSync(new URL('./cli.ts', import.meta.url));

function startPackage() {
  const problem = require('../scripts/package-problem.cjs')();
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    process.exitCode = 3;
    return;
  }
  // The package brings its own AWS SDK, which runs on Node 20; its warning would only confuse, because a user cannot change the SDK.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  require('../scripts/end-with-parent.cjs')();
  void import(bundle.href).then(({ main }) => main());
}

if (isCheckout) require('../scripts/start.cjs')('cli/cli.ts');
else startPackage();
