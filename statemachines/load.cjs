// Reads the definitions: one file, three readers (serverless, the sandbox, the tests). `Include` in an ItemProcessor
// names the definition whose states become the Map's items.
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

/** The definition of a state machine, with its included item processors in place. */
function load(name) {
  const definition = read(name);
  for (const state of Object.values(definition.States)) {
    const { Include: included, ...processor } = state.ItemProcessor ?? {};
    if (included !== undefined) state.ItemProcessor = { ...processor, ...load(included) };
  }
  return definition;
}

module.exports = {
  load,
  upgradeNodegroup: () => load('upgrade-nodegroup'),
  upgradeCluster: () => load('upgrade-cluster'),
  upgradeNode: () => load('upgrade-node'),
};
