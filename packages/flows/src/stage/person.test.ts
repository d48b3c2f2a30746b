import { pcmu } from '@switchhook/media';
import { Phone } from '@switchhook/phone';
import { MachineMedia } from '@switchhook/phone/node';
import { simulatedContext, VirtualClock } from '@switchhook/sim';
import { expect, test } from 'vitest';
import { Person } from './person.ts';

test('whoever waits for what others do not bring about says so in the end, and what it was', async () => {
  const clock = new VirtualClock();
  const context = simulatedContext(1, clock);
  const phone = new Phone(context, {
    addressOfRecord: 'sip:carol@carol.example.com',
    transports: [],
    resolver: { resolve: () => [], markFailed: () => undefined },
    media: new MachineMedia(context, { codecs: [pcmu], address: '192.0.2.1' }),
  });
  const carol = new Person('carol', phone, clock, { waits: 63_000 });
  const answered = expect(carol.answer()).rejects.toThrow('carol has waited 63 s for a call');
  await clock.play(63_000);
  await answered;
  // Who leaves meanwhile is not waited for by the clock.
  void carol.ring();
  expect(clock.pending).toBe(1);
  carol.leave();
  expect(clock.pending).toBe(0);
});

test('whoever has left does nothing more that he was about to do', async () => {
  const clock = new VirtualClock();
  const context = simulatedContext(1, clock);
  let tries = 0;
  const phone = new Phone(context, {
    addressOfRecord: 'sip:bill@bill.example.com',
    transports: [],
    resolver: {
      resolve: () => {
        tries += 1;
        return { code: 'no-records', temporary: false, message: 'nobody has an address' };
      },
      markFailed: () => undefined,
    },
    media: new MachineMedia(context, { codecs: [pcmu], address: '192.0.2.1' }),
  });
  await phone.start();
  const bill = new Person('bill', phone, clock);
  void bill.pickUp({ element: 'bob', addressOfRecord: 'sip:bob@bob.example.com', place: undefined });
  await clock.play(15_000);
  expect(tries).toBe(2);

  await phone.stop();
  expect(clock.pending).toBe(1);
  bill.leave();
  expect(clock.pending).toBe(0);
});
