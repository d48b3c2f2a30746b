/**
 * `npm run bench:phone`: what a call between two phones costs, from the INVITE to the answered BYE, in the simulator: CPU of
 * both phones and of the network between them.
 */
import { pcmu } from '@switchhook/media';
import { Phone } from '@switchhook/phone';
import { MachineMedia } from '@switchhook/phone/node';
import { simulatedContext, SimulatedNetwork } from '@switchhook/sim';
import type { Resolver } from '@switchhook/sip';

const calls = 2_000;
/** Until then the engine is still at work on the code: the first thousand calls cost twice as much. */
const warmUp = 4_000;
const clock = simulatedContext(1);
const network = new SimulatedNetwork(clock.clock, clock.random);
const resolver: Resolver = { resolve: ({ host, port = 5060 }) => [{ protocol: 'UDP', address: host, port }] };

async function phoneOf(name: string, address: string): Promise<Phone> {
  const context = simulatedContext(name, clock.clock);
  const host = network.host(name, [address]);
  const media = new MachineMedia(context, { codecs: [pcmu], network: host.ports(), address });
  const phone = new Phone(context, {
    addressOfRecord: `sip:${name}@${address}`,
    transports: [host.transport('UDP')],
    resolver,
    media,
  });
  await phone.start();
  return phone;
}

const alice = await phoneOf('alice', '192.0.2.1');
const bob = await phoneOf('bob', '192.0.2.2');
bob.onIncomingCall((call) => void call.answer());

const resolved = Promise.resolve();
/** Calls back once promises have settled: what is put off to the next tick comes behind them. */
const settled = (then: () => void): void => void resolved.then(() => process.nextTick(then));

/** One call, set up and ended. Nobody talks: sound has numbers of its own. */
async function call(): Promise<void> {
  const calling = alice.call('sip:bob@192.0.2.2');
  await clock.clock.play(10, settled);
  const answered = await calling;
  const ended = answered.hangUp();
  await clock.clock.play(10, settled);
  await ended;
  // Until nothing of it is left: no other 2xx can come, no transaction waits.
  clock.clock.advance(40_000);
  network.trace.entries.splice(0);
}

for (let count = 0; count < warmUp; count += 1) await call();
const costs: number[] = [];
for (let round = 0; round < 5; round += 1) {
  const before = process.cpuUsage();
  for (let count = 0; count < calls / 5; count += 1) await call();
  const { user, system } = process.cpuUsage(before);
  costs.push((user + system) / 1_000 / (calls / 5));
}
costs.sort((one, other) => one - other);
console.log(
  `a call set up and ended: ${(costs[2] ?? 0).toFixed(3)} ms of CPU (best ${(costs[0] ?? 0).toFixed(3)}, worst ${(costs[4] ?? 0).toFixed(3)})`,
);
const stopped = Promise.all([alice.stop(), bob.stop()]);
await clock.clock.play(5_000, settled);
await stopped;
