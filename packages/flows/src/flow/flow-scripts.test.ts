import { expect, test } from 'vitest';
import type { FlowPhone } from './flow-script.ts';
import { flowScripts } from './flow-scripts.ts';

const turns = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test.each([
  ['2.8', 'refuseCalls'],
  ['2.12', 'refuseCalls'],
  ['2.17', 'takesOneCall'],
])('%s: nobody calls before a phone is set as the flow has it', async (section, setting) => {
  const asked: string[] = [];
  const phone = (element: string): FlowPhone =>
    new Proxy({ element, addressOfRecord: '' } as FlowPhone, {
      get: (target, name) =>
        (Reflect.get(target, name) as unknown) ?? ((): Promise<void> => (asked.push(String(name)), never)),
    });
  const script = flowScripts.find(({ flow }) => flow === section);
  void script?.play({ phone, party: (name) => ({ element: name, addressOfRecord: '' }), listen: () => never });
  await turns();
  expect(asked).toEqual([setting]);
});

const never = new Promise<void>(() => undefined);
