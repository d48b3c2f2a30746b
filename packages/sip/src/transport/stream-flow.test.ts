import { describe, expect, test } from 'vitest';
import type { TransportError } from './contract.ts';
import { EndpointBench } from './stream-endpoint.testing.ts';
import type { StreamFlow } from './stream-flow.ts';

const message = 'OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n';

function ending(flow: StreamFlow): () => string | undefined {
  let code: string | undefined;
  flow.onClose((error) => (code = error.code));
  return () => code;
}

describe('sending', () => {
  test('waits until the connection stands, in order', () => {
    const bench = new EndpointBench();
    const flow = bench.endpoint.connect({ protocol: 'TCP', address: '192.0.2.1', port: 5060 });
    flow.send('one');
    flow.send('two');
    const [{ pipe, flow: opening } = { pipe: undefined, flow: undefined }] = bench.outgoing;
    expect(pipe?.written).toEqual([]);
    opening?.opened();
    flow.send('three');
    expect(pipe?.written).toEqual(['one', 'two', 'three']);
    expect(bench.endpoint.stats().sent).toBe(3);
  });

  test('what could not be sent is told, and why', () => {
    const bench = new EndpointBench();
    const errors: TransportError[] = [];
    const flow = bench.endpoint.connect({ protocol: 'TCP', address: '192.0.2.1', port: 5060 });
    flow.send('one', (error) => errors.push(error));
    bench.outgoing[0]?.flow.ended({ code: 'refused', message: 'no' });
    flow.send('two', (error) => errors.push(error));
    expect(errors.map(({ code }) => code)).toEqual(['refused', 'refused']);
    expect(bench.endpoint.stats().flows).toBe(0);
    expect(bench.clock.pending).toBe(0);
  });

  test('what waits for a connection is bounded', () => {
    const bench = new EndpointBench('TCP', { maximumPending: 10 });
    const errors: string[] = [];
    const flow = bench.endpoint.connect({ protocol: 'TCP', address: '192.0.2.1', port: 5060 });
    for (let count = 0; count < 4; count += 1) flow.send('12345', (error) => errors.push(error.code));
    expect(errors).toEqual(['overflow', 'overflow']);
    bench.outgoing[0]?.flow.opened();
    expect(bench.outgoing[0]?.pipe.written).toEqual(['12345', '12345']);
  });

  test('a far end that does not read loses its connection', () => {
    const bench = new EndpointBench('TCP', { maximumPending: 10 });
    const { flow, pipe } = bench.accept();
    const code = ending(flow);
    const errors: string[] = [];
    pipe.pending = 6;
    flow.send('12345', (error) => errors.push(error.code));
    expect(code()).toBe('overflow');
    expect(errors).toEqual(['overflow']);
    expect(pipe.state).toBe('destroyed');
    expect(bench.endpoint.stats()).toMatchObject({ flows: 0, sent: 0, refused: { pending: 1 } });
  });

  test('of many that do not read, whoever has left most loses his, and whoever has read since is left alone', () => {
    const bench = new EndpointBench('TCP', { maximumPendingInAll: 100 });
    const [reader, slow, slower] = [bench.accept(1), bench.accept(2), bench.accept(3)];
    for (const { flow } of [reader, slow, slower]) flow.send('x'.repeat(30));
    slow.pipe.pending = 30;
    slower.pipe.pending = 40;
    slower.flow.send('y'.repeat(10));
    slower.pipe.pending = 50;
    // All that was sent would be too much, but the reader has taken his.
    slow.flow.send('y'.repeat(10));
    slow.pipe.pending = 40;
    expect([reader, slow, slower].map(({ flow }) => flow.closed)).toEqual([false, false, false]);
    reader.pipe.pending = 25;
    reader.flow.send('z');
    expect([reader, slow, slower].map(({ flow }) => flow.closed)).toEqual([false, false, true]);
    expect(bench.endpoint.stats().refused).toEqual({ pending: 1 });
    const waiting = bench.endpoint.connect({ protocol: 'TCP', address: '192.0.2.1', port: 5060 });
    const errors: string[] = [];
    waiting.send('z'.repeat(50), (error) => errors.push(error.code));
    expect([reader.flow.closed, slow.flow.closed, errors]).toEqual([false, false, ['overflow']]);
  });
});

