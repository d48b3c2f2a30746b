/** What ERRATA.md has a correct implementation send, as changes to the printed messages: flow, message, from, to. */
type Change = readonly [f: string, from: string | RegExp, to: string];

const contentLength: readonly [RegExp, string] = [/Content Length: ?0/, 'Content-Length: 0'];
const scheme: readonly [RegExp, string] = [/<alice@atlanta/, '<sips:alice@atlanta'];

/** What a challenge does not have (E2.13-06). */
const challenged: readonly [RegExp, string] = [/qop="auth", nc=00000001, cnonce="0a4f113b",/, 'qop="auth",'];

/** Credentials for a nonce that was issued, with what qop needs (E2.13-07, E2.13-08, E2.14-01). */
function credentials(nonce: string): readonly [RegExp, string] {
  const known = `username="alice", realm="example.com", nonce="${nonce}", uri="sips:bob@biloxi.example.com"`;
  return [
    /Proxy-Authorization:.*(\r\n[ \t].*)*/,
    `Proxy-Authorization: Digest ${known}, response="0", qop=auth, nc=00000001, cnonce="0a4f113b"`,
  ];
}

/** By flow; each line is one erratum, or what follows from it. */
const amendments: Readonly<Record<string, readonly Change[]>> = {
  '2.1': [
    ['F4', ...contentLength],
    ['F5', ...contentLength],
    // E2.1-01
    ['F11', /branch=z9hG4bK83749\.1/, 'branch=z9hG4bK83749.2'],
    ['F12', /branch=z9hG4bK83749\.1/, 'branch=z9hG4bK83749.2'],
    ['F15', /branch=z9hG4bK83749\.1/, 'branch=z9hG4bK83749.3'],
  ],
  '2.2': [
    ['F4', ...contentLength],
    ['F5', ...contentLength],
    ['F19', ...contentLength],
    ['F20', ...contentLength],
    // E2.2-01
    ['F19', '9876543210@atlanta', '9876543210@biloxi'],
    // E2.2-02
    ['F20', 'received=client.chicago.example.com', 'received=192.0.2.105'],
    // E2.2-03: neither the ACK nor its copy has them
    ['F14', /Allow:.*\r\nSupported:.*\r\n/, ''],
    [
      'F29',
      /Content-Type/,
      'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY\r\nSupported: replaces\r\nContent-Type',
    ],
    // E2.2-04
    ['F34', /branch=z9hG4bK8374\.1/, 'branch=z9hG4bK8374.2'],
  ],
  '2.3': [
    // E2.3-01
    ...['F5', 'F7', 'F19', 'F21'].map((f): Change => [f, /\r\nFrom:/, '\r\nMax-Forwards: 70\r\nFrom:']),
    // E2.3-02
    ['F19', /\r\nReplaces:/, '\r\nRequire: replaces\r\nReplaces:'],
  ],
  '2.4': [
    // E2.4-02
    ['F5', ...scheme],
    ['F11', ...scheme],
    // E2.4-03
    ['F16', 'branch=z9hG4bKnashds6', 'branch=z9hG4bKnashds67'],
  ],
  '2.5': [
    ['F12', '289084834 ', '28908445834 '],
    ['F25', 'z9hG4bK74bf9', 'z9hG4bK74bf2N'],
  ],
  '2.6': [
    // E2.6-01, E2.6-02
    ['F5', '12345600@', '12345600%40'],
    ['F5', /to-tag%3D3145678%3Bfrom-tag%3D1234567/, 'to-tag%3D1234567%3Bfrom-tag%3D3145678'],
    ['F7', /to-tag=3145678;from-tag=1234567/, 'to-tag=1234567;from-tag=3145678'],
    ['F6', /Contact:.*\r\n/, ''],
  ],
  '2.7': [
    ['F5', ...contentLength],
    ['F6', ...contentLength],
  ],
  '2.8': [],
  '2.9': [],
  '2.10': [
    // E2.10-01
    ['F9', 'SIP/2.0 200 OK', 'SIP/2.0 180 Ringing'],
    ['F6', 'branch=z9hG4bKnashds7', 'branch=z9hG4bKnashds'],
  ],
  '2.11': [
    ['F6', /received=\S*/, 'received=192.0.2.113'],
    ['F10', /received=\S*/, 'received=192.0.2.113'],
  ],
  // E2.12-01 and E2.12-02
  '2.12': ['F1', 'F2'].map((f): Change => [f, 't= 0 0', 't=0 0']),
  '2.13': [
    // E2.13-03
    ['F2', '<sips:ss1.example.com>', '<sips:ss1.example.com;lr>'],
    ['F4', '<sips:ss1.example.com>', '<sips:ss1.example.com;lr>'],
    // E2.13-04, E2.13-05
    ...['F6', 'F7', 'F9'].map((f): Change => [f, /\r\nFrom:/, '\r\nRoute: <sips:ss1.example.com;lr>\r\nFrom:']),
    // E2.13-06
    ['F5', ...challenged],
    // E2.13-07, E2.13-08
    ['F7', ...credentials('ea9c8e88df84f1cec4341ae6cbe5a359')],
    ['F9', ...credentials('ea9c8e88df84f1cec4341ae6cbe5a359')],
  ],
  '2.14': [
    ['F2', ...challenged],
    ['F4', ...credentials('ea9c8e88df84f1cec4341ae6cbe5a359')],
    ['F6', ...credentials('ea9c8e88df84f1cec4341ae6cbe5a359')],
  ],
  '2.15': [
    // E2.15-05
    ['F1', 'client.alice.example.com', 'client.atlanta.example.com'],
    // E2.15-06
    ['F4', 'z9hG4bKnashds7', 'z9hG4bKnashds7b'],
    ['F12', 'z9hG4bKnashds7', 'z9hG4bKnashds7c'],
    ['F13', 'z9hG4bKnashds7', 'z9hG4bKnashds7c'],
    // E2.15-01
    ['F16', 'SUBSCRIBE sips:bob@biloxi.example.com', 'SUBSCRIBE sips:park@server.example.com'],
    // E2.15-03, E2.15-08
    ['F17', /\s*;\+sip\.rendering="no"/, '\r\nExpires: 0'],
    // E2.15-02
    ['F18', 'carol@client.example.com', 'carol@client.chicago.example.com'],
    // E2.15-07
    ['F20', 'sips:alice@atlanta.example.com SIP', 'sips:a8342043f@atlanta.example.com;gr SIP'],
  ],
  '2.16': [
    // E2.16-03
    ['F4', 'Max-Forwards: 70', 'Contact: <sips:bob@client.biloxi.example.com>\r\nExpires: 0'],
    // E2.16-02
    ['F5', 'a8342043@', 'a8342043f@'],
    // E2.16-01
    ['F7', 'from-tag=314578', 'from-tag=3145678'],
    // E2.16-04
    ['F12', 'sips:bob@client.biloxi.example.com', 'sips:bob@biloxi.example.com'],
    ['F12', 'z9hG4bK83749.1', 'z9hG4bK74bf9'],
  ],
  '2.17': [
    // E2.17-02
    ['F8', 'NOTIFY sips:alice@atlanta', 'NOTIFY sips:alice@client.atlanta'],
    // E2.17-03
    ['F8', 'version="0"', 'version="1"'],
    ['F14', 'version="0"', 'version="2"'],
    ['F18', 'version="0"', 'version="3"'],
    // E2.17-01
    ['F16', /To: .*/, 'To: Bob <sips:bob@biloxi.example.com>;tag=341123'],
  ],
  '2.18': [
    // E2.18-01
    ['F2', 'client.biloxi.example.com:5061', 'pc.biloxi.example.com:5061'],
    // E2.18-02
    ['F1', /Refer-Sub/, 'Referred-By: <sips:pc.biloxi.example.com>\r\nRefer-Sub'],
  ],
};

/** The printed text as ERRATA.md would have it. Throws when an amendment finds nothing to amend. */
export function amend(flow: string): (text: string, f: string) => string {
  return (text, f) => {
    let amended = text;
    for (const [of, from, to] of amendments[flow] ?? []) {
      if (of !== f) continue;
      const next = amended.replace(from, to);
      if (next === amended) throw new Error(`${flow} ${f}: nothing to amend: ${String(from)}`);
      amended = next;
    }
    return amended;
  };
}
