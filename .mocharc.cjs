require('./scripts/check.cjs');

module.exports = {
  ignore: ['test/installed/**', 'test/real/**', 'test/clients-real/**', '{test,sandbox/test}/**/*.slow.test.ts'],
  extension: ['ts'],
  reporter: 'test/reporter.mjs',
  'forbid-only': true,
  'forbid-pending': true,
  parallel: true,
  jobs: 2,
  timeout: 0,
};
