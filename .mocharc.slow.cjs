const { ignore: _, ...fast } = require('./.mocharc.cjs');

/** Whole upgrades of larger worlds, and comparisons of many: `npm run test:slow`. */
module.exports = { ...fast, spec: ['test/**/*.slow.test.ts'] };
