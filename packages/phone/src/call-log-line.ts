import type { CallEnd } from './call-end.ts';
import type { Failure, FailureKind } from './failure.ts';
import type { Party } from './party.ts';
import type { CallLogEntry } from './services/call-log.ts';

/** What a line says of itself, so that a later phone knows how to read it, and an earlier one that it does not. */
const version = 1;

const failureKinds: Readonly<Record<FailureKind, true>> = {
  busy: true,
  declined: true,
  'no-answer': true,
  unavailable: true,
  unknown: true,
  forbidden: true,
  password: true,
  'no-common-media': true,
  moved: true,
  server: true,
  unreachable: true,
  certificate: true,
  cancelled: true,
  ended: true,
  'no-call': true,
  taken: true,
  'not-now': true,
  'no-digits': true,
  sound: true,
  refused: true,
};

const failureCodes: Readonly<Record<NonNullable<Failure['code']>, true>> = {
  refused: true,
  unreachable: true,
  timeout: true,
  closed: true,
  certificate: true,
  'too-large': true,
  overflow: true,
  stopped: true,
  'no-records': true,
  'no-transport': true,
  'dns-failure': true,
  cancelled: true,
};

/** A call as one line of the log that is kept. */
export function printCallLogLine(entry: CallLogEntry): string {
  return `${JSON.stringify({ version, ...entry })}\n`;
}

/** The call of such a line; undefined for one that is damaged, or of a version that is not known. */
export function readCallLogLine(line: string): CallLogEntry | undefined {
  const fields = fieldsOf(parsed(line));
  if (fields?.['version'] !== version) return undefined;
  const { direction, startedAt, endedAt, answeredAt } = fields;
  const remote = partyIn(fields['remote']);
  const end = endIn(fields['end']);
  const before = Array.isArray(fields['before']) ? fields['before'].map(partyIn) : [undefined];
  if (direction !== 'outgoing' && direction !== 'incoming') return undefined;
  if (remote === undefined || end === undefined || !before.every((each) => each !== undefined)) return undefined;
  if (!isTime(startedAt) || !isTime(endedAt) || !(answeredAt === undefined || isTime(answeredAt))) return undefined;
  return { direction, remote, before, startedAt, answeredAt, endedAt, end };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

function partyIn(value: unknown): Party | undefined {
  const { uri, name } = fieldsOf(value) ?? {};
  return typeof uri === 'string' && typeof name === 'string' ? { uri, name } : undefined;
}

function endIn(value: unknown): CallEnd | undefined {
  const { kind, by, at, status, failure } = fieldsOf(value) ?? {};
  switch (kind) {
    case 'hung-up':
    case 'cancelled':
      return by === 'local' || by === 'remote' ? { kind, by } : undefined;
    case 'parked': {
      const slot = partyIn(at);
      return slot && { kind, at: slot };
    }
    case 'answered-elsewhere':
      return { kind, by: partyIn(by) };
    case 'rejected':
      return typeof status === 'number' ? { kind, status } : undefined;
    case 'lost':
    case 'failed': {
      const read = failureIn(failure);
      return read && { kind, failure: read };
    }
    default:
      return undefined;
  }
}

function failureIn(value: unknown): Failure | undefined {
  const { kind, status, code, detail, announcement } = fieldsOf(value) ?? {};
  if (!isOneOf(failureKinds, kind)) return undefined;
  return {
    kind,
    ...(typeof status === 'number' && { status }),
    ...(isOneOf(failureCodes, code) && { code }),
    ...(typeof detail === 'string' && { detail }),
    ...(typeof announcement === 'string' && { announcement }),
  };
}

function isOneOf<Name extends string>(names: Readonly<Record<Name, true>>, value: unknown): value is Name {
  return typeof value === 'string' && Object.hasOwn(names, value);
}

/** A time that a `Date` can hold (ECMA-262 21.4.1.1). */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}
