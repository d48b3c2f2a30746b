import { simulatedContext, SimulatedNetwork } from '@switchhook/sim';
import { answerOptions } from './answer-options.ts';
import { askOptions } from './ask-options.ts';

/** What became of a question over a network that loses datagrams. The same seed always tells the same story. */
export async function askOverLossyNetwork(seed: number, loss: number): Promise<string[]> {
  const context = simulatedContext(seed);
  const network = new SimulatedNetwork(context.clock, context.random, { link: { delay: 20, loss } });
  const server = await answerOptions(context, network.host('bob', ['192.0.2.2']).transport('UDP'));
  const asked = askOptions(context, network.host('alice', ['192.0.2.1']).transport('UDP'), 'sip:bob@192.0.2.2', {
    protocol: 'UDP',
    address: '192.0.2.2',
    port: 5060,
  });
  const story = asked.then(String, String);
  // Minutes of the phones' time, a moment of ours.
  await context.clock.play(120_000);
  const messages = network.trace.entries.map(
    ({ time, from, text, fate }) => `${time} ${from.host}: ${text.slice(0, text.indexOf('\r\n'))} (${fate})`,
  );
  await server.stop();
  return [...messages, await story];
}
