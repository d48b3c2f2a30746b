import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplayWindow, replayWindowSize } from './replay-window.ts';

test('takes each index once, and none that has fallen out of the window', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 300 }), (indexes) => {
      const window = new ReplayWindow();
      const taken = new Set<number>();
      let highest = -1;
      for (const index of indexes) {
        const expected = !taken.has(index) && index > highest - replayWindowSize;
        expect(window.isNew(index)).toBe(expected);
        if (!expected) continue;
        window.add(index);
        taken.add(index);
        highest = Math.max(highest, index);
      }
    }),
  );
});
