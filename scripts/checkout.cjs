// What a checkout needs before anything of it can run: its dependencies, and a Node that runs TypeScript.
// Plain JavaScript without dependencies, because it runs before both are there.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { isAtLeast } = require('./node-version.cjs');

const ROOT = join(__dirname, '..');
const MODULES = join(ROOT, 'node_modules');
/** Types are removed from 22.18 on; the Kubernetes client asks for a little more. */
const OLDEST_NODE = '22.19';

const isNewEnough = () => isAtLeast(OLDEST_NODE);

/** The Node that npm installed as an optional dependency; none on platforms it has no package for. */
function installedNode() {
  const file = join(MODULES, `node-${process.platform}-${process.arch}`.replace('win32', 'win'), 'bin/node');
  return [file, `${file}.exe`].find((path) => existsSync(path));
}

const readLock = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** Does node_modules hold what package-lock.json asks for? Packages for other platforms are optional, and may be missing. */
function isInstalled() {
  const record = join(MODULES, '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = readLock(record);
  const wanted = readLock(join(ROOT, 'package-lock.json'));
  return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional }]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return optional === true || devOptional === true;
    return found.version === version && found.integrity === integrity && existsSync(join(ROOT, path));
  });
}

/** What is missing, as one sentence for people; nothing when all is there, perhaps in `node`. */
function problem() {
  if (!existsSync(join(MODULES, '.package-lock.json'))) {
    return `The dependencies are not installed. Run \`npm ci\` in ${ROOT} first.`;
  }
  if (isNewEnough() || installedNode() !== undefined) return undefined;
  return (
    `Node ${OLDEST_NODE} or later is needed here, and this is ${process.versions.node}: install Node 24 ` +
    `(npm has no package of it for ${process.platform}-${process.arch}, or optional dependencies were left out).`
  );
}

module.exports = { ROOT, installedNode, isInstalled, isNewEnough, problem };
