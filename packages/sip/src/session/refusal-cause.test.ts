import { expect, test } from 'vitest';
import { refusalCause } from './refusal-cause.ts';

test.each([
  [480, 'unavailable'],
  [499, 'failed'],
  [513, 'failed'],
  [608, 'declined'],
  [699, 'busy'],
])('%i means to who called that it was %s; what nobody has registered, as the first of its class', (status, cause) => {
  expect(refusalCause(status)).toBe(cause);
});
