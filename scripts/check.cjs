// Says in one sentence what a checkout lacks, before a tool fails with a riddle.
const { problem } = require('./checkout.cjs');

const sentence = problem();
if (sentence !== undefined) {
  process.stderr.write(`${sentence}\n`);
  process.exit(3);
}
