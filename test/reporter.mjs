import Mocha from 'mocha';

const { EVENT_RUN_END } = Mocha.Runner.constants;

/** Mocha's own dots and failures, then one closing line that people and machines read alike. */
export default function reportWithClosingLine(runner, options) {
  const dots = new Mocha.reporters.Dot(runner, options);
  runner.once(EVENT_RUN_END, () => {
    console.log(`${dots.stats.passes} passed, ${dots.stats.failures} failed`);
  });
}
