require('./start.cjs')('cli/embedded/bench.ts');
