// Reads the definitions: one file, three readers (serverless, the sandbox, the tests). `Include` in an ItemProcessor
// names the definition whose states become the Map's items.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');

const read = (name) => parse(readFileSync(join(__dirname, `${name}.asl.yaml`), 'utf8'), { maxAliasCount: -1 });

/** The definition of a state machine, with its included item processors in place. */
function load(name) {
  // Aliases share objects; a copy keeps readers that write into the definition from changing two states at once.
  const definition = JSON.parse(JSON.stringify(read(name)));
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
};
