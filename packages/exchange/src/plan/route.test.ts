import { parseMessage, parseUri, SipRequest, SyntaxFault } from '@switchhook/sip';
import type { Binding, CallPlan, Target } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import type { Group } from '../config/configuration.ts';
import type { Caller } from './access.ts';
import { Domains } from './domains.ts';
import { flow, trailing } from './plan.testing.ts';
import { route } from './route.ts';
import type { Directory } from './route.ts';

const domain = 'example.com';
const aliased = [{ name: domain, aliases: ['www.example.com'] }];
const domains = new Domains(aliased, ['192.0.2.1'], (_, port) => port === 5060);
const isOurRealm = (realm: string): boolean => realm === domain;
const alice: Caller = { kind: 'subscriber', user: 'alice', domain };
const stranger: Caller = { kind: 'stranger' };

function binding(contact: string, more: Partial<Binding> = {}): Binding {
  const times = { expiresAt: 1, updatedAt: 0, callId: 'c', cseq: 1 };
  return { addressOfRecord: '', contact, parameters: '', q: 1, path: [], ...times, ...more };
}

const sales: Group = { user: 'sales', domain, members: ['alice', 'bob', 'carol'], ring: 'together', ringTime: 9_000 };

function directory(bindings: Record<string, readonly Binding[]>, group: Group = sales): Directory {
  return {
    isSubscriber: (user) => ['alice', 'bob', 'carol'].includes(user),
    group: (user) => (user === group.user ? group : undefined),
    bindings: (user) => bindings[user] ?? [],
    ownersAt: () => [],
    isAtGateway: () => false,
    spellings: () => [],
    flow: (id) => (id === flow.id ? flow : undefined),
    services: () => undefined,
    address: (uri) => domains.ours(uri),
    gateway: () => undefined,
    calls: () => 0,
    idleSince: () => 0,
    isEmergency: () => false,
    emergencyNumber: () => undefined,
    server: () => undefined,
    registrationNotifier: () => undefined,
    isCode: () => false,
    announcement: () => undefined,
  };
}

function request(uri: string, headers: readonly string[] = [], toTag = ''): SipRequest {
  const message = parseMessage(
    [
      `INVITE ${uri} SIP/2.0`,
      'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1',
      'Max-Forwards: 70',
      'From: <sip:alice@example.com>;tag=1',
      `To: <${uri}>${toTag}`,
      'Call-ID: c',
      'CSeq: 1 INVITE',
      ...headers,
      '\r\n',
    ].join('\r\n'),
  );
  if (!(message instanceof SipRequest)) throw new Error('the test request is malformed');
  return message;
}

interface Asked {
  caller?: Caller;
  bindings?: Record<string, readonly Binding[]>;
  group?: Group;
  route?: readonly string[];
  headers?: readonly string[];
  instance?: readonly Binding[];
  toTag?: string;
}

function plan(text: string, asked: Asked = {}): CallPlan {
  const uri = parseUri(text);
  if (uri instanceof SyntaxFault) throw new Error(uri.reason);
  const { caller = alice, bindings = {}, group, route: further = [], headers, instance, toTag } = asked;
  const address = domains.ours(uri);
  const question = {
    request: request(text, headers, toTag),
    uri,
    route: further,
    caller,
    address,
    isOurRealm,
    now: () => 0,
  };
  return route(instance === undefined ? question : { ...question, instance }, directory(bindings, group));
}

function targets(result: CallPlan): Target[][] {
  return result.kind === 'ring' ? result.stages.map((stage) => [...stage.targets]) : [];
}

const contacts = (result: CallPlan): string[][] =>
  targets(result).map((stage) => stage.map(({ uri }) => uri.toString()));

