import type { Flow, TransportReceiver } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { ProcessNetwork } from './process-network.ts';

interface Heard extends TransportReceiver {
  readonly messages: { readonly text: string; readonly flow: Flow }[];
}

function receiver(): Heard {
  const messages: { text: string; flow: Flow }[] = [];
  let flows = 0;
  return {
    messages,
    nextFlowId: () => (flows += 1),
    message: (text, flow) => void messages.push({ text, flow }),
    broken: () => undefined,
  };
}

test('brings messages both ways, after the sender is done, and says who it is', async () => {
  const network = new ProcessNetwork();
  const { transport, resolver, destination } = network.join();
  const [exchange, agent] = [receiver(), receiver()];
  await network.transport.start(exchange);
  await transport.start(agent);
  const [way] = await Promise.resolve(resolver.resolve(undefined as never) as readonly [typeof destination]);
  const flow = transport.connect(way);
  flow.send('one');
  expect(exchange.messages).toEqual([]);
  await Promise.resolve();
  expect(exchange.messages[0]?.text).toBe('one');
  const back = network.transport.connect(destination);
  expect(back).toBe(exchange.messages[0]?.flow);
  expect(network.portOf(back)).toBe(destination.port);
  back.send('two');
  await Promise.resolve();
  expect(agent.messages[0]).toEqual({ text: 'two', flow });
  await transport.stop();
  expect([flow.closed, back.closed]).toEqual([true, true]);
  expect(network.transport.stats().flows).toBe(0);
  await network.transport.stop();
});

test('a user agent that is not there is refused', async () => {
  const network = new ProcessNetwork();
  const { destination } = network.join();
  await network.transport.start(receiver());
  const errors: string[] = [];
  const flow = network.transport.connect(destination);
  flow.send('one', ({ code }) => errors.push(code));
  expect([flow.closed, errors, network.transport.stats().flows]).toEqual([true, ['refused'], 0]);
  await network.transport.stop();
});

test('what is under way when an end stops arrives nowhere', async () => {
  const network = new ProcessNetwork();
  const { transport, destination } = network.join();
  const agent = receiver();
  await network.transport.start(receiver());
  await transport.start(agent);
  network.transport.connect(destination).send('one');
  await transport.stop();
  await Promise.resolve();
  expect(agent.messages).toEqual([]);
  await network.transport.stop();
});
