/*
 * The arrows between the rooms: which files may import what. CONTRIBUTING.md explains them; test/arrows.test.ts plants a
 * forbidden import for each and sees it found. An import of a type is an import.
 */

/** Packages by name, wherever they are installed. */
const npm = (...names) => `(^|/)node_modules/(${names.join('|')})/`;
const ANY_PACKAGE = '(^|/)node_modules/';

/** A rule that forbids imports. `instead` says what to do about a violation. */
const forbid = (name, instead, from, to) => ({ name, comment: instead, severity: 'error', from, to });

/** What the product consists of, besides the sandbox that comes with it. */
const PRODUCT = '^(cli|clients|domain|functions|iam|operations|report|statemachines)/';
/** Starts the program, in a checkout and in a package. */
const LAUNCHER = '^cli/eks-nodegroup-upgrade\\.mjs$';
const TESTS = '^(sandbox/)?test/';

module.exports = {
  forbidden: [
    forbid(
      'domain-imports-only-zod',
      'pass the facts in as arguments',
      { path: '^domain/' },
      { pathNot: ['^domain/', npm('zod')] },
    ),
    forbid(
      'report-imports-only-domain',
      'a report is made from a history alone',
      { path: '^report/' },
      { pathNot: ['^report/', '^domain/', npm('zod')] },
    ),
    forbid(
      'operations-import-only-domain-and-ports',
      'ask through clients/ports.ts',
      { path: '^operations/' },
      { pathNot: ['^operations/', '^domain/', '^clients/ports\\.ts$', npm('p-map', 'zod')] },
    ),
    forbid(
      'functions-import-only-operations-domain-and-ports',
      'ask through clients/ports.ts; what two steps share belongs in domain/ or operations/',
      { path: '^functions/' },
      { pathNot: ['^operations/', '^domain/', '^clients/(ports|lambda/step|lambda/handler)\\.ts$', npm('zod')] },
    ),
    forbid(
      'clients-import-only-ports-and-domain',
      'whoever needs more than one client is an operation',
      { path: '^clients/' },
      { pathNot: ['^clients/', '^domain/', ANY_PACKAGE], dependencyTypesNot: ['core'] },
    ),
    forbid(
      'ports-import-only-domain',
      'a port is described in words of the domain, whoever implements it',
      { path: '^clients/ports\\.ts$' },
      { pathNot: '^domain/' },
    ),
    forbid(
      'cli-imports-only-report-domain-clients-operations',
      'only cli/embedded/ runs the steps',
      { path: '^cli/', pathNot: ['^cli/embedded/', LAUNCHER] },
      { pathNot: ['^(cli|clients|domain|operations|report)/', ANY_PACKAGE], dependencyTypesNot: ['core'] },
    ),
    forbid(
      'sandbox-imports-nothing-of-the-product',
      'inject it from cli/embedded/',
      { path: '^sandbox/' },
      { pathNot: ['^sandbox/', ANY_PACKAGE], dependencyTypesNot: ['core'] },
    ),
    forbid(
      'only-embedded-imports-the-sandbox',
      'cli/embedded/ and tests bring the steps and the sandbox together',
      { path: PRODUCT, pathNot: '^cli/embedded/' },
      { path: '^sandbox/' },
    ),
    forbid('only-tests-import-tests', 'move what both need out of test/', { pathNot: TESTS }, { path: TESTS }),
    forbid(
      'scripts-import-only-each-other',
      'a script starts a program of another room by its path, so that an old Node can read the script',
      { path: '^scripts/' },
      { pathNot: '^scripts/', dependencyTypesNot: ['core'] },
    ),
    forbid(
      'only-tests-import-scripts-and-tooling',
      'programs for this repository are no part of the product',
      { pathNot: ['^(scripts|tooling)/', '^\\.mocharc', LAUNCHER, TESTS] },
      { path: '^(scripts|tooling)/' },
    ),
    forbid(
      'simulation-imports-only-embedded-sandbox-domain-report',
      'the simulator runs the product as it is, through cli/embedded/',
      { path: '^simulation/' },
      { pathNot: ['^(simulation|cli/embedded|sandbox|domain|report)/', ANY_PACKAGE], dependencyTypesNot: ['core'] },
    ),
    forbid(
      'only-tests-import-the-simulation',
      'scripts/ starts it by its path',
      { pathNot: ['^simulation/', TESTS] },
      { path: '^simulation/' },
    ),
    forbid(
      'no-cycles',
      'move what both need to a file of its own',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid('imports-resolve', 'the file or package is not there', {}, { couldNotResolve: true }),
  ],
  options: {
    // dependency-cruiser cannot use TypeScript 7; @swc/core parses instead.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(coverage|dist|out|\\.serverless)/' },
    enhancedResolveOptions: {
      // Else the doors of a package are not found.
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.cts', '.mjs', '.cjs', '.js'],
    },
  },
};
