import type { SocketAddress } from '@switchhook/sip';
import { copyOfBytes } from './copied-bytes.ts';
import { addressKey, type Datagram, type Fabric, type HostRecord, type Route } from './fabric.ts';
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
  if (fabric.links.parted(host.name, route.host.name)) {
    trace(fabric, host, datagram, source, route.target, route.host.name, 'parted');
    return;
  }
  const link = fabric.links.quality(host.name, route.host.name);
  const family = typeof datagram === 'string' ? 'message' : 'media';
  const { lost, times } = fabric.fortune.draw(link, host.name, route.host.name, family);
  if (lost) trace(fabric, host, datagram, source, route.target, route.host.name, 'lost');
  for (const [index, time] of times.entries())
    launch(fabric, host, index === 0 ? datagram : copyOf(datagram), source, route, time);
}

/** Whoever gets bytes may change them. */
function copyOf(datagram: Datagram): Datagram {
  return typeof datagram === 'string' ? datagram : copyOfBytes(datagram);
}

function launch(
  fabric: Fabric,
  host: HostRecord,
  datagram: Datagram,
  source: SocketAddress,
  route: Route,
  time: number,
): void {
  const fate = fabric.datagramsUnderWay < fabric.limits.datagramsUnderWay ? 'under way' : 'lost';
  const entry = trace(fabric, host, datagram, source, route.target, route.host.name, fate);
  if (fate !== 'under way') return;
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
