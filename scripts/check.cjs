// Says in one sentence what a checkout lacks, before a tool fails with a riddle.
const { installedNode, isNewEnough, problem } = require('./checkout.cjs');

/** A tool runs in the Node that starts it; only our own programs change to another. */
const oldNode = () =>
  isNewEnough() || installedNode() === undefined
    ? undefined
    : `This is Node ${process.versions.node}: put node_modules/.bin, where a newer one is, first on the PATH.`;

const sentence = problem() ?? oldNode();
if (sentence !== undefined) {
  process.stderr.write(`${sentence}\n`);
  process.exit(3);
}