describe('keep-alives', () => {
  test('a ping is answered with a pong, however it is cut; single line breaks are not', () => {
    const { flow, pipe } = new EndpointBench().accept();
    flow.received('\r\n\r\n');
    flow.received('\r');
    flow.received('\n\r\n');
    expect(pipe.written).toEqual(['\r\n', '\r\n']);
    flow.received('\r\n');
    flow.received(message);
    flow.received('\r\n');
    expect(pipe.written).toHaveLength(2);
  });

  test('pings when asked, takes the pong, and fails without one', () => {
    const bench = new EndpointBench();
    bench.endpoint.connect({ protocol: 'TCP', address: '192.0.2.1', port: 5060 }).keepAlive();
    const [opened] = bench.outgoing;
    if (opened === undefined) throw new Error('no connection');
    opened.flow.opened();
    const code = ending(opened.flow);
    bench.clock.advance(95_000);
    expect(opened.pipe.written).toEqual(['\r\n\r\n']);
    opened.flow.received('\r\n');
    bench.clock.advance(95_000 + 9_999);
    expect(code()).toBe(undefined);
    bench.clock.advance(1);
    expect(code()).toBe('timeout');
    expect(bench.clock.pending).toBe(0);
  });

  test('over WebSocket too', () => {
    const bench = new EndpointBench('WS');
    const { flow, pipe } = bench.accept();
    flow.received('\r\n\r\n');
    flow.received('INVITE sip:a SIP/2.0\r\n\r\nno length');
    expect(pipe.written).toEqual(['\r\n']);
    expect(bench.receiver.messages.map(({ text }) => text)).toEqual(['INVITE sip:a SIP/2.0\r\n\r\nno length']);
  });
});

describe('time limits', () => {
  test.each(['accepted', 'outgoing'] as const)('a handshake that does not end, %s', (side) => {
    const bench = new EndpointBench();
    if (side === 'accepted') bench.tryAccept(1);
    else bench.endpoint.connect({ protocol: 'TCP', address: '192.0.2.1', port: 5060 });
    bench.clock.advance(5_999);
    expect(bench.endpoint.stats().flows).toBe(1);
    bench.clock.advance(1);
    expect(bench.endpoint.stats().flows).toBe(0);
    expect(bench.endpoint.stats().refused).toEqual(side === 'accepted' ? { 'handshake-time': 1 } : {});
    expect(bench.clock.pending).toBe(0);
  });

  test('a connection that says nothing, or only pings', () => {
    const bench = new EndpointBench();
    const { flow, pipe } = bench.accept();
    const code = ending(flow);
    bench.clock.advance(31_000);
    flow.received('\r\n\r\n');
    bench.clock.advance(999);
    expect(code()).toBe(undefined);
    bench.clock.advance(1);
    expect(code()).toBe('timeout');
    expect(pipe.state).toBe('destroyed');
    expect(bench.endpoint.stats().refused).toEqual({ silent: 1 });
  });

  test('a message that comes drop by drop', () => {
    const bench = new EndpointBench();
    const { flow } = bench.accept();
    const code = ending(flow);
    for (let second = 0; second < 10; second += 1) {
      expect(code()).toBe(undefined);
      flow.received('x');
      bench.clock.advance(1_000);
    }
    expect(code()).toBe('timeout');
    expect(bench.endpoint.stats().refused).toEqual({ 'message-time': 1 });
  });

  test('a WebSocket message that has begun and is not complete', () => {
    const bench = new EndpointBench('WS');
    const { flow } = bench.accept();
    const code = ending(flow);
    flow.received(message);
    for (let round = 0; round < 3; round += 1) {
      flow.carrying(true);
      bench.clock.advance(9_000);
      flow.received(message);
      flow.carrying(false);
    }
    bench.clock.advance(20_000);
    expect(code()).toBe(undefined);
    flow.carrying(true);
    bench.clock.advance(9_999);
    flow.carrying(true);
    expect(code()).toBe(undefined);
    bench.clock.advance(1);
    expect(code()).toBe('timeout');
    expect(bench.endpoint.stats().refused).toEqual({ 'message-time': 1 });
  });

  test('each message has its own time', () => {
    const bench = new EndpointBench();
    const { flow } = bench.accept();
    const code = ending(flow);
    for (let round = 0; round < 5; round += 1) {
      flow.received(message.slice(0, 10));
      bench.clock.advance(9_000);
      flow.received(message.slice(10) + message.slice(0, 10));
      bench.clock.advance(9_000);
      flow.received(message.slice(10));
    }
    expect(code()).toBe(undefined);
    expect(bench.receiver.messages).toHaveLength(10);
  });

  test('an idle connection ends, one in use does not', () => {
    const bench = new EndpointBench('TCP', { idleTimeout: 60_000 });
    const { flow } = bench.accept();
    const code = ending(flow);
    flow.received(message);
    for (let minute = 0; minute < 5; minute += 1) {
      bench.clock.advance(59_000);
      flow.received('\r\n\r\n');
    }
    expect(code()).toBe(undefined);
    bench.clock.advance(60_000);
    expect(code()).toBe('timeout');
    expect(bench.clock.pending).toBe(0);
  });
});

