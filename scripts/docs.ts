require('./start.cjs')('tooling/docs/write.ts');
