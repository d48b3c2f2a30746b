import { beforeEach, describe, expect, test } from 'vitest';

import { withoutFlow } from './binding-reach.ts';
import { aliceRecord, RegistrarBench, TestFlow } from './registrar.testing.ts';
import type { RegisterParts } from './registrar.testing.ts';

const plain = '<sip:alice@10.0.0.1>';
const instance = ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"';
const headers = [['Supported', 'path, outbound']] as const;

let bench: RegistrarBench;

beforeEach(() => {
  bench = new RegistrarBench();
});

describe('connections', () => {
  test('that a phone has left for another one are closed, once nobody is bound over them', () => {
    const [left, shared, taken] = [new TestFlow('TCP'), new TestFlow('TCP'), new TestFlow('TCP')];
    const contact = (id: number): string =>
      `<sip:a@10.0.0.1;transport=tcp>;+sip.instance="<urn:x>";reg-id=${String(id)}`;
    const register = (flow: TestFlow, id: number, cseq: number, expires = ''): void => {
      bench.register({ contact: [contact(id) + expires], callId: `c${String(id)}`, cseq, headers, flow });
    };
    register(left, 1, 1);
    register(shared, 2, 1);
    register(left, 1, 2);
    expect([left.closed, shared.closed]).toEqual([false, false]);
    register(taken, 1, 3);
    expect([left.closed, shared.closed]).toEqual([true, false]);
    // Whoever unregisters may be in a call over it.
    register(taken, 1, 4, ';expires=0');
    expect(taken.closed).toBe(false);
    expect(bench.registrar.stats().flows).toBe(2);
  });

  test.each([
    ['an outbound binding', 'TCP', '10.0.0.1', `${plain}${instance};reg-id=1`],
    ['one behind a NAT', 'TLS', '198.51.100.7', plain],
    ['one over WebSocket', 'WS', '10.0.0.1', '<sip:alice@10.0.0.1;transport=ws>'],
  ] as const)('%s ends with its connection', (_, protocol, address, contact) => {
    const flow = new TestFlow(protocol, address);
    bench.register({ contact: [contact], headers, flow });
    bench.register({ contact: ['<sip:alice@10.0.0.2>'] });
    expect(bench.registrar.stats().flows).toBe(1);
    flow.close();
    expect(bench.contacts()).toEqual(['<sip:alice@10.0.0.2>;expires=3600']);
    expect(bench.registrar.stats().flows).toBe(0);
  });

  test('one that can be reached anew stays', () => {
    const flow = new TestFlow('TCP', '10.0.0.1');
    bench.register({ contact: [plain], flow });
    flow.close();
    expect(bench.contacts()).toHaveLength(1);
  });

  describe('a phone that connects from new ports, and can be reached anew at each of them', () => {
    const at = (port: number): string => `<sip:alice@10.0.0.1:${String(port)};transport=tcp>`;
    const ports = (): number[] => bench.contacts().map((contact) => Number(/:(\d+);/.exec(contact)?.[1]));
    const phone = ';+sip.instance="<urn:uuid:1>"';

    /** Registers over a connection of its own, which is answered with. */
    function connect(port: number, parts: Partial<RegisterParts> = {}, parameters = ''): TestFlow {
      const flow = new TestFlow('TCP', '10.0.0.1', port);
      bench.register({ contact: [at(port) + parameters], flow, callId: `boot-${String(port)}`, ...parts });
      return flow;
    }

    test('replaces what is of the same instance and has lost its connection', () => {
      for (let port = 1; port <= 30; port++) {
        connect(port, {}, phone).close();
        expect(ports()).toEqual([port]);
      }
    });

    test('replaces what is of the same Call-ID, and not what has a later CSeq', () => {
      for (const port of [1, 2, 3]) connect(port, { callId: 'kept' }).close();
      expect(ports()).toEqual([3]);
      connect(4, { callId: 'kept', cseq: 1 });
      expect(ports()).toEqual([3, 4]);
    });

    test('keeps what is connected, what others have registered, and flows of its own', () => {
      connect(1, {}, phone);
      connect(2).close();
      connect(3, {}, ';+sip.instance="<urn:uuid:2>"').close();
      connect(4, {}, `${phone};reg-id=1`);
      connect(5, {}, phone);
      expect(ports()).toEqual([1, 2, 3, 4, 5]);
      // Another line, and another address of a phone that does not keep its connections.
      for (const [port, contact] of [
        [6, '<sip:line2@10.0.0.1:6;transport=tcp>'],
        [7, '<sip:alice@10.0.0.2:7;transport=tcp>'],
        [8, '<sip:alice@10.0.0.1:8;transport=tcp>'],
      ] as const) {
        const flow = new TestFlow('TCP', `10.0.0.${port === 7 ? '2' : '1'}`, port);
        bench.register({ contact: [contact], flow, callId: 'lines' });
        flow.close();
      }
      expect(ports()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    });

    test('gives up the oldest without a connection where there are too many, then those of its instance before it was started anew', () => {
      bench = new RegistrarBench({ limits: { maximumContacts: 3 } });
      const flows = [1, 2, 3].map((port) => {
        bench.context.clock.advance(1);
        return connect(port);
      });
      connect(4);
      expect(ports()).toEqual([1, 2, 3]);
      for (const flow of flows) flow.close();
      connect(5);
      connect(6, {}, phone);
      expect(ports()).toEqual([3, 5, 6]);
      connect(7, {}, phone);
      expect(ports()).toEqual([5, 6, 7]);
      connect(8, {}, phone);
      connect(9);
      expect(ports()).toEqual([5, 7, 8]);
    });

    test('and those that another process has left have no connection either', async () => {
      connect(1, {}, phone);
      await bench.location.update(aliceRecord, (current) => current.map(withoutFlow), 'registered');
      connect(2, {}, phone);
      expect(ports()).toEqual([2]);
    });

    test('takes nothing from one that unregisters', () => {
      bench = new RegistrarBench({ limits: { maximumContacts: 3 } });
      for (const port of [1, 2, 3]) connect(port, {}, phone.replace('1', String(port))).close();
      bench.register({ contact: [`${at(3)};expires=0`] });
      expect(ports()).toEqual([1, 2]);
    });
  });

  describe('a phone without an instance that registers over UDP, and from a new port each time that it is started', () => {
    const ports = (): number[] => bench.contacts().map((contact) => Number(/:(\d+)>/.exec(contact)?.[1]));

    /** Registers from a port that names the boot cycle, a millisecond after the one before. */
    function boot(port: number, parts: Partial<RegisterParts> = {}, host = '10.0.0.1', name = 'alice'): number {
      bench.context.clock.advance(1);
      const contact = [`<sip:${name}@${host}:${String(port)}>`];
      const flow = new TestFlow('UDP', '198.51.100.7', port);
      return bench.status({
        contact,
        flow,
        callId: `boot-${String(port)}`,
        headers: [['User-Agent', 'desk']],
        ...parts,
      });
    }

    beforeEach(() => {
      bench = new RegistrarBench({ limits: { maximumContacts: 3 } });
    });

    test('takes the place of its oldest contact where there are too many, whatever it calls itself there', () => {
      for (let port = 1; port <= 30; port++) {
        expect(boot(port, {}, '10.0.0.1', `alice-0x${String(port)}`)).toBe(200);
        expect(ports()).toEqual([port - 2, port - 1, port].filter((each) => each > 0));
      }
    });

    test('the one that it has refreshed is not the oldest', () => {
      for (const port of [1, 2, 3, 1, 4]) boot(port);
      expect(ports()).toEqual([1, 3, 4]);
    });

    test('so does one that has kept its Call-ID, but not that of another line of its', () => {
      for (const port of [1, 2, 3, 4]) boot(port, { callId: 'kept' }, '10.0.0.1', port === 1 ? 'line2' : 'alice');
      expect(ports()).toEqual([1, 3, 4]);
      const contact = ['<sip:alice@10.0.0.1:5>', '<sip:alice@10.0.0.1:6>'];
      expect(boot(5, { callId: 'kept', contact })).toBe(200);
      expect(ports()).toEqual([1, 5, 6]);
      expect(boot(7, { callId: 'kept', contact: [...contact, '<sip:alice@10.0.0.1:7>'] })).toBe(403);
    });

    test.each([
      ['named another host', {}, '10.0.0.2'],
      ['came from another address', { flow: new TestFlow('UDP', '198.51.100.8') }],
      ['is another product', { headers: [['User-Agent', 'window']] }],
      ['says nothing of its product', { headers: [] }],
      ['came over a connection that stands', { flow: new TestFlow('TCP', '198.51.100.7') }],
      ['came through another proxy', { vias: 2 }],
      ['has an instance', { contact: ['<sip:alice@10.0.0.1:1>;+sip.instance="<urn:uuid:1>"'] }],
    ] as readonly [string, Partial<RegisterParts>, string?][])('leaves alone what %s', (_name, parts, host) => {
      boot(1, parts, host);
      for (const port of [2, 3, 4]) expect(boot(port)).toBe(200);
      expect(ports()).toEqual([1, 3, 4]);
      bench = new RegistrarBench({ limits: { maximumContacts: 1 } });
      boot(1, parts, host);
      expect(boot(9)).toBe(403);
      expect(ports()).toEqual([1]);
    });
  });

  test('one that has come over another connection since stays', () => {
    const old = new TestFlow('TCP');
    bench.register({ contact: [plain], flow: old });
    bench.register({ contact: [plain], flow: new TestFlow('TCP') });
    old.close();
    expect(bench.contacts()).toHaveLength(1);
  });

  test('one that ended before the answer leaves no binding', () => {
    const flow = new TestFlow('TCP');
    flow.close();
    bench.register({ contact: [plain], flow });
    expect(bench.contacts()).toEqual([]);
    expect(bench.registrar.stats().flows).toBe(0);
  });

  test('stop takes all listeners back', () => {
    const flow = new TestFlow('TCP');
    bench.register({ contact: [plain], flow });
    bench.register({ contact: [plain], flow, to: '<sip:bob@example.com>' });
    expect(flow.listeners).toBe(1);
    bench.registrar.stop();
    expect(flow.listeners).toBe(0);
    expect(bench.registrar.stats().flows).toBe(0);
  });
});
