require('./start.cjs')('cli/embedded/screenshots.ts');
