import { SyntaxFault } from '../../fault.ts';
import { isAll, TOKEN } from '../../characters.ts';
import { quote } from '../../quoted-string.ts';
import { Scanner } from './scanner.ts';
import { printToken } from '../../printing.ts';

/** Parameters of a challenge or of credentials: names in lower case, values without their quotes. */
export type AuthenticationParameters = ReadonlyMap<string, string>;

/** A scheme and its parameters: a challenge or credentials of any scheme (RFC 3261 25.1, RFC 7616). */
export interface Authentication {
  /** As it came; schemes are compared without regard to case. */
  readonly scheme: string;
  readonly parameters: AuthenticationParameters;
}

/** Parameters that RFC 7616 3.3 to 3.5 write without quotes; all others are written with them. */
const unquotedInChallenge: ReadonlySet<string> = new Set(['algorithm', 'stale', 'userhash', 'charset']);
const unquotedInCredentials: ReadonlySet<string> = new Set(['algorithm', 'nc', 'qop', 'userhash', 'username*']);

export function parseAuthentication(text: string): Authentication | SyntaxFault {
  const scanner = new Scanner(text);
  const scheme = scanner.token();
  if (scheme === '') return scanner.fault('the authentication scheme is missing');
  if (!scanner.skipSpace()) return scanner.fault('parameters of the authentication are missing');
  const parameters = scanParameters(scanner);
  return parameters instanceof SyntaxFault ? parameters : { scheme, parameters };
}

export function parseAuthenticationParameters(text: string): AuthenticationParameters | SyntaxFault {
  const scanner = new Scanner(text);
  return scanParameters(scanner);
}

function scanParameters(scanner: Scanner): AuthenticationParameters | SyntaxFault {
  const parameters = new Map<string, string>();
  do {
    const start = scanner.position;
    const name = scanner.token().toLowerCase();
    if (name === '' || !scanner.accept('=')) return scanner.fault('a parameter of the form name=value is missing');
    if (parameters.has(name)) return new SyntaxFault(`the parameter ${name} comes twice`, start);
    const value = scanner.sees('"') ? scanner.quotedString() : scanner.token();
    if (value instanceof SyntaxFault) return value;
    if (value === '' && scanner.text[scanner.position - 1] !== '"') return scanner.fault(`${name} has no value`);
    parameters.set(name, value);
  } while (scanner.accept(','));
  return scanner.end(parameters);
}

export function printChallenge(challenge: Authentication): string {
  return `${printToken(challenge.scheme, 'a scheme')} ${print(challenge.parameters, unquotedInChallenge)}`;
}

export function printCredentials(credentials: Authentication): string {
  return `${printToken(credentials.scheme, 'a scheme')} ${printCredentialParameters(credentials.parameters)}`;
}

export function printCredentialParameters(parameters: AuthenticationParameters): string {
  return print(parameters, unquotedInCredentials);
}

function print(parameters: AuthenticationParameters, unquoted: ReadonlySet<string>): string {
  const texts: string[] = [];
  for (const [name, value] of parameters) {
    texts.push(
      `${printToken(name, 'a parameter name')}=${unquoted.has(name) && isAll(value, TOKEN) ? value : quote(value)}`,
    );
  }
  return texts.join(', ');
}
