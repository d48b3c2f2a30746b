import type { SocketAddress } from '@switchhook/sip';
import { addressKey, type Datagram, type Fabric, type HostRecord, type Route } from './fabric.ts';
import { travelTime } from './link.ts';
import type { Fate, TraceEntry } from './trace.ts';

/** Sends one datagram into the network, which may lose, delay or double it. Messages, which are texts, are traced. */
export function sendDatagram(
  fabric: Fabric,
  host: HostRecord,
  datagram: Datagram,
  source: SocketAddress,
  destination: SocketAddress,
): void {
  const route = fabric.route(host, 'datagram', source, destination);
  if (typeof route === 'string') {
    trace(fabric, host, datagram, source, destination, '', route);
    return;
  }
  const link = fabric.links.quality(host.name, route.host.name);
  launch(fabric, host, datagram, source, route);
  if (link.duplication > 0 && fabric.random.fraction() < link.duplication) {
    launch(fabric, host, datagram, source, route);
  }
}

function launch(fabric: Fabric, host: HostRecord, datagram: Datagram, source: SocketAddress, route: Route): void {
  const link = fabric.links.quality(host.name, route.host.name);
  const fate = fateOf(fabric, host, route, link.loss);
  const entry = trace(fabric, host, datagram, source, route.target, route.host.name, fate);
  if (fate !== 'under way') return;
  let time = travelTime(link, fabric.random);
  if (link.reordering > 0 && fabric.random.fraction() < link.reordering) time += link.heldBack;
  fabric.datagramsUnderWay += 1;
  fabric.clock.after(time, () => {
    fabric.datagramsUnderWay -= 1;
    const listener = route.host.datagram.get(addressKey(route.target));
    if (entry !== undefined) {
      entry.arrived = fabric.clock.now();
      entry.fate = listener === undefined ? 'unheard' : 'delivered';
    }
    listener?.receive(datagram, route.source);
  });
}

function fateOf(fabric: Fabric, host: HostRecord, route: Route, loss: number): Fate {
  if (fabric.links.parted(host.name, route.host.name)) return 'parted';
  if (loss > 0 && fabric.random.fraction() < loss) return 'lost';
  return fabric.datagramsUnderWay < fabric.limits.datagramsUnderWay ? 'under way' : 'lost';
}

function trace(
  fabric: Fabric,
  from: HostRecord,
  datagram: Datagram,
  source: SocketAddress,
  target: SocketAddress,
  host: string,
  fate: Fate,
): TraceEntry | undefined {
  if (typeof datagram !== 'string') return undefined;
  const entry: TraceEntry = {
    time: fabric.clock.now(),
    arrived: undefined,
    fate,
    protocol: 'UDP',
    from: { host: from.name, address: source.address, port: source.port },
    to: { host, address: target.address, port: target.port },
    text: datagram,
  };
  fabric.trace.add(entry);
  return entry;
}
