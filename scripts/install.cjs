// Installs the dependencies, unless they are installed and unchanged.
const { spawnSync } = require('node:child_process');
const { ROOT, isInstalled } = require('./checkout.cjs');

/** `npm ci` by the npm that runs this script, else by the one on the PATH. */
function install() {
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const [command, ...rest] = npm === undefined ? ['npm'] : [process.execPath, npm];
  const { status, error } = spawnSync(command, [...rest, ...options], {
    cwd: ROOT,
    stdio: 'inherit',
    shell: npm === undefined && process.platform === 'win32',
  });
  if (error !== undefined) process.stderr.write(`npm could not be started: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}

if (!isInstalled()) install();
