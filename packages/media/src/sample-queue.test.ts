import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SampleQueue } from './sample-queue.ts';

it('gives in order what came, and the newest when too much came', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('write' as const), length: fc.nat(40) }),
    fc.record({ kind: fc.constant('read' as const), length: fc.nat(40) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.array(step), (capacity, steps) => {
      const queue = new SampleQueue(capacity);
      let model: number[] = [];
      let next = 1;
      let dropped = 0;
      for (const { kind, length } of steps) {
        if (kind === 'write') {
          const frame = Int16Array.from({ length }, () => next++);
          queue.write(frame);
          model.push(...frame);
          dropped += Math.max(0, model.length - capacity);
          model = model.slice(-capacity);
        } else {
          const frame = new Int16Array(length).fill(-1);
          const count = queue.read(frame);
          const expected = model.splice(0, length);
          expect(count).toBe(expected.length);
          expect([...frame]).toEqual([...expected, ...new Array<number>(length - expected.length).fill(-1)]);
        }
        expect(queue.length).toBe(model.length);
        expect(queue.dropped).toBe(dropped);
      }
      queue.clear();
      expect(queue.length).toBe(0);
    }),
  );
});
