require('./install.cjs');
require('./start.cjs')('cli/embedded/demo.ts');
