import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepFresh, type Pace } from './fresh';

const page = Object.assign(new EventTarget(), { hidden: false });
let windowed: EventTarget;
let pace: Pace = { least: 1_000, most: 60_000 };

beforeEach(() => {
  vi.useFakeTimers();
  windowed = new EventTarget();
  page.hidden = false;
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', windowed.addEventListener.bind(windowed));
  vi.stubGlobal('removeEventListener', windowed.removeEventListener.bind(windowed));
  pace = { least: 1_000, most: 60_000 };
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** The seconds at which it looked. */
function looking() {
  const began = Date.now();
  const at: number[] = [];
  const fresh = keepFresh(
    async () => void at.push(Math.round((Date.now() - began) / 1000)),
    () => pace,
  );
  return { at, fresh };
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

test('a page that nobody touches asks ever more seldom', async () => {
  const { at, fresh } = looking();
  await pass(600);
  expect(at.slice(0, 4)).toEqual([1, 3, 5, 8]);
  expect(at.length).toBeLessThan(20);
  expect(at.at(-1)! - at.at(-2)!).toBe(60);
  fresh.stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('whoever comes back sees what is new at once', async () => {
  const { at, fresh } = looking();
  await pass(300);
  const before = at.length;
  windowed.dispatchEvent(new Event('pointermove'));
  await pass(0);
  expect(at).toHaveLength(before + 1);
  page.hidden = true;
  page.dispatchEvent(new Event('visibilitychange'));
  await pass(600);
  expect(at).toHaveLength(before + 1);
  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  await pass(0);
  expect(at).toHaveLength(before + 2);
  fresh.stop();
});

test('somebody who is always busy makes it no quicker than its pace', async () => {
  const { at, fresh } = looking();
  for (let tenth = 0; tenth < 100; tenth++) {
    windowed.dispatchEvent(new Event('pointermove'));
    await pass(0.1);
  }
  expect(at.length).toBeGreaterThan(5);
  expect(at.length).toBeLessThan(11);
  fresh.stop();
});

test('what is shown may quicken it', async () => {
  pace = { least: 100_000, most: 100_000 };
  const { at, fresh } = looking();
  await pass(10);
  pace = { least: 1_000, most: 60_000 };
  fresh.again();
  await pass(1);
  expect(at).toEqual([11]);
  fresh.stop();
});
