import type { z } from 'zod';
import { suggest } from './suggest.ts';

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping (key: value)',
};

function found(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'number') return String(value);
  return JSON.stringify(typeof value === 'string' && value.length > longest ? `${value.slice(0, longest)}…` : value);
}

/** Extensions and passwords are often digits alone, which YAML takes for a number. */
function quotesHelp(expected: string, value: unknown): string {
  return expected === 'string' && (typeof value === 'number' || typeof value === 'boolean') ? '; put it in quotes' : '';
}

/** Characters of a text that are shown: a file that is no configuration at all may be one long text. */
const longest = 60;

function kindOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'object') return found(value);
  return typeof value === 'string' ? 'other text' : `a ${typeof value}`;
}

/** What is wrong in `document`, in words, with what was expected and what stood there. Secrets are never repeated. */
export function explain(issue: z.core.$ZodIssue, document: unknown): string {
  const value = issue.path.reduce(property, document);
  const secret = issue.path.some((key) => key === 'password' || key === 'credentials');
  const got = secret ? kindOf(value) : found(value);
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return `is missing; expected ${typeNames[issue.expected] ?? issue.expected}`;
      return `expected ${typeNames[issue.expected] ?? issue.expected}, found ${got}${quotesHelp(issue.expected, value)}`;
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = typeof value === 'string' && !secret ? suggest(value, values) : undefined;
      return `expected one of ${values.join(', ')}; found ${got}${near === undefined ? '' : `. Did you mean ${near}?`}`;
    }
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `expected at least ${String(issue.minimum)} ${issue.origin === 'array' ? 'entry' : 'character'}, found ${issue.origin === 'array' ? 'an empty list' : 'empty text'}`
        : `expected ${String(issue.minimum)} or more, found ${got}`;
    case 'too_big':
      return `expected ${String(issue.maximum)} or less, found ${got}`;
    case 'invalid_format':
      return `expected ${issue.message}, found ${got}`;
    case 'invalid_union':
      return `expected an IP address, found ${got}`;
    case 'custom':
      return `expected ${issue.message}, found ${got}`;
    default:
      return issue.message;
  }
}

/** What stands under a key; undefined where nothing does. */
export function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
