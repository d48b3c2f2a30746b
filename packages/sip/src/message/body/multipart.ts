import { SwitchhookError } from '../../error.ts';
import { SyntaxFault } from '../fault.ts';
import { BodyPart } from './body-part.ts';
import { parseHeaderBlock } from './header-fields.ts';
import { checkBody } from '../printing.ts';

/** A body nested deeper is refused: each level is read once more, so this keeps the work linear. */
export const maximumDepth = 8;

/** RFC 2046 5.1.1 `boundary`: up to 70 characters, the last no space. */
const boundaryShape = /^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/;

/** The parts of a multipart body in their order; none when it is of another type. */
export function partsOf(body: BodyPart): readonly BodyPart[] | SyntaxFault {
  const type = body.contentType;
  if (type instanceof SyntaxFault) return type;
  return type.type === 'multipart' ? parseMultipart(body.content, type.parameters?.get('boundary') ?? '') : [];
}

/** The parts that hold no others, depth first; the body itself when it is not multipart (RFC 5621 4.2). */
export function leavesOf(body: BodyPart): readonly BodyPart[] | SyntaxFault {
  const leaves: BodyPart[] = [];
  return collectLeaves(body, leaves, 0) ?? leaves;
}

/** The part that is wanted: the first one, but of alternatives the last, which is the best (RFC 2046 5.1.4). */
export function bestOf(body: BodyPart, isWanted: (part: BodyPart) => boolean, depth = 0): BodyPart | undefined {
  if (!body.is('multipart')) return isWanted(body) ? body : undefined;
  const parts = depth < maximumDepth ? partsOf(body) : [];
  if (parts instanceof SyntaxFault) return undefined;
  for (const part of body.is('multipart', 'alternative') ? [...parts].reverse() : parts) {
    const best = bestOf(part, isWanted, depth + 1);
    if (best !== undefined) return best;
  }
  return undefined;
}

function collectLeaves(body: BodyPart, leaves: BodyPart[], depth: number): SyntaxFault | undefined {
  if (!body.is('multipart')) {
    leaves.push(body);
    return undefined;
  }
  if (depth >= maximumDepth) return new SyntaxFault('multipart bodies are nested too deep');
  const parts = partsOf(body);
  if (parts instanceof SyntaxFault) return parts;
  for (const part of parts) {
    const fault = collectLeaves(part, leaves, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Reads a multipart body (RFC 2046 5.1.1). What stands before the first boundary and after the last is passed over. */
function parseMultipart(content: string, boundary: string): readonly BodyPart[] | SyntaxFault {
  if (!boundaryShape.test(boundary)) return new SyntaxFault('the multipart boundary is missing or malformed');
  const parts: BodyPart[] = [];
  let delimiter = findDelimiter(content, boundary, 0);
  if (delimiter === undefined) return new SyntaxFault('the first multipart boundary is missing');
  while (!delimiter.isLast) {
    const next = findDelimiter(content, boundary, delimiter.end);
    if (next === undefined) return new SyntaxFault('the last multipart boundary is missing', content.length);
    const part = parsePart(content.slice(delimiter.end, Math.max(delimiter.end, next.start)));
    if (part instanceof SyntaxFault) return new SyntaxFault(part.reason, delimiter.end + part.offset);
    parts.push(part);
    delimiter = next;
  }
  return parts;
}

/** Writes a multipart body. Throws when a part holds the boundary, so it is best random. */
export function printMultipart(parts: readonly BodyPart[], boundary: string): string {
  const isTaken = parts.some((part) => part.content.includes(`--${boundary}`));
  if (isTaken || !boundaryShape.test(boundary)) {
    throw new SwitchhookError('invalid-header-value', 'a part holds the multipart boundary, or it is malformed');
  }
  const printed = parts.map((part) => `--${boundary}\r\n${part.headerFields.toString()}\r\n${part.content}\r\n`);
  return checkBody(`${printed.join('')}--${boundary}--\r\n`);
}

interface Delimiter {
  /** Where the line end before it starts: that belongs to the delimiter, not to the part. */
  readonly start: number;
  readonly end: number;
  readonly isLast: boolean;
}

function findDelimiter(content: string, boundary: string, from: number): Delimiter | undefined {
  const dashed = `--${boundary}`;
  for (let found = content.indexOf(dashed, from); found >= 0; found = content.indexOf(dashed, found + 1)) {
    if (found > 0 && !content.startsWith('\r\n', found - 2)) continue;
    const after = found + dashed.length;
    const start = Math.max(found - 2, 0);
    if (content.startsWith('--', after)) return { start, end: after + 2, isLast: true };
    let lineEnd = after;
    while (content[lineEnd] === ' ' || content[lineEnd] === '\t') lineEnd++;
    if (content.startsWith('\r\n', lineEnd)) return { start, end: lineEnd + 2, isLast: false };
  }
  return undefined;
}

function parsePart(text: string): BodyPart | SyntaxFault {
  const block = parseHeaderBlock(text, 0);
  if (block instanceof SyntaxFault) return block;
  return new BodyPart(block.headerFields, block.bodyStart === undefined ? '' : text.slice(block.bodyStart));
}
