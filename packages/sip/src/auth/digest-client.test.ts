import { describe, expect, test } from 'vitest';

import type { HeaderInit } from '../message/header.ts';
import { SipRequest } from '../message/message.ts';
import type { SipResponse } from '../message/message.ts';
import { countingRandom, testContext } from './auth-context.testing.ts';
import { answered, requestOf, responseOf, storeOfAlice } from './digest-flow.testing.ts';
import type { DigestClientOptions } from './digest-client.ts';
import { DigestClient } from './digest-client.ts';
import { DigestVerifier } from './digest-verifier.ts';
import { digestResponse, hashCredentials, legacyDigestResponse, sessionHash } from './digest.ts';
import { portableHashes } from './portable-hashes.ts';

const realm = 'atlanta.example';
const digest = `Digest realm="${realm}", nonce="n1", qop="auth"`;

function clientOf(options: DigestClientOptions = {}): DigestClient {
  return new DigestClient(
    { hashes: portableHashes, random: countingRandom() },
    (asked) => (asked.endsWith('.example') ? { username: 'bob', password: 'zanzibar' } : undefined),
    options,
  );
}

function refusal(client: DigestClient, request: SipRequest, status: number, headers: readonly HeaderInit[]): unknown {
  const answer = client.answer(request, request.createResponse(status, { headers }));
  return answer instanceof SipRequest ? 'answered' : answer.reason;
}

function parameters(request: SipRequest, name = 'Authorization'): Record<string, string> {
  const text = request.raw(name) ?? '';
  return Object.fromEntries(
    [...text.matchAll(/([a-z]+)="?([^",]*)"?/g)].map(([, key = '', value = '']) => [key, value]),
  );
}

