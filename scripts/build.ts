require('./start.cjs')('tooling/build.ts');
