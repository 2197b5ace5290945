// Reads the definitions: one file, three readers (serverless, the sandbox, the tests).
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');

/** Definitions as JSON, by name: a process that creates many worlds reads each once. */
const texts = new Map();

/** A copy: aliases share objects, and readers that write into the definition must not change two states at once. */
function read(name) {
  if (!texts.has(name)) {
    const yaml = readFileSync(join(__dirname, `${name}.asl.yaml`), 'utf8');
    texts.set(name, JSON.stringify(parse(yaml, { maxAliasCount: -1 })));
  }
  return JSON.parse(texts.get(name));
}

module.exports = {
  load: read,
  upgradeNodegroup: () => read('upgrade-nodegroup'),
  upgradeNode: () => read('upgrade-node'),
  upgradeCluster: () => read('upgrade-cluster'),
};
