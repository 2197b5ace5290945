import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { attendedPort } from '../../world/attended-port.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';

const STARTED_AT = Date.UTC(2026, 0, 1);

const turnOfEventLoop = () => new Promise((resolve) => setImmediate(resolve));

/** An answer that takes the host a while. */
const slowAnswer = async () => {
  for (let turn = 0; turn < 50; turn += 1) await turnOfEventLoop();
  return 'answer';
};

const createWorld = () => {
  const clock = createVirtualClock(STARTED_AT);
  const elapsed = () => (clock.now() - STARTED_AT) / 1000;
  return { clock, elapsed };
};

describe('the virtual clock', () => {
  it('passes while a function holds a timer, a watch and a request at once', async () => {
    const { clock, elapsed } = createWorld();
    const watch = Promise.withResolvers<string>();
    clock.after(30, () => watch.resolve('event'));
    const seen: unknown[] = [];
    void clock.run(async () => {
      const slept = clock.sleep(10).then(() => seen.push(['timer', elapsed()]));
      const watched = clock.idleUntil(watch.promise).then((event) => seen.push([event, elapsed()]));
      const asked = clock.attend(slowAnswer).then((answer) => seen.push([answer, elapsed()]));
      await Promise.all([slept, watched, asked]);
    });
    await clock.advance(60);
    assert.deepEqual(seen, [
      ['answer', 0],
      ['timer', 10],
      ['event', 30],
    ]);
  });

  it('stands still while a request is answered, though its sender holds a watch', async () => {
    const { clock, elapsed } = createWorld();
    const port = attendedPort({ ask: slowAnswer }, clock);
    let answeredAt: number | undefined;
    void clock.run(async () => {
      void clock.idleUntil(new Promise(() => {}));
      await clock.sleep(5);
      await port.ask();
      answeredAt = elapsed();
    });
    clock.after(6, () => assert.equal(answeredAt, 5));
    await clock.advance(10);
    assert.equal(answeredAt, 5);
  });

  it('passes while the answer to a request waits for it', async () => {
    const { clock, elapsed } = createWorld();
    let answeredAt: number | undefined;
    void clock.run(async () => {
      await clock.attend(() => clock.sleep(10));
      answeredAt = elapsed();
    });
    await clock.advance(20);
    assert.equal(answeredAt, 10);
  });

  it('waits for later work also when a function ended and left a timer and a watch behind', async () => {
    const { clock, elapsed } = createWorld();
    void clock.run(async () => {
      void clock.idleUntil(new Promise(() => {}));
      await Promise.race([clock.sleep(100), clock.sleep(1)]);
    });
    await clock.advance(2);
    let workedUntil: number | undefined;
    void clock.run(async () => {
      await slowAnswer();
      workedUntil = elapsed();
    });
    await clock.advance(200);
    assert.equal(workedUntil, 2);
  });

  it('passes while a function hangs, for ever', async () => {
    const { clock, elapsed } = createWorld();
    void clock.run(() => clock.hang());
    await clock.advance(3600);
    assert.equal(elapsed(), 3600);
  });

  it('waits for what follows once a timeout has ended a function', async () => {
    const { clock } = createWorld();
    const timedOut = Promise.withResolvers<never>();
    clock.timeout(60, () => timedOut.reject(new Error('timed out')));
    let told = 'nothing';
    const call = clock.run(() => Promise.race([clock.hang(), timedOut.promise]));
    void call.catch(turnOfEventLoop).then(() => {
      told = 'it has ended';
    });
    await clock.advance(120);
    assert.equal(told, 'it has ended');
  });

  it('says so when it cannot move because a function waits for what nobody does', async () => {
    const clock = createVirtualClock(STARTED_AT, 0.01);
    void clock.run(() => new Promise(() => {}));
    await assert.rejects(
      clock.advance(10),
      /^Error: at 2026-01-01T00:00:00\.000Z something waits neither on the clock/,
    );
  });
});
