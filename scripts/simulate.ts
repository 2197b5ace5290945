require('./start.cjs')('simulation/simulate.ts');
