/** Days as a schedule names them, in the order of a week. */
export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export type Day = (typeof days)[number];

/** When an entry of a list counts: on some days of the week, between two times of day, as clocks in a time zone show them. */
export interface Schedule {
  readonly days: readonly Day[];
  /** Minutes since midnight. One that is later than `to` begins on its day and ends on the next one. */
  readonly from: number;
  /** Minutes since midnight, not included any more. */
  readonly to: number;
  readonly timeZone: string;
}

const minutesOfDay = 24 * 60;

/** Reads `08:30`; 24:00 is the end of the day. */
export function readTimeOfDay(text: string): number | undefined {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(text) ?? [];
  const time = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && time <= minutesOfDay ? time : undefined;
}

/** Whether a moment, in milliseconds since 1970, lies in it. */
export function isWithin({ days: on, from, to, timeZone }: Schedule, now: number): boolean {
  const { day, minute } = localTime(now, timeZone);
  if (from <= to) return on.includes(day) && minute >= from && minute < to;
  if (minute >= from) return on.includes(day);
  const yesterday = days[(days.indexOf(day) + 6) % 7];
  return minute < to && yesterday !== undefined && on.includes(yesterday);
}

/** Whether a name is one of a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Making one costs a hundred times what asking it does. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

function localTime(now: number, timeZone: string): { readonly day: Day; readonly minute: number } {
  const parts = new Map(
    formatterOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const name = parts.get('weekday')?.toLowerCase();
  return {
    day: days.find((day) => day === name) ?? 'mon',
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}
