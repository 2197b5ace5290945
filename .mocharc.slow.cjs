const { ignore: _, ...fast } = require('./.mocharc.cjs');

/** Whole upgrades of larger worlds, many items at a time, and comparisons of many runs: `npm run test:slow`. */
module.exports = { ...fast, spec: ['{test,sandbox/test}/**/*.slow.test.ts'] };
