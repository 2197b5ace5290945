require('./start.cjs')('tooling/arrows.ts');
