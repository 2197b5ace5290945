require('./start.cjs')('cli/embedded/compare-engines.ts');
