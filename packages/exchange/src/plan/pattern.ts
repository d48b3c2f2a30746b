import { canonicalHost, encodeUtf8, parseUri, SipUri, SyntaxFault, TelUri } from '@switchhook/sip';

/** Somebody who calls or is called, as far as it is proved or certain. */
export interface Party {
  /** `user@domain`; undefined for a caller who has proved nothing, and for a number of no domain. */
  readonly address: string | undefined;
  /** The telephone number, without separators, where there is one. */
  readonly number: string | undefined;
  /** What else leads there, or may well: a denial of that is one of him, and an allowance of it is none. */
  readonly byways?: Byways;
}

/** Other ways to write where a call goes. */
export interface Byways {
  /** In lower case, for other domains may not tell one case from another. */
  readonly addresses: readonly string[];
  readonly numbers: readonly string[];
}

/** Whom an entry of a list means. */
export interface Pattern {
  readonly text: string;
  /** The same for whatever means the same. */
  readonly key: string;
  /** How much it says: of two that fit, the higher one decides. */
  readonly weight: number;
  /** Where it means one address or number alone: whoever has none of these is not meant. */
  readonly spellings: readonly string[];
  fits(party: Party): boolean;
  /** Whether it fits, or would if he were written in another way. */
  covers(party: Party): boolean;
}

/** What callers are who have proved nothing, in a list. */
const anonymous = 'anonymous';

/** More than all the characters that a pattern may have. */
const exactWeight = 1_000;
const mostWildcards = 4;
const separators = /[-.() ]/g;
/** A name or an address, with asterisks; a port says nothing about who somebody is. */
const hostSyntax = /^[\w*-][\w*.-]*$|^\[[\da-f:.*]+\]$/;
/** Spaces between digits are how people write numbers. */
const numberSpaces = /(?<=[\d)]) (?=[\d(])/g;

/**
 * Reads a pattern of a subscriber of `domain`: `bob@example.net` or a URI for one address, `bob` for one of his own domain,
 * `@example.net` for a domain, `+1900*` for numbers that begin so, `*` anywhere for anything, `anonymous` for callers who
 * have not proved who they are.
 */
export function readPattern(text: string, domain: string): Pattern | SyntaxFault {
  const written = text.trim();
  if (written.toLowerCase() === anonymous) {
    const fits = ({ address, number }: Party): boolean => address === undefined && number === undefined;
    return { text, key: anonymous, weight: 1, spellings: [], fits, covers: fits };
  }
  if (written === '' || /[\s<>"\p{Cc}]/u.test(written.replace(numberSpaces, ''))) {
    return new SyntaxFault('neither an address nor a number');
  }
  const shape = shapeOf(written, domain);
  if (shape instanceof SyntaxFault) return shape;
  // Every domain has a dot.
  if (!/[^*@.]/.test(shape.glob)) return new SyntaxFault('it would fit everybody');
  const literal = shape.glob.replace(/[*@]/g, '');
  const parts = shape.glob.split('*');
  if (parts.length > mostWildcards + 1) return new SyntaxFault(`more than ${String(mostWildcards)} asterisks`);
  const weight = literal.length + (parts.length === 1 ? exactWeight : 0);
  const fits = (party: Party): boolean => matches(parts, shape.isNumber ? party.number : party.address);
  const anyCase = parts.map((part) => part.toLowerCase());
  const covers = (party: Party): boolean =>
    fits(party) ||
    (shape.isNumber
      ? party.byways?.numbers.some((number) => matches(parts, number))
      : party.byways?.addresses.some((address) => matches(anyCase, address))) === true;
  return { text, key: shape.glob, weight, spellings: parts.length === 1 ? [...parts, ...anyCase] : [], fits, covers };
}

interface Shape {
  readonly glob: string;
  readonly isNumber: boolean;
}

function shapeOf(text: string, domain: string): Shape | SyntaxFault {
  if (/^(?:sips?|tel):/i.test(text)) return ofUri(text);
  if (text.includes('@')) {
    const at = text.lastIndexOf('@');
    const user = at === 0 ? '*' : text.slice(0, at);
    const host = text.slice(at + 1).toLowerCase();
    if (user.includes('@') || !hostSyntax.test(host)) return new SyntaxFault('what is behind the @ is no domain');
    return { glob: `${encodeUtf8(user)}@${canonicalHost(host)}`, isNumber: false };
  }
  if (/^\+?[\d*.() -]*$/.test(text)) {
    const glob = text.replace(separators, '');
    return glob === '+' ? new SyntaxFault('a number is missing') : { glob, isNumber: true };
  }
  return { glob: `${encodeUtf8(text)}@${domain}`, isNumber: false };
}

function ofUri(text: string): Shape | SyntaxFault {
  const uri = parseUri(text);
  if (uri instanceof SyntaxFault) return uri;
  if (uri instanceof TelUri) return { glob: uri.digits, isNumber: true };
  if (!(uri instanceof SipUri)) return new SyntaxFault('neither an address nor a number');
  return { glob: `${uri.user ?? '*'}@${canonicalHost(uri.host)}`, isNumber: false };
}

/** Whether a text is the parts in their order, with anything in between; in time that grows with its length alone. */
function matches(parts: readonly string[], text: string | undefined): boolean {
  if (text === undefined) return false;
  const [first = ''] = parts;
  if (parts.length === 1) return text === first;
  const last = parts.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from);
    if (found < 0 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}