describe('what the server says when it is satisfied (RFC 7616 3.5)', () => {
  const verifierContext = testContext();
  const home = { realm: 'example.com', role: 'user-agent-server', source: '192.0.2.1' } as const;

  /** A registered phone: its client, the request that was taken, and the 200 with the server's proof. */
  function satisfied(): { client: DigestClient; request: SipRequest; headers: readonly HeaderInit[] } {
    const verifier = new DigestVerifier(verifierContext, storeOfAlice(), { mutual: true });
    const client = new DigestClient({ hashes: portableHashes, random: countingRandom() }, () => ({
      username: 'alice',
      password: 'secret',
    }));
    const first = requestOf();
    const request = answered(client, first, responseOf(first, verifier.verify(first, home)));
    const verification = verifier.verify(request, home);
    if (verification instanceof Promise || verification.kind !== 'authenticated') throw new Error('not authenticated');
    return { client, request, headers: verification.headers };
  }

  test('its proof is checked', () => {
    const { client, request, headers } = satisfied();
    expect(client.learn(request, request.createResponse(200, { headers }))).toBe('proved');
    const [name, text] = [headers[0]?.[0], String(headers[0]?.[1])];
    expect(name).toBe('Authentication-Info');
    const forged = text.replace(/rspauth="./, (start) => `${start.slice(0, -1)}${start.endsWith('0') ? '1' : '0'}`);
    const info = (value: string): SipResponse =>
      request.createResponse(200, { headers: [['Authentication-Info', `${value}, nextnonce="of the impostor"`]] });
    expect(client.learn(request, info(forged))).toBe('disproved');
    expect(parameters(client.authorize(requestOf()))['nonce']).toBe(parameters(request)['nonce']);
    expect(client.learn(request, request.createResponse(200))).toBeUndefined();
    expect(client.learn(request, info(text))).toBe('proved');
  });

  test('the next nonce is used from then on, and counted anew', () => {
    const { client, request } = satisfied();
    const headers: HeaderInit[] = [['Authentication-Info', 'nextnonce="n2"']];
    expect(client.learn(request, request.createResponse(200, { headers }))).toBeUndefined();
    expect(parameters(client.authorize(requestOf()))).toMatchObject({ nonce: 'n2', nc: '00000001' });
    expect(client.learn(request, request.createResponse(200, { headers }))).toBeUndefined();
    expect(parameters(client.authorize(requestOf()))).toMatchObject({ nonce: 'n2', nc: '00000002' });
  });
});

describe('DigestClient', () => {
  test('answers with credentials and the next CSeq number', () => {
    const request = requestOf('INVITE', 'sip:alice@atlanta.example');
    const challenge = `${digest}, algorithm=MD5, opaque="o"`;
    const retry = answered(
      clientOf(),
      request,
      request.createResponse(401, { headers: [['WWW-Authenticate', challenge]] }),
    );
    const { MD5 } = hashCredentials(portableHashes, 'bob', realm, 'zanzibar');
    const input = {
      method: 'INVITE',
      uri: 'sip:alice@atlanta.example',
      nonce: 'n1',
      nonceCount: '00000001',
      cnonce: 't1',
    };
    expect(parameters(retry)).toEqual({
      username: 'bob',
      realm,
      nonce: 'n1',
      uri: 'sip:alice@atlanta.example',
      algorithm: 'MD5',
      opaque: 'o',
      qop: 'auth',
      nc: '00000001',
      cnonce: 't1',
      response: digestResponse(portableHashes, { algorithm: 'MD5', ha1: MD5, ...input }),
    });
    expect(retry.cseqNumber).toBe(2);
    expect(retry.raw('Authorization')).toMatch(/algorithm=MD5, .*qop=auth, nc=00000001/);
  });

  test('takes the topmost challenge of a realm that it supports', () => {
    const request = requestOf();
    const headers: HeaderInit[] = ['SHA-1', 'SHA-256', 'MD5'].map((algorithm) => [
      'WWW-Authenticate',
      `${digest}, algorithm=${algorithm}`,
    ]);
    const response = request.createResponse(401, { headers });
    expect(parameters(answered(clientOf(), request, response))['algorithm']).toBe('SHA-256');
    expect(parameters(answered(clientOf({ algorithms: ['MD5'] }), request, response))['algorithm']).toBe('MD5');
  });

  test('answers every realm of a response, proxies too, and keeps what it answered before', () => {
    const client = clientOf();
    const request = requestOf();
    const proxy = request.createResponse(407, {
      headers: [['Proxy-Authenticate', digest.replace('atlanta', 'proxy')]],
    });
    const first = answered(client, request, proxy);
    expect(first.has('Authorization')).toBe(false);
    const both = answered(client, first, request.createResponse(401, { headers: [['WWW-Authenticate', digest]] }));
    expect(parameters(both, 'Proxy-Authorization')).toMatchObject({ realm: 'proxy.example', nc: '00000002' });
    expect(parameters(both)).toMatchObject({ realm, nc: '00000001' });
    expect(both.rawAll('Authorization')).toHaveLength(1);
  });

  test('counts the uses of a nonce in later requests, which carry credentials from the start', () => {
    const client = clientOf();
    const request = requestOf();
    expect(client.authorize(request)).toBe(request);
    answered(client, request, request.createResponse(401, { headers: [['WWW-Authenticate', digest]] }));
    const later = client.authorize(requestOf('OPTIONS'));
    expect(parameters(later)).toMatchObject({ nonce: 'n1', nc: '00000002' });
    expect(later.cseqNumber).toBe(1);
  });

  test('does not answer twice when the password is wrong', () => {
    const client = clientOf();
    const request = requestOf();
    const retry = answered(client, request, request.createResponse(401, { headers: [['WWW-Authenticate', digest]] }));
    expect(refusal(client, retry, 401, [['WWW-Authenticate', digest.replace('n1', 'n2')]])).toBe('wrong');
    expect(client.authorize(request)).toBe(request);
  });

  test('answers stale once, not for ever', () => {
    const client = clientOf();
    const request = requestOf();
    const challenge = (nonce: string, stale = ''): HeaderInit => [
      'WWW-Authenticate',
      digest.replace('n1', nonce) + stale,
    ];
    const first = answered(client, request, request.createResponse(401, { headers: [challenge('n1')] }));
    const second = answered(client, first, first.createResponse(401, { headers: [challenge('n2', ', stale=TRUE')] }));
    expect(parameters(second)).toMatchObject({ nonce: 'n2', nc: '00000001' });
    expect(refusal(client, second, 401, [challenge('n3', ', stale=true')])).toBe('wrong');
  });

  test('a nonce that served before has only aged, said or not', () => {
    const client = clientOf();
    const request = requestOf();
    answered(client, request, request.createResponse(401, { headers: [['WWW-Authenticate', digest]] }));
    const later = client.authorize(requestOf());
    const response = later.createResponse(401, { headers: [['WWW-Authenticate', digest.replace('n1', 'n2')]] });
    expect(parameters(answered(client, later, response))['nonce']).toBe('n2');
  });

  test('the -sess variants hash the first nonce and cnonce in, and keep the cnonce', () => {
    const client = clientOf();
    const request = requestOf();
    const challenge = `${digest}, algorithm=SHA-256-sess`;
    const retry = answered(
      client,
      request,
      request.createResponse(401, { headers: [['WWW-Authenticate', challenge]] }),
    );
    const stored = hashCredentials(portableHashes, 'bob', realm, 'zanzibar')['SHA-256'];
    const ha1 = sessionHash(portableHashes, 'SHA-256', stored, 'n1', 't1');
    const input = { method: 'REGISTER', uri: 'sip:example.com', nonce: 'n1', nonceCount: '00000001', cnonce: 't1' };
    expect(parameters(retry)).toMatchObject({
      cnonce: 't1',
      response: digestResponse(portableHashes, { algorithm: 'SHA-256', ha1, ...input }),
    });
    expect(retry.raw('Authorization')).toContain('algorithm=SHA-256-sess');
    expect(parameters(client.authorize(request))['cnonce']).toBe('t1');
  });

  test('serves a server that knows only RFC 2069', () => {
    const request = requestOf();
    const challenge = `Digest realm="${realm}", nonce="n1"`;
    const retry = answered(
      clientOf(),
      request,
      request.createResponse(401, { headers: [['WWW-Authenticate', challenge]] }),
    );
    const ha1 = hashCredentials(portableHashes, 'bob', realm, 'zanzibar').MD5;
    const input = { algorithm: 'MD5', ha1, method: 'REGISTER', uri: 'sip:example.com', nonce: 'n1' } as const;
    expect(parameters(retry)).toEqual({
      username: 'bob',
      realm,
      nonce: 'n1',
      uri: 'sip:example.com',
      response: legacyDigestResponse(portableHashes, input),
    });
  });

  test.each([
    ['no-challenge', []],
    ['no-challenge', ['Basic realm="atlanta.example"']],
    ['no-challenge', ['Digest nonsense']],
    ['unsupported', [`${digest}, algorithm=SHA-1`]],
    ['unsupported', [digest.replace('auth"', 'auth-int"')]],
    ['unsupported', [`Digest realm="${realm}", nonce="n1", algorithm=MD5-sess`]],
    ['no-credentials', ['Digest realm="elsewhere", nonce="n1", qop="auth"']],
  ])('refuses with %s', (reason, challenges) => {
    const headers = challenges.map((text): HeaderInit => ['WWW-Authenticate', text]);
    expect(refusal(clientOf(), requestOf(), 401, headers)).toBe(reason);
  });

  test('remembers a bounded number of realms', () => {
    const client = clientOf();
    const request = requestOf();
    const headers = Array.from({ length: 40 }, (_, i): HeaderInit => [
      'WWW-Authenticate',
      digest.replace('atlanta', `realm${String(i)}`),
    ]);
    const retry = answered(client, request, request.createResponse(401, { headers }));
    expect(retry.rawAll('Authorization')).toHaveLength(16);
  });
});
