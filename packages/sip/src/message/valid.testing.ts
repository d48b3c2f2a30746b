import { SyntaxFault } from './fault.ts';

/** The value, where a fault would be the failure of a test. */
export function valid<T>(value: T | SyntaxFault | undefined): T {
  if (value === undefined) throw new Error('no value');
  if (value instanceof SyntaxFault) throw new Error(`${value.reason} at ${String(value.offset)}`);
  return value;
}
