/**
 * The least that can be called a stateful, record-routing proxy with a location, in one piece and in the order of its
 * steps: a rung of `bench/ladder.ts`, to know what a call costs on a machine when nothing is done for clarity, safety
 * or anything but UDP. It answers retransmissions and repeats what is lost, and believes whatever it reads.
 */
import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';

interface Client {
  readonly branch: string;
  readonly server: Server;
  request: string;
  readonly port: number;
  due: number;
  interval: number;
  final: boolean;
}

interface Server {
  readonly key: string;
  readonly port: number;
  response: string;
}

/** `address` and `port` are where it listens; who is called is at `callee`. */
export function sketch(address: string, port: number, callee: number): void {
  const servers = new Map<string, Server>();
  const clients = new Map<string, Client>();
  const location = new Map([['bob', callee]]);
  const sentBy = `${address}:${String(port)}`;
  const ours = `<sip:`;
  const waiting: { readonly due: number; readonly server: Server | undefined; readonly client: Client | undefined }[] =
    [];
  let waitingFrom = 0;
  let pending: Client[] = [];
  const seed = randomBytes(8).toString('hex');
  let counter = 0;
  const counts = new Map<string, number>();
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1_048_576 });

  const send = (text: string, to: number): void => {
    socket.send(Buffer.from(text, 'latin1'), to, address);
  };

  const after = (text: string, name: string, start: number): string => {
    const at = text.indexOf(name, start);
    if (at < 0) return '';
    const from = at + name.length;
    return text.slice(from, text.indexOf('\r\n', from));
  };

  const hash = (text: string): string => {
    let one = 0x811c9dc5;
    for (let at = 0; at < text.length; at += 1) one = Math.imul(one ^ text.charCodeAt(at), 0x01000193);
    return (one >>> 0).toString(36);
  };

  const forget = (server: Server | undefined, client: Client | undefined): void => {
    waiting.push({ due: performance.now() + 32_000, server, client });
  };

  const response = (text: string): void => {
    const viaStart = text.indexOf('\r\n') + 2;
    const viaEnd = text.indexOf('\r\n', viaStart) + 2;
    const branchStart = text.indexOf(';branch=', viaStart) + 8;
    const branchEnd = text.indexOf(';', branchStart);
    const client = clients.get(text.slice(branchStart, branchEnd));
    if (client === undefined) return;
    const status = text.slice(8, 11);
    counts.set(status, (counts.get(status) ?? 0) + 1);
    client.due = Infinity;
    if (status === '100') return;
    const forwarded = text.slice(0, viaStart) + text.slice(viaEnd);
    const { server } = client;
    server.response = forwarded;
    send(forwarded, server.port);
    if (status >= '200' && !client.final) {
      client.final = true;
      client.request = '';
      forget(server, client);
    }
  };

  const request = (text: string, from: number): void => {
    const lineEnd = text.indexOf('\r\n');
    const method = text.slice(0, text.indexOf(' '));
    const viaStart = lineEnd + 2;
    const viaEnd = text.indexOf('\r\n', viaStart);
    const branchStart = text.indexOf(';branch=', viaStart) + 8;
    const branchEnd = text.indexOf(';', branchStart);
    const key = text.slice(branchStart, branchEnd);
    counts.set(method, (counts.get(method) ?? 0) + 1);
    const known = servers.get(key);
    if (known !== undefined && method !== 'ACK') {
      if (known.response !== '') send(known.response, from);
      return;
    }
    const callId = after(text, '\r\nCall-ID: ', viaEnd);
    const fromLine = after(text, '\r\nFrom: ', viaEnd);
    const via = `${text.slice(viaStart, viaEnd).replace(';rport', `;rport=${String(from)}`)};received=${address}`;
    const hops = after(text, '\r\nMax-Forwards: ', viaEnd);
    const hopsStart = text.indexOf('\r\nMax-Forwards: ', viaEnd);
    const restStart = text.indexOf('\r\n', hopsStart + 2);
    const mark = hash(`${seed}${callId}${fromLine.slice(fromLine.indexOf(';tag='))}`);
    let uri = text.slice(method.length + 1, lineEnd - 8);
    let rest = text.slice(restStart);
    let to = callee;
    const routeStart = rest.indexOf('\r\nRoute: ');
    if (routeStart >= 0) {
      const routeEnd = rest.indexOf('\r\n', routeStart + 2);
      if (!rest.slice(routeStart, routeEnd).includes(ours)) return;
      rest = rest.slice(0, routeStart) + rest.slice(routeEnd);
      to = Number(uri.slice(uri.lastIndexOf(':') + 1).split(';')[0]);
    } else {
      const user = uri.slice(4, uri.indexOf('@'));
      to = location.get(user) ?? 0;
      uri = `sip:${user}@${address}:${String(to)}`;
    }
    const branch = `z9hG4bK${seed}${(counter += 1).toString(36)}.${hash(uri + callId + fromLine)}`;
    const record = method === 'INVITE' ? `Record-Route: <sip:${mark}@${sentBy};lr>\r\n` : '';
    const forwarded =
      `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP ${sentBy};branch=${branch};rport\r\n${via}\r\n${record}` +
      `Max-Forwards: ${String(Number(hops) - 1)}${rest}`;
    if (method === 'ACK') {
      send(forwarded, to);
      return;
    }
    const server: Server = { key, port: from, response: '' };
    servers.set(key, server);
    if (method === 'INVITE') {
      const tail = ['From', 'To', 'Call-ID', 'CSeq'].map(
        (name) => `${name}: ${after(text, `\r\n${name}: `, viaEnd)}\r\n`,
      );
      server.response = `SIP/2.0 100 Trying\r\n${via}\r\n${tail.join('')}Content-Length: 0\r\n\r\n`;
      send(server.response, from);
    }
    const client: Client = {
      branch,
      server,
      request: forwarded,
      port: to,
      due: performance.now() + 500,
      interval: 500,
      final: false,
    };
    clients.set(branch, client);
    pending.push(client);
    send(forwarded, to);
  };

  socket.on('message', (data, remote) => {
    const text = data.toString('latin1');
    if (text.startsWith('SIP/2.0 ')) response(text);
    else request(text, remote.port);
  });
  setInterval(() => {
    const now = performance.now();
    pending = pending.filter((client) => {
      if (client.due > now) return client.due !== Infinity;
      send(client.request, client.port);
      client.interval *= 2;
      client.due = now + client.interval;
      return true;
    });
    for (; waitingFrom < waiting.length; waitingFrom += 1) {
      const next = waiting[waitingFrom];
      if (next === undefined || next.due > now) break;
      if (next.server !== undefined) servers.delete(next.server.key);
      if (next.client !== undefined) clients.delete(next.client.branch);
    }
    if (waitingFrom > 10_000) {
      waiting.splice(0, waitingFrom);
      waitingFrom = 0;
    }
  }, 250);
  socket.bind(port, address);
}