describe('a call to our domain', () => {
  test.each([
    ['sip:nobody@example.com', 404],
    ['sip:bob@example.com', 480],
    ['sip:sales@example.com', 480],
  ])('%s is answered %i when there is nobody to ring', (uri, status) => {
    expect(plan(uri)).toEqual({ kind: 'reject', status });
    expect(plan(uri, { caller: stranger })).toEqual({ kind: 'reject', status });
  });

  test.each(['sip:bob@example.com', 'sips:bob@www.example.com', 'sip:bob@192.0.2.1:5060', 'sip:bob@EXAMPLE.com'])(
    '%s rings all contacts of one preference together, the others in turn',
    (uri) => {
      const bob = [binding('sip:b@1', { q: 0.5 }), binding('sip:b@2'), binding('sip:b@3')];
      const result = plan(uri, { bindings: { bob }, caller: stranger });
      expect(contacts(result)).toEqual([['sip:b@2', 'sip:b@3'], ['sip:b@1']]);
      expect(result.kind === 'ring' && result.stages.map(({ ringTime }) => ringTime)).toEqual([20_000, undefined]);
    },
  );

  test('goes over the flow of the binding, or its Path, or back to where a datagram came from', () => {
    const received = { protocol: 'UDP', address: '203.0.113.1', port: 1024 } as const;
    const bob = [
      binding('sip:b@1', { flow: 7, received: { ...received, protocol: 'TLS' } }),
      binding('sip:b@2', { path: ['<sip:edge.example.com;lr>'], flow: 7 }),
      binding('sip:b@192.0.2.3', { received }),
      binding('sip:b@4', { flow: 8 }),
      binding('sip:b@gone.invalid', { flow: 8, received: { ...received, protocol: 'WSS' } }),
    ];
    const [stage = []] = targets(plan('sip:bob@example.com', { bindings: { bob } }));
    expect(stage.map((target) => [target.flow?.id, target.route?.join(), target.destination?.address])).toEqual([
      [7, undefined, undefined],
      [undefined, '<sip:edge.example.com;lr>', undefined],
      [undefined, undefined, '203.0.113.1'],
      [undefined, undefined, undefined],
    ]);
  });

  test.each([
    ['sip:b@203.0.113.1:5080', undefined, 'contact'],
    ['sip:b@phone.example.com', undefined, 'contact'],
    ['sip:b@192.0.2.3', undefined, 'source'],
    ['sip:b@203.0.113.1:5080', 1, 'source'],
  ])('%s (reg-id %s) that registered by datagrams is reached at its %s', (contact, regId, where) => {
    const received = { protocol: 'UDP', address: '203.0.113.1', port: 1024 } as const;
    const bob = [binding(contact, { received, ...(regId === undefined ? {} : { regId, instanceId: 'i' }) })];
    const [[target] = []] = targets(plan('sip:bob@example.com', { bindings: { bob } }));
    expect(target?.destination).toEqual(where === 'source' ? received : undefined);
  });

  test('tries the flows of one phone in turn, the newest first', () => {
    const bob = [
      binding('sip:b@1', { instanceId: 'i', regId: 1, updatedAt: 1 }),
      binding('sip:b@2', { instanceId: 'i', regId: 2, updatedAt: 2 }),
    ];
    const result = plan('sip:bob@example.com', { bindings: { bob } });
    expect(contacts(result)).toEqual([['sip:b@2']]);
    expect(targets(result)[0]?.[0]?.alternatives?.map(({ uri }) => uri.toString())).toEqual(['sip:b@1']);
  });

  test('asks a phone once that has registered anew, at its newest contact first (RFC 5626 7)', () => {
    const bob = [
      binding('sip:b@1', { instanceId: 'i', q: 1, updatedAt: 1 }),
      binding('sip:b@2', { instanceId: 'i', q: 0.5, updatedAt: 2 }),
      binding('sip:b@3', { instanceId: 'j', q: 0.5, updatedAt: 1 }),
      binding('sip:b@4', { q: 0.5 }),
      binding('sip:b@5', { q: 0.5 }),
    ];
    const result = plan('sip:bob@example.com', { bindings: { bob } });
    expect(contacts(result)).toEqual([['sip:b@2', 'sip:b@3', 'sip:b@4', 'sip:b@5']]);
    const alternatives = targets(result)[0]?.map((each) => each.alternatives?.map(({ uri }) => uri.toString()));
    expect(alternatives).toEqual([['sip:b@1'], undefined, undefined, undefined]);
  });

  test('to one instance rings its newest contact alone, whatever else the subscriber has', () => {
    const instance = [binding('sip:b@2', { updatedAt: 2 }), binding('sip:b@1', { updatedAt: 1 })];
    const bindings = { bob: [...instance, binding('sip:b@3', { q: 0.1 })] };
    expect(contacts(plan('sip:bob@example.com;gr=j', { bindings, instance }))).toEqual([['sip:b@2']]);
    expect(plan('sip:bob@example.com;gr=j', { bindings, instance: [] })).toEqual({ kind: 'reject', status: 480 });
  });

  test('to an instance goes on by its own way, and by no Path besides (RFC 5627 6.1)', () => {
    const further = ['<sip:edge.example.net;lr>'];
    const instance = [binding('sip:b@2', { path: ['<sip:edge.example.net;lr;ob>'], updatedAt: 2 }), binding('sip:b@1')];
    const asked: Asked = { caller: { kind: 'participant' }, route: further, toTag: ';tag=2' };
    const result = plan('sip:bob@example.com;gr=j', { ...asked, instance });
    expect(targets(result).map((stage) => stage.map(({ uri, route: path }) => [String(uri), path]))).toEqual([
      [['sip:b@2', undefined]],
    ]);
    expect(plan('sip:bob@example.com;gr=j', { ...asked, instance: [] })).toMatchObject({ status: 430 });
    expect(plan('sip:bob@example.com;gr=j', { ...asked, instance, caller: stranger })).toMatchObject({ status: 403 });
    expect(contacts(plan('sip:bob@example.com', asked))).toEqual([['sip:bob@example.com']]);
  });

  test('tells a telephone what its URI said that its contact does not: which of its conferences is meant (RFC 5627 4.2, RFC 7044)', () => {
    const instance = [binding('sip:b@192.0.2.3;transport=tcp;ob')];
    const told = (uri: string, asked: Asked = {}): unknown =>
      trailing(targets(plan(uri, { instance, ...asked }))[0]?.[0]);
    expect(told('sip:bob@example.com;gr=j;conference=7')).toEqual([
      ['History-Info', '<sip:bob@example.com;gr=j;conference=7>;index=1'],
      ['History-Info', '<sip:b@192.0.2.3;transport=tcp;ob>;index=1.1;rc=1'],
    ]);
    expect(told('sip:b@192.0.2.3;transport=tcp;ob;conference=7')).toHaveLength(2);
    expect(told('sip:bob@example.com;gr=j')).toEqual([]);
    expect(told('sip:b@192.0.2.3;transport=tcp;ob')).toEqual([]);
    expect(told('sip:bob@example.com;gr=j;conference=7', { toTag: ';tag=2' })).toEqual([]);
  });

  test('within a dialog to an instance that is gone is no reason to end the call (RFC 5057 5.1)', () => {
    const asked = { instance: [], toTag: ';tag=2' };
    expect(plan('sip:bob@example.com;gr=j', asked)).toEqual({ kind: 'reject', status: 430 });
  });

  test('does not open a connection to a phone that is reached by its flow alone (RFC 5626)', () => {
    const received = { protocol: 'TCP', address: '203.0.113.1', port: 1024 } as const;
    const gone = binding('sip:b@203.0.113.1:1024;transport=tcp', {
      received,
      regId: 1,
      instanceId: 'i',
      flow: flow.id + 1,
    });
    expect(plan('sip:bob@example.com', { bindings: { bob: [gone] } })).toEqual({ kind: 'reject', status: 480 });
    const standing = { ...gone, flow: flow.id };
    expect(targets(plan('sip:bob@example.com', { bindings: { bob: [standing] } }))[0]?.[0]?.flow).toBe(flow);
  });

  test('to a telephone number in the context of our domain is a call to that user', () => {
    const bindings = { bob: [binding('sip:b@1')] };
    expect(plan('tel:1001;phone-context=example.com', { bindings })).toEqual({ kind: 'reject', status: 404 });
  });
});

