import { describe, expect, test } from 'vitest';
import { requestOf, rfc4475 } from '../message/torture.testing.ts';
import { SipUri } from '../message/uri.ts';
import { ProxyBench } from './proxy.testing.ts';

/** A proxy that sends every request on to where its Request-URI points. */
function forwarding(): ProxyBench {
  return new ProxyBench({
    plan: (request) => {
      const uri = request.requestUri;
      return uri instanceof SipUri
        ? { kind: 'ring', stages: [{ targets: [{ uri }] }] }
        : { kind: 'reject', status: 404 };
    },
  });
}

describe('RFC 4475, as a proxy answers', () => {
  test.each([
    ['3.3.2', 'unkscm.dat', 416, undefined],
    ['3.3.3', 'novelsc.dat', 416, undefined],
    ['3.3.5', 'bext01.dat', 420, 'noProxiesSupportThis, norDoAnyProxiesSupportThis'],
    ['3.3.11', 'zeromf.dat', 483, undefined],
  ])('%s %s: %s', (_section, file, status, unsupported) => {
    const bench = forwarding();
    const call = bench.receive(rfc4475(file));
    expect(call.statuses).toEqual([status]);
    expect(call.finals[0]?.raw('Unsupported')).toBe(unsupported);
    expect(bench.sent).toHaveLength(0);
  });

  test.each([
    ['3.1.1.1', 'wsinv.dat'],
    ['3.1.1.2', 'intmeth.dat'],
    ['3.1.1.3', 'esc01.dat'],
    ['3.1.1.6', 'lwsdisp.dat'],
    ['3.1.1.7', 'longreq.dat'],
    ['3.1.1.9', 'semiuri.dat'],
    ['3.1.1.10', 'transports.dat'],
    ['3.1.1.11', 'mpart01.dat'],
    ['3.3.6', 'invut.dat'],
    ['3.3.15', 'sdp01.dat'],
    ['3.4.1', 'inv2543.dat'],
  ])('%s %s is forwarded, what it does not concern as it came', (_section, file) => {
    const bench = forwarding();
    const received = requestOf(rfc4475(file));
    bench.receive(received.text);
    const { request } = bench.at(0);
    expect(request.method).toBe(received.method);
    expect(request.body).toBe(received.body);
    const untouched = (name: string): boolean =>
      !['via', 'v', 'max-forwards', 'max-breadth', 'record-route', 'route', 'content-length'].includes(
        name.toLowerCase(),
      );
    const fields = (each: typeof received): string[] =>
      [...each.headerFields()].filter(({ name }) => untouched(name)).map(({ name, value }) => `${name}: ${value}`);
    expect(fields(request)).toEqual(fields(received));
  });
});
