import type { Destination, Flow, Transport } from '@switchhook/sip';

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

/** The transport of a broken phone: what it has sent once it never sends again. */
export function forgetful(transport: Transport): Transport {
  const sent = new Set<string>();
  const flows = new Map<Flow, Flow>();
  const broken = (flow: Flow): Flow => {
    const known = flows.get(flow);
    if (known !== undefined) return known;
    const once = otherwise<Flow>(flow, {
      send: (text, onError) => {
        if (sent.has(text)) return;
        sent.add(text);
        flow.send(text, onError);
      },
    });
    flows.set(flow, once);
    return once;
  };
  return otherwise<Transport>(transport, {
    connect: (destination: Destination) => broken(transport.connect(destination)),
  });
}