describe('a call to a group', () => {
  const bindings = { alice: [binding('sip:a@1')], bob: [binding('sip:b@1')], carol: [binding('sip:c@1')] };

  test('rings everybody but the caller', () => {
    expect(contacts(plan('sip:sales@example.com', { bindings }))).toEqual([['sip:b@1', 'sip:c@1']]);
    expect(contacts(plan('sip:sales@example.com', { bindings, caller: stranger }))[0]).toHaveLength(3);
  });

  test('rings one after the other when it says so', () => {
    const result = plan('sip:sales@example.com', { bindings, group: { ...sales, ring: 'in-turn' } });
    expect(contacts(result)).toEqual([['sip:b@1'], ['sip:c@1']]);
    expect(result.kind === 'ring' && result.stages[0]?.ringTime).toBe(9_000);
  });
});

describe('a call to somewhere else', () => {
  test.each(['sip:x@other.example', 'sip:bob@192.0.2.1:7000', 'tel:+15551234'])('%s is for subscribers only', (uri) => {
    expect(plan(uri, { caller: stranger })).toEqual({ kind: 'reject', status: 403, reason: 'Relaying Denied' });
  });

  test('leaves for where it is addressed to', () => {
    expect(contacts(plan('sip:x@other.example'))).toEqual([['sip:x@other.example']]);
    expect(plan('tel:+15551234')).toEqual({ kind: 'reject', status: 404 });
  });

  test('by way of a Route is relaying too, whoever is called', () => {
    const result = plan('sip:bob@example.com', { caller: stranger, route: ['<sip:other.example;lr>'] });
    expect(result).toMatchObject({ status: 403 });
  });
});

test('credentials for our realm and claims of identity go no further, and what was proved is said', () => {
  const result = plan('sip:bob@example.com', {
    bindings: { bob: [binding('sip:b@1')] },
    headers: [
      'Proxy-Authorization: Digest realm="example.com", username="alice"',
      'Proxy-Authorization: Digest realm="other.example", username="alice"',
    ],
  });
  expect(result).toMatchObject({
    removeHeaders: ['P-Asserted-Identity', 'Proxy-Authorization'],
    headers: [
      ['P-Asserted-Identity', '<sip:alice@example.com>'],
      ['Proxy-Authorization', 'Digest realm="other.example", username="alice"'],
    ],
  });
});
