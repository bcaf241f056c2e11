import { expect, test } from 'vitest';
import { blankSchedule, inZone, planOf, scheduleText, timezones } from './schedule';

const told = {
  path: 'f/ops/nightly',
  script_path: 'f/ops/hello',
  schedule: '0 0 3 * * *',
  timezone: 'Europe/Paris',
  summary: null,
  no_flow_overlap: true,
  labels: ['a'],
  description: 'Long',
  paused_until: null,
  edited_by: 'ada',
};

test('a schedule that is read and written again loses nothing', () => {
  const plan = planOf(scheduleText(told), { n: 1 }, told);
  expect(plan).toEqual({
    schedule: '0 0 3 * * *',
    timezone: 'Europe/Paris',
    args: { n: 1 },
    no_flow_overlap: true,
    labels: ['a'],
    description: 'Long',
    paused_until: null,
    summary: undefined,
    tag: undefined,
  });
});

test('a new schedule begins with the place of its owner and a good expression', () => {
  const text = blankSchedule('u/ada', 'Europe/Paris', 'f/ops/hello');
  expect(text.path).toBe('u/ada/');
  expect(planOf({ ...text, summary: ' S ' }, {})).toMatchObject({
    schedule: '0 0 9 * * *',
    timezone: 'Europe/Paris',
    summary: 'S',
  });
});

test('the zones have UTC and the one that is set', () => {
  const zones = timezones('Some/Where');
  expect(zones.slice(0, 2)).toEqual(['UTC', 'Some/Where']);
  expect(new Set(zones).size).toBe(zones.length);
  expect(zones).toContain('Europe/Paris');
});

test('a fire is told by the clocks of its zone', () => {
  const words = inZone('2026-01-05T08:00:00.000000Z', 'Asia/Tokyo');
  expect(words).toMatch(/0?5:00/);
  expect(words).not.toMatch(/5:00:00/);
  expect(inZone('2026-01-05T08:00:07.000000Z', 'UTC')).toMatch(/8:00:07/);
  expect(inZone('2026-01-05T08:00:00.000000Z', 'Some/Where')).toContain('2026');
});
