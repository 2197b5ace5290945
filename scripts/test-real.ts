require('./start.cjs')('test/real/harness/test-real.ts');
