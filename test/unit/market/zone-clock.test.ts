import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { zoneClock } from '../../../src/market/zone-clock.js';

describe('ZoneClock', () => {
  const newYork = zoneClock('America/New_York');

  it.each([
    ['2024-01-15T09:30:00Z', '2024-01-15T14:30:00.000Z', 'winter'],
    ['2024-07-15T09:30:00Z', '2024-07-15T13:30:00.000Z', 'summer'],
    ['2024-03-10T01:59:00Z', '2024-03-10T06:59:00.000Z', 'the minute before clocks go forward'],
    ['2024-03-10T03:00:00Z', '2024-03-10T07:00:00.000Z', 'the minute after'],
    ['2024-11-03T00:59:00Z', '2024-11-03T04:59:00.000Z', 'before the doubled hour'],
    ['2024-11-03T01:30:00Z', '2024-11-03T05:30:00.000Z', 'in the doubled hour: its first occurrence'],
    ['2024-11-03T02:00:00Z', '2024-11-03T07:00:00.000Z', 'after the doubled hour'],
  ])('reads %s in New York as %s: %s', (wall, instant) => {
    expect(new Date(newYork.toInstant(Date.parse(wall))).toISOString()).toBe(instant);
  });

  it('has no instant for a time that clocks skip', () => {
    expect(newYork.toInstant(Date.parse('2024-03-10T02:30:00Z'))).toBeNaN();
  });

  it('keeps half hours and fractions of seconds', () => {
    expect(zoneClock('Asia/Kolkata').toInstant(Date.parse('2024-01-15T05:30:00.250Z'))).toBe(
      Date.parse('2024-01-15T00:00:00.250Z'),
    );
  });

  it('returns from every instant to it, but for the second half of a doubled hour', () => {
    const zones = ['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];
    const minute = fc.integer({ min: Date.UTC(1975, 0) / 60_000, max: Date.UTC(2037, 0) / 60_000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), minute, (zone, at) => {
        const clock = zoneClock(zone);
        const instant = at * 60_000;
        const back = clock.toInstant(clock.toWallClock(instant));
        const doubled = instant - back;
        expect(doubled === 0 || doubled === 3_600_000 || doubled === 1_800_000).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('has the offset of Intl at every instant, in every zone', () => {
    const minute = fc.integer({ min: Date.UTC(1955, 0) / 60_000, max: Date.UTC(2037, 0) / 60_000 });
    fc.assert(
      fc.property(fc.constantFrom(...Intl.supportedValuesOf('timeZone')), minute, (zone, at) => {
        const instant = at * 60_000;
        const name = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
          .formatToParts(instant)
          .find(({ type }) => type === 'timeZoneName')!.value;
        const [, sign, hours, minutes, seconds] = /^GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(name)!;
        const size = Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
        expect(zoneClock(zone).offsetAt(instant)).toBe((sign === '-' ? -1000 : 1000) * size || 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses a zone that is none', () => {
    expect(() => zoneClock('America/Gotham')).toThrow(UsageError);
    expect(() => zoneClock('')).toThrow(/Give an IANA name/);
  });
});
