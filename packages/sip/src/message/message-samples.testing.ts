/** An INVITE with what makes reading hard: compact forms, folding, lists, quotes, a body. */
export const invite = [
  'INVITE sip:bob@biloxi.example.com;transport=tcp SIP/2.0',
  'Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bK776asdhds;rport, SIP/2.0/TCP [2001:db8::1]:5061;branch=z9hG4bKx',
  'v: SIP/2.0/TLS far.example.com;branch=z9hG4bKy',
  'Max-Forwards: 70',
  'Route: <sip:p1.example.com;lr>,',
  '\t<sip:p2.example.com;lr>',
  'To: "Bob, \\"B\\"" <sip:bob@biloxi.example.com>',
  'f : Alice <sip:alice@atlanta.example.com>;',
  '  tag=1928301774',
  'Call-ID: a84b4c76e66710@pc33.atlanta.example.com',
  'CSeq: 314159 INVITE',
  'm: <sip:alice@pc33.atlanta.example.com>',
  'X-Unknown:  kept   as it came  ',
  '__proto__: harmless',
  'c: text/plain',
  'l: 4',
  '',
  'body',
].join('\r\n');

/** A response to it. */
export const ringing = [
  'SIP/2.0 180 Ringing far away',
  'Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bK776asdhds;received=192.0.2.1',
  'To: <sip:bob@biloxi.example.com>;tag=a6c85cf',
  'From: Alice <sip:alice@atlanta.example.com>;tag=1928301774',
  'Call-ID: a84b4c76e66710@pc33.atlanta.example.com',
  'CSeq: 314159 INVITE',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');