describe('the end', () => {
  test('leaves no timer, in the middle of a message and of keep-alives', () => {
    const bench = new EndpointBench();
    const { flow } = bench.accept();
    flow.keepAlive();
    flow.received(message.slice(0, 9));
    expect(bench.clock.pending).toBe(3);
    flow.ended();
    expect(bench.clock.pending).toBe(0);
  });

  test('a flow closed by its first message hands up no second one', () => {
    const bench = new EndpointBench();
    const { flow } = bench.accept();
    bench.receiver.onEvent = (from) => {
      from.close('closed');
    };
    flow.received(message + message);
    expect(bench.receiver.messages).toHaveLength(1);
  });

  test('a stream that cannot be framed is handed up, and closed after the answer', () => {
    const bench = new EndpointBench();
    const { flow, pipe } = bench.accept();
    bench.receiver.onEvent = (from) => {
      from.send('400');
    };
    flow.received('OPTIONS sip:a SIP/2.0\r\n\r\n');
    expect(bench.receiver.failures).toMatchObject([{ status: 400 }]);
    expect(pipe).toMatchObject({ written: ['400'], state: 'ending' });
    flow.received(message);
    expect(bench.receiver.messages).toEqual([]);
    expect(bench.endpoint.stats().flows).toBe(1);
    bench.clock.advance(1_000);
    expect(pipe.state).toBe('destroyed');
    expect(bench.endpoint.stats().flows).toBe(0);
  });

  test('is told once to each listener, at once to a late one, never to one who took it back', () => {
    const { flow } = new EndpointBench().accept();
    const codes: string[] = [];
    flow.onClose(({ code }) => codes.push(code));
    flow.onClose(({ code }) => codes.push(`no ${code}`))();
    flow.close('closed');
    flow.ended();
    flow.close('timeout');
    flow.onClose(({ code }) => codes.push(`late ${code}`));
    expect(codes).toEqual(['closed', 'late closed']);
  });

  test('a pipe attached after the end is destroyed', () => {
    const bench = new EndpointBench('TCP', { maximumConnections: 0 });
    const flow = bench.endpoint.connect({ protocol: 'TCP', address: '192.0.2.1', port: 5060 });
    expect(flow.closed).toBe(true);
    expect(bench.outgoing).toEqual([]);
    expect(bench.endpoint.stats()).toMatchObject({ flows: 0, refused: { connections: 1 } });
  });
});
