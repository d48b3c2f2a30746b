import { isAll, TOKEN } from './characters.ts';
import { SyntaxFault } from './fault.ts';
import { printToken, refused } from './printing.ts';

/** One filter on a feature tag (RFC 3840 5): what its value may be, or with `negated` what it may not be. */
export type FeatureFilter =
  /** Tokens compare without regard to case; the booleans are the tokens `TRUE` and `FALSE`. */
  | { readonly kind: 'token'; readonly value: string; readonly negated: boolean }
  /** A closed range; open at one end where `>=` or `<=` was written, of equal ends for `=`. */
  | { readonly kind: 'number'; readonly from: number; readonly to: number; readonly negated: boolean }
  /** Strings compare byte by byte. */
  | { readonly kind: 'string'; readonly value: string };

const numberShape = /^[+-]?\d+(?:\.\d*)?$/;

/** Reads the value of a feature parameter: filters of which any may hold. No value means TRUE. */
export function parseFilters(text: string): readonly FeatureFilter[] | SyntaxFault {
  if (text === '') return [{ kind: 'token', value: 'TRUE', negated: false }];
  if (text.startsWith('<')) {
    if (text.indexOf('>') !== text.length - 1) return new SyntaxFault('a string value does not end with its bracket');
    return [{ kind: 'string', value: text.slice(1, -1) }];
  }
  const filters: FeatureFilter[] = [];
  let position = 0;
  for (const item of text.split(',')) {
    const filter = parseFilter(item);
    if (filter === undefined) return new SyntaxFault('not a value of a feature tag', position);
    filters.push(filter);
    position += item.length + 1;
  }
  return filters;
}

function parseFilter(text: string): FeatureFilter | undefined {
  const negated = text.startsWith('!');
  const value = negated ? text.slice(1) : text;
  if (value.startsWith('#')) {
    const range = parseRange(value.slice(1));
    return range === undefined ? undefined : { kind: 'number', ...range, negated };
  }
  if (!isAll(value, TOKEN) || value.includes('!')) return undefined;
  const upper = value.toUpperCase();
  return { kind: 'token', value: upper === 'TRUE' || upper === 'FALSE' ? upper : value, negated };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function parseRange(text: string): Range | undefined {
  const operator = /^(?:>=|<=|=)/.exec(text)?.[0] ?? '';
  if (operator === '') {
    const colon = text.indexOf(':');
    const from = parseNumber(text.slice(0, Math.max(colon, 0)));
    const to = parseNumber(text.slice(colon + 1));
    return from === undefined || to === undefined ? undefined : { from, to };
  }
  const number = parseNumber(text.slice(operator.length));
  if (number === undefined) return undefined;
  return { from: operator === '<=' ? -Infinity : number, to: operator === '>=' ? Infinity : number };
}

function parseNumber(text: string): number | undefined {
  if (!numberShape.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** The value of a feature parameter that says the same; empty for TRUE alone. */
export function printFilters(filters: readonly FeatureFilter[]): string {
  const text = filters.map(printFilter).join(',');
  return text === 'TRUE' ? '' : text;
}

function printFilter(filter: FeatureFilter): string {
  if (filter.kind === 'string') {
    if (/[<>]/.test(filter.value)) throw refused('a value of a feature tag', filter.value);
    return `<${filter.value}>`;
  }
  const value = filter.kind === 'token' ? printTagToken(filter.value) : `#${printRange(filter)}`;
  return filter.negated ? `!${value}` : value;
}

function printTagToken(value: string): string {
  if (value.includes('!')) throw refused('a value of a feature tag', value);
  return printToken(value, 'a value of a feature tag');
}

function printRange({ from, to }: Range): string {
  if (from === to) return `=${printNumber(from)}`;
  if (to === Infinity) return `>=${printNumber(from)}`;
  return from === -Infinity ? `<=${printNumber(to)}` : `${printNumber(from)}:${printNumber(to)}`;
}

/** Without the exponent that String gives very large and very small numbers: the grammar has none. */
function printNumber(number: number): string {
  if (!Number.isFinite(number)) throw refused('a value of a feature tag', String(number));
  const text = String(number);
  if (!text.includes('e')) return text;
  return Math.abs(number) < 1 ? number.toFixed(20).replace(/0+$/, '') : BigInt(number).toString();
}

/** Whether some value satisfies a filter of each list. */
export function areCompatible(some: readonly FeatureFilter[], others: readonly FeatureFilter[]): boolean {
  return some.some((one) => others.some((other) => haveCommonValue(one, other)));
}

function haveCommonValue(one: FeatureFilter, other: FeatureFilter): boolean {
  if (one.kind === 'string' || other.kind === 'string') {
    return one.kind === 'string' && other.kind === 'string' && one.value === other.value;
  }
  // What is not of a kind can only be told apart from it by being negated.
  if (one.kind !== other.kind) return one.negated || other.negated;
  if (one.negated && other.negated) return true;
  if (one.kind === 'token' || other.kind === 'token') return sameToken(one, other) !== (one.negated || other.negated);
  if (one.negated) return !contains(one, other);
  if (other.negated) return !contains(other, one);
  return one.from <= other.to && other.from <= one.to;
}

function sameToken(one: FeatureFilter, other: FeatureFilter): boolean {
  return one.kind === 'token' && other.kind === 'token' && one.value.toLowerCase() === other.value.toLowerCase();
}

function contains(outer: Range, inner: Range): boolean {
  return outer.from <= inner.from && inner.to <= outer.to;
}
