// Starts a program written in TypeScript, in this process when its Node can run it, else in the Node that npm installed.
const { spawn } = require('node:child_process');
const { constants } = require('node:os');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const endWithParent = require('./end-with-parent.cjs');
const { ROOT, installedNode, isNewEnough, problem } = require('./checkout.cjs');

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Said once, without a stack: the user has to install something. */
const EXIT_CODE = 3;

/** Run the same command in another Node. It decides how to end; signals for this process are passed on to it. */
function startIn(node) {
  endWithParent();
  const child = spawn(node, ['--', ...process.argv.slice(1)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  // A terminal sends Ctrl-C to both, where a second SIGINT would mean "at once": it is passed on as the other signal that
  // ends a program in good order.
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal === 'SIGINT' ? 'SIGTERM' : signal));
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
    for (const each of SIGNALS) process.removeAllListeners(each);
  });
}

/**
 * Start `main()` of a module.
 *
 * @param module relative to the repository
 */
module.exports = function start(module) {
  const sentence = problem();
  if (sentence !== undefined) {
    process.stderr.write(`${sentence}\n`);
    process.exitCode = EXIT_CODE;
  } else if (isNewEnough()) {
    endWithParent();
    void import(pathToFileURL(join(ROOT, module)).href).then(({ main }) => main());
  } else {
    startIn(installedNode());
  }
};
