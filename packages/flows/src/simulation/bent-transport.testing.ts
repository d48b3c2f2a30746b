import type { Flow, Transport, TransportReceiver } from '@switchhook/sip';

/** What a device says instead of what it should; nothing where it is undefined. */
export type Bend = (text: string) => string | undefined;

/** An object with some of its members otherwise; the others are its own. */
function otherwise<Thing extends object>(thing: Thing, members: Partial<Thing>): Thing {
  return new Proxy(thing, {
    get(target, key) {
      const value: unknown = Reflect.get(members, key) ?? Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...given: readonly unknown[]): unknown => Reflect.apply(value, target, given);
    },
  });
}

/** The transport of a phone that says something else than it should. */
export function bent(transport: Transport, bend: Bend): Transport {
  const flows = new Map<Flow, Flow>();
  const wrong = (flow: Flow): Flow => {
    const known = flows.get(flow);
    if (known !== undefined) return known;
    const bending = otherwise<Flow>(flow, {
      send: (text, onError) => {
        const said = bend(text);
        if (said !== undefined) flow.send(said, onError);
      },
    });
    flows.set(flow, bending);
    return bending;
  };
  return otherwise<Transport>(transport, {
    connect: (destination) => wrong(transport.connect(destination)),
    flow: (id) => {
      const flow = transport.flow(id);
      return flow && wrong(flow);
    },
    start: (receiver) =>
      transport.start(
        otherwise<TransportReceiver>(receiver, {
          message: (text, flow) => receiver.message(text, wrong(flow)),
          broken: (text, status, reason, flow) => receiver.broken(text, status, reason, wrong(flow)),
        }),
      ),
  });
}

/** The transport of a broken phone: what it has sent once it never sends again. */
export function forgetful(transport: Transport): Transport {
  const sent = new Set<string>();
  return bent(transport, (text) => {
    if (sent.has(text)) return undefined;
    sent.add(text);
    return text;
  });
}

/** The transport of a broken phone: once it has had to say something again, it says nothing more. */
export function exhausted(transport: Transport): Transport {
  const sent = new Set<string>();
  let isExhausted = false;
  return bent(transport, (text) => {
    const isOver = isExhausted;
    isExhausted ||= sent.has(text);
    sent.add(text);
    return isOver ? undefined : text;
  });
}
