require('./start.cjs')('test/real/harness/keep-control-plane.ts');
