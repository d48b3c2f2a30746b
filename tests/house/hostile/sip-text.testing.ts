import { createHash, randomBytes } from 'node:crypto';

/** SIP by hand: what an attacker sends is not made by the library that he attacks. */

export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  readonly from?: string;
  readonly fromTag?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly branch?: string;
  /** The whole Via field, instead of one with `sentBy` and `branch`. */
  readonly via?: string;
  readonly transport?: string;
  readonly sentBy?: string;
  /** Whole lines, without line ends. */
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly maxForwards?: number;
}

export const token = (): string => randomBytes(8).toString('hex');

/** Stands for everybody who has no account here. */
const strangersUri = 'sip:mallory@elsewhere.invalid';

export function requestText(parts: RequestParts): string {
  const { method, uri, from = strangersUri, body = '' } = parts;
  const { transport = 'UDP', sentBy = 'mallory.invalid', branch = `z9hG4bK${token()}` } = parts;
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: ${parts.via ?? `SIP/2.0/${transport} ${sentBy};rport;branch=${branch}`}`,
    `Max-Forwards: ${parts.maxForwards ?? 70}`,
    `From: <${from}>;tag=${parts.fromTag ?? token()}`,
    `To: ${parts.to ?? `<${uri}>`}`,
    `Call-ID: ${parts.callId ?? token()}`,
    `CSeq: ${parts.cseq ?? 1} ${method}`,
    ...(parts.headers ?? []),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

/** The answer to a request that came, over whatever brought it. */
export function responseText(request: string, status: number, toTag: string, headers: readonly string[] = []): string {
  const copied = ['Via', 'Record-Route', 'From', 'Call-ID', 'CSeq'].flatMap((name) =>
    headersOf(request, name).map((value) => `${name}: ${value}`),
  );
  const to = headerOf(request, 'To');
  return [
    `SIP/2.0 ${status} Whatever`,
    ...copied,
    `To: ${to.includes('tag=') ? to : `${to};tag=${toTag}`}`,
    ...headers,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

export function headersOf(text: string, name: string): string[] {
  const head = text.slice(0, text.indexOf('\r\n\r\n'));
  return head
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 1).trim());
}

/** The first value of a header field; empty when there is none. */
export const headerOf = (text: string, name: string): string => headersOf(text, name)[0] ?? '';

/** The status of a response, 0 for a request. */
export const statusOf = (text: string): number => Number(/^SIP\/2\.0 (\d{3}) /.exec(text)?.[1] ?? 0);

export const methodOf = (text: string): string => /^([A-Z]+) /.exec(text)?.[1] ?? '';

export const branchOf = (text: string): string => /branch=([^;,\s]+)/.exec(headerOf(text, 'Via'))?.[1] ?? '';

export const uriIn = (value: string): string => /<([^>]*)>/.exec(value)?.[1] ?? '';

/** What a challenge says for one algorithm. */
export interface ChallengeParts {
  readonly realm: string;
  readonly nonce: string;
  readonly stale: boolean;
}

export function challengeOf(response: string, algorithm = 'MD5'): ChallengeParts {
  const values = [...headersOf(response, 'WWW-Authenticate'), ...headersOf(response, 'Proxy-Authenticate')];
  const value = values.find((each) => each.includes(`algorithm=${algorithm},`) || each.endsWith(`=${algorithm}`)) ?? '';
  return {
    realm: /realm="([^"]*)"/.exec(value)?.[1] ?? '',
    nonce: /nonce="([^"]*)"/.exec(value)?.[1] ?? '',
    stale: /stale=true/i.test(value),
  };
}

export interface AnswerParts {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly challenge: Pick<ChallengeParts, 'realm' | 'nonce'>;
  readonly nonceCount?: number;
  /** What the line says the algorithm is. */
  readonly algorithm?: string;
}

/** The value of an Authorization field (RFC 7616 3.4), made with MD5 whatever it says. */
export function digestAnswer(parts: AnswerParts): string {
  const { username, password, method, uri, challenge, nonceCount = 1, algorithm = 'MD5' } = parts;
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const cnonce = token();
  const count = nonceCount.toString(16).padStart(8, '0');
  const secret = md5(`${username}:${challenge.realm}:${password}`);
  const response = md5(`${secret}:${challenge.nonce}:${count}:${cnonce}:auth:${md5(`${method}:${uri}`)}`);
  return (
    `Digest username="${username}", realm="${challenge.realm}", nonce="${challenge.nonce}", uri="${uri}", ` +
    `response="${response}", algorithm=${algorithm}, qop=auth, nc=${count}, cnonce="${cnonce}"`
  );
}
