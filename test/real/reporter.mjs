import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS } = Mocha.Runner.constants;

/** Mocha's own list of sentences and failures; and every result as JSON, for the summary, in the file of option `results`. */
export default function reportWithResults(runner, options) {
  const list = new Mocha.reporters.Spec(runner, options);
  const results = [];
  runner.on(EVENT_TEST_PASS, (test) => results.push({ titles: test.titlePath(), hasPassed: true }));
  runner.on(EVENT_TEST_FAIL, (test) => results.push({ titles: test.titlePath(), hasPassed: false }));
  runner.once(EVENT_RUN_END, () => {
    writeFileSync(options.reporterOption.results, JSON.stringify(results));
    console.log(`${list.stats.passes} passed, ${list.stats.failures} failed`);
  });
}
