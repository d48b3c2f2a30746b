import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Expiring } from './expiry-heap.ts';
import { ExpiryHeap } from './expiry-heap.ts';

test('the first item is always the one that ends first', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), item: fc.nat(9), at: fc.nat(20) }),
    fc.record({ kind: fc.constant('delete' as const), item: fc.nat(9) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const items: Expiring[] = Array.from({ length: 10 }, () => ({ expiresAt: 0, heapIndex: -1 }));
      const heap = new ExpiryHeap<Expiring>();
      const model = new Set<Expiring>();
      for (const each of steps) {
        const item = items[each.item];
        if (item === undefined) throw new Error('no such item');
        if (each.kind === 'set') {
          item.expiresAt = each.at;
          heap.set(item);
          model.add(item);
        } else {
          heap.delete(item);
          model.delete(item);
        }
        expect(heap.size).toBe(model.size);
        const soonest = [...model].map(({ expiresAt }) => expiresAt).sort((a, b) => a - b)[0];
        expect(heap.first?.expiresAt).toBe(soonest);
      }
      heap.clear();
      expect(heap.size).toBe(0);
      expect(items.every(({ heapIndex }) => heapIndex === -1)).toBe(true);
    }),
    { seed: 3261, numRuns: 300 },
  );
});
