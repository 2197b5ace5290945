import assert from 'node:assert/strict';
import sinon from 'sinon';
import { createPacedClock } from '../../world/paced-clock.ts';

describe('a clock that runs faster than real time', function () {
  this.timeout(120_000);

  let host: sinon.SinonFakeTimers;
  beforeEach(() => {
    host = sinon.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => host.restore());

  it('calls back after simulated seconds', () => {
    const clock = createPacedClock(0, 60);
    let calls = 0;
    clock.after(120, () => {
      calls += 1;
    });
    host.tick(1999);
    assert.equal(calls, 0);
    host.tick(2);
    assert.equal(calls, 1);
    assert.ok(clock.now() >= 120_000);
  });

  it('does not time a function out that the host had no time to run', () => {
    const clock = createPacedClock(0, 60);
    let isTimedOut = false;
    clock.timeout(120, () => {
      isTimedOut = true;
    });
    host.tick(10_000);
    assert.equal(isTimedOut, false);
    host.tick(11_000);
    assert.equal(isTimedOut, true);
  });

  it('grants a slow clock no more than what was asked for', () => {
    const clock = createPacedClock(0, 1);
    let isTimedOut = false;
    clock.timeout(120, () => {
      isTimedOut = true;
    });
    host.tick(119_000);
    assert.equal(isTimedOut, false);
    host.tick(1001);
    assert.equal(isTimedOut, true);
  });

  it('fires nothing once it is stopped', () => {
    const clock = createPacedClock(0, 10);
    let calls = 0;
    clock.after(1, () => {
      calls += 1;
    });
    clock.stop();
    host.tick(60_000);
    assert.equal(calls, 0);
  });
});
