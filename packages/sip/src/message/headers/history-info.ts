import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { NameAddr } from '../name-addr.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';
import { refused } from '../printing.ts';

/** How a target came to be: by a change of user (`rc`), by mapping to another user (`mp`), or unchanged (`np`). */
type TargetKind = 'rc' | 'mp' | 'np';

export interface HistoryInfo {
  /** Where the request was sent to, with the parameters that RFC 7044 does not define. */
  readonly address: NameAddr;
  /** The place in the tree of forwardings, like `1.2.1`. */
  readonly index: string;
  /** What kind of target this is, and the index of the entry that it was made from. */
  readonly target?: { readonly kind: TargetKind; readonly index: string } | undefined;
}

/** History-Info (RFC 7044 5): where the request has been on its way. */
export const HistoryInfo: HeaderType<HistoryInfo> = { name: 'History-Info', list: true, parse, print };

const indexShape = /^\d+(?:\.\d+)*$/;

function parse(text: string): HistoryInfo | SyntaxFault {
  const address = NameAddr.parse(text);
  if (address instanceof SyntaxFault) return address;
  const known = new KnownParameters(address.parameters);
  const index = known.required('index');
  const target = takeTarget(known);
  if (known.fault !== undefined) return known.fault;
  if (!indexShape.test(index) || (target !== undefined && !indexShape.test(target.index))) {
    return new SyntaxFault('an index is not numbers with dots between them');
  }
  return { address: address.with({ parameters: known.rest }), index, target };
}

function takeTarget(known: KnownParameters): HistoryInfo['target'] {
  const kinds: readonly TargetKind[] = ['rc', 'mp', 'np'];
  const kind = kinds.find((each) => known.rest.has(each));
  return kind === undefined ? undefined : { kind, index: known.required(kind) };
}

function print({ address, index, target }: HistoryInfo): string {
  for (const each of [index, target?.index ?? index]) if (!indexShape.test(each)) throw refused('an index', each);
  return address.toString() + printParameters({ index, ...(target !== undefined && { [target.kind]: target.index }) });
}
