// What the installed package needs of the Node that runs it. Plain JavaScript in old syntax, because that Node may be too old.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { isAtLeast } = require('./node-version.cjs');

/** What is missing, as one sentence for people; nothing when the program can run. */
module.exports = function packageProblem() {
  const { engines } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'));
  const oldest = engines.node.replace(/[^\d.]/g, '');
  if (isAtLeast(oldest)) return undefined;
  return `Node ${oldest} or later is needed here, and this is ${process.versions.node}: install Node 24.`;
};
