import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from './fault.ts';
import { parseConfiguration, readConfigurationFile } from './load.ts';

const minimal = `
domains:
  - name: Example.COM
listeners:
  - protocol: udp
    address: 192.0.2.1
`;

function faultsOf(text: string): string[] {
  try {
    parseConfiguration(text, 'switchhook.yaml');
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a configuration that fits', () => {
  test('gets every default', () => {
    const { contents: file } = parseConfiguration(minimal, 'x.yaml');
    expect(file.domains).toEqual([{ name: 'example.com', aliases: [] }]);
    expect(file.limits.registration).toEqual({ minimum: 60, maximum: 7200, default: 3600 });
    expect(file.limits.headerFields).toBe(200);
    expect(file.admin).toEqual({ address: '127.0.0.1', port: 8060 });
    expect(file.tls.clientCertificates).toBe('none');
    expect(file.data).toBe('data');
  });
});

test('a configuration knows where its parts stand, or the nearest part around one that is not written', () => {
  const { placeOf } = parseConfiguration(`${minimal}tls: {certificate: a.pem, key: b.pem}\n`, 'x.yaml');
  expect(placeOf(['listeners', 0, 'address'])).toBe('x.yaml:6:14');
  expect(placeOf(['tls', 'key'])).toBe('x.yaml:7:32');
  expect(placeOf(['tls', 'ca'])).toBe('x.yaml:7:6');
});

describe('a configuration that does not fit', () => {
  test('names file, line, column, path and what was expected, everything at once and in order', () => {
    const text = `${minimal}
limit:
  messageSize: 3
subscribers:
  - user: alice
    password: 12
  - usr: bob
    password: secret
log:
  level: inof
`;
    expect(faultsOf(text)).toEqual([
      'switchhook.yaml:8:1: limit: is not a known key; did you mean limits?',
      'switchhook.yaml:12:15: subscribers[0].password: expected text, found a number; put it in quotes',
      'switchhook.yaml:13:5: subscribers[1].user: is missing; expected text',
      'switchhook.yaml:13:5: subscribers[1].usr: is not a known key; did you mean user?',
      'switchhook.yaml:16:10: log.level: expected one of debug, info, warn, error, silent; found "inof". Did you mean info?',
    ]);
  });

  test.each([
    ['domains: 5', 'switchhook.yaml:1:10: domains: expected a list, found 5'],
    ['', 'switchhook.yaml:1:1: domains: is missing; expected a list'],
    [
      `${minimal}tls: {certificate: a.pem}`,
      'switchhook.yaml:7:20: tls.certificate: needs its private key: add tls.key',
    ],
    [
      `${minimal}admin: {address: 10.0.0.1}`,
      'switchhook.yaml:7:18: admin.address: expected a loopback address, found "10.0.0.1"',
    ],
    [
      `${minimal}limits: {headerFields: 99999}`,
      'switchhook.yaml:7:24: limits.headerFields: expected 10000 or less, found 99999',
    ],
    [
      `${minimal}servers: {park: {slots: {first: 1, last: 10001}}}`,
      'switchhook.yaml:7:42: servers.park.slots.last: makes more than 10000 slots',
    ],
    [
      `${minimal}limits: {registration: {minimum: 4000}}`,
      'switchhook.yaml:7:24: limits.registration.default: 3600 is not between the minimum, 4000, and the maximum, 7200',
    ],
    [
      `${minimal}  - protocol: tcp\n    address: here`,
      'switchhook.yaml:8:14: listeners[1].address: expected an IP address, found "here"',
    ],
    [
      `${minimal}  - protocol: udp\n    address: 192.0.2.1`,
      'switchhook.yaml:7:5: listeners[1]: wants 192.0.2.1 port 5060, which listeners[0] has already',
    ],
    [
      `${minimal}  - protocol: udp\n    address: 0.0.0.0`,
      'switchhook.yaml:7:5: listeners[1]: wants 0.0.0.0 port 5060, which listeners[0] has already',
    ],
    [
      `${minimal}  - protocol: ws\n    address: 0.0.0.0\nadmin: {port: 8080}`,
      'switchhook.yaml:9:15: admin.port: wants 127.0.0.1 port 8080, which listeners[1] has already',
    ],
    [
      `${minimal}subscribers: [{user: 100, password: b}]`,
      'switchhook.yaml:7:22: subscribers[0].user: expected text, found 100; put it in quotes',
    ],
    [
      `${minimal}subscribers: [{user: a, password: b}, {user: a, password: c}]`,
      'switchhook.yaml:7:46: subscribers[1].user: a@example.com is there twice',
    ],
    [
      `${minimal}subscribers: [{user: a}]`,
      'switchhook.yaml:7:15: subscribers[0]: needs a password or credentials, one of the two',
    ],
    [
      `${minimal}authentication: {algorithms: [SHA-256, MD5]}\nsubscribers: [{user: a, credentials: {MD5: ${'a'.repeat(32)}}}]`,
      'switchhook.yaml:8:38: subscribers[0].credentials: needs a hash for each of authentication.algorithms: SHA-256',
    ],
    [
      `${minimal}subscribers: [{user: a, credentials: {}}]`,
      'switchhook.yaml:7:38: subscribers[0].credentials: needs a hash for each of authentication.algorithms: MD5',
    ],
    [
      `${minimal}subscribers: [{user: a, password: b, settings: {forward: {busy: '+1900'}, screening: {outgoing: {deny: ['+1900*']}}}}]`,
      'switchhook.yaml:7:65: subscribers[0].settings.forward.busy: he may not call "+1900" himself: "+1900*" is denied',
    ],
    [
      `${minimal}administrators: [alice, bob@other.example]`,
      'switchhook.yaml:7:25: administrators[1]: "other.example" is not among domains: example.com',
    ],
    [
      `${minimal}groups: [{user: g, domain: other.example, members: [a]}]`,
      'switchhook.yaml:7:28: groups[0].domain: "other.example" is not among domains: example.com',
    ],
    [
      `${minimal}tls: {certificate: a.pem, key: a.key, clientCertificates: ask}`,
      "switchhook.yaml:7:59: tls.clientCertificates: needs to know whose certificates count: add tls.ca, the authority that issues the clients' ones",
    ],
    [
      `${minimal}servers: {features: {codes: {doNotDisturb: {on: '*7', off: '*79'}}}}`,
      'switchhook.yaml:7:60: servers.features.codes.doNotDisturb.off: "*79" begins like "*7", which is doNotDisturb.on already',
    ],
    [
      `${minimal}servers: {features: {codes: {doNotDisturb: {on: '*72'}}}}`,
      'switchhook.yaml:7:49: servers.features.codes.doNotDisturb.on: "*72" is forwardAlways.on already',
    ],
    [
      `${minimal}servers: {features: {}}\ngroups: [{user: '*1', members: [a]}]`,
      'switchhook.yaml:8:17: groups[0].user: "*1" would be dialled like a code of servers.features',
    ],
    [
      `${minimal}servers: {features: {}}\ngateways: [{name: a, uri: 'sip:a', prefixes: ['*1']}]`,
      'switchhook.yaml:8:47: gateways[0].prefixes[0]: "*1" begins with a star, which is for the codes of servers.features',
    ],
    [
      `${minimal}gateways: [{name: a, uri: 'sip:192.0.2.1', prefixes: ['1']}]`,
      'switchhook.yaml:7:27: gateways[0].uri: "sip:192.0.2.1" is this exchange itself',
    ],
    [
      `${minimal}groups: [{user: g, members: [a, g]}]`,
      'switchhook.yaml:7:33: groups[0].members[1]: "g" is the group itself',
    ],
    [
      `${minimal}servers: {park: {mayPark: []}}`,
      'switchhook.yaml:7:27: servers.park.mayPark: expected at least 1 entry, found an empty list',
    ],
    [`${minimal}data: a\ndata: b`, 'switchhook.yaml:8:1: is not YAML: this key is there already'],
    [
      `${minimal}---\ndata: b`,
      'switchhook.yaml:7:1: is not YAML: a second document begins here; a configuration is one, without "---" in it',
    ],
    [
      `${minimal}data: !!js/function "x"`,
      'switchhook.yaml:7:7: is not YAML: Unresolved tag: tag:yaml.org,2002:js/function',
    ],
    [`${minimal}data: "a\\0b"`, 'switchhook.yaml:7:7: data: expected the path of a file, found "a\\u0000b"'],
    [`${minimal}data: *nowhere`, 'switchhook.yaml:7:7: is not YAML: nothing before has the anchor &nowhere'],
    [
      `a: &a [${'1,'.repeat(9)}1]\n${['b', 'c', 'd'].map((name, i) => `${name}: &${name} [${`*${'abcd'.charAt(i)},`.repeat(10)}]\n`).join('')}`,
      'switchhook.yaml:1:1: is not YAML: Excessive alias count indicates a resource exhaustion attack',
    ],
    ['x'.repeat(200), `switchhook.yaml:1:1: expected a mapping (key: value), found "${'x'.repeat(60)}…"`],
    [`${minimal}data: "a`, 'switchhook.yaml:7:9: is not YAML: Missing closing "quote'],
  ])('%j', (text, expected) => {
    expect(faultsOf(text)).toContain(expected);
  });

  test.each([
    ['forward: {always: "sip:a@192.0.2.1:5060"}', 'forward.always: he would forward to himself'],
    ['forward: {busy: "sips:%61@EXAMPLE.com"}', 'forward.busy: he would forward to himself'],
    ['forward: {always: "*78"}', 'forward.always: "*78" is no address to call: nobody is there'],
    ['findMe: {places: [b, g]}', 'findMe.places[1]: "g" is a group or a server, and nobody is found there'],
    ['findMe: {places: ["705"]}', 'findMe.places[0]: "705" is a group or a server, and nobody is found there'],
  ])('settings %j are refused', (settings, fault) => {
    const others = 'servers: {park: {}, features: {}}\ngroups: [{user: g, members: [a]}]\n';
    const text = `${minimal}${others}subscribers: [{user: a, password: b, settings: {${settings}}}]`;
    expect(faultsOf(text).map((each) => each.replace(/^[^ ]* /, ''))).toEqual([`subscribers[0].settings.${fault}`]);
  });

  test('never repeats a secret', () => {
    const text = `${minimal}subscribers: [{user: a, credentials: {MD5: geheim}}]`;
    expect(faultsOf(text).join()).toContain('32 hexadecimal digits');
    expect(faultsOf(text).join()).not.toContain('geheim');
  });

  test('that is nested too deeply says so', () => {
    const [fault] = faultsOf(`${minimal}data: ${'['.repeat(100_000)}`);
    expect(fault).toMatch(/^switchhook\.yaml:7:\d+: is not YAML: it is nested too deeply$/);
  });

  test.each([
    ['ISO 8859-1', Buffer.from(`${minimal}subscribers: [{user: a, password: p\u00e4ssword}]\n`, 'latin1'), '7:36'],
    ['UTF-16', Buffer.from(`\u{FEFF}${minimal}`, 'utf16le'), '1:1'],
  ])('that is %s says so, and where: its passwords would be others', (_encoding, bytes, place) => {
    const folder = mkdtempSync(join(tmpdir(), 'switchhook-configuration-'));
    const file = join(folder, 'x.yaml');
    try {
      writeFileSync(file, bytes);
      expect(() => readConfigurationFile(file)).toThrow(`x.yaml:${place}: holds a character that is not UTF-8`);
      writeFileSync(file, `\u{FEFF}${minimal}subscribers: [{user: a, password: p\u00e4ssword}]\n`);
      expect(readConfigurationFile(file).contents.subscribers).toMatchObject([{ password: 'p\u00e4ssword' }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('that is not there says so', () => {
    expect(() => readConfigurationFile('/nonexistent/switchhook.yaml')).toThrow(
      '/nonexistent/switchhook.yaml: there is no such file',
    );
  });
});
