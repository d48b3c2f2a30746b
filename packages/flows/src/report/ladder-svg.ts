import type { Report } from '../checker/finding.ts';
import { ladderEntries } from '../ladder/ladder-entries.ts';
import type { LadderEntry } from '../ladder/ladder-entries.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { Markup, markup, nothing, readable } from './markup.ts';

/** Sizes in pixels of the picture's own scale. */
const timeWidth = 62;
const columnWidth = 196;
/** For a tick alone, and for the rules that are broken. */
const tickWidth = 44;
const crossWidth = 180;
const headHeight = 46;
const rowHeight = 34;
const phaseHeight = 36;
const footHeight = 40;
const nameHeight = 28;
/** Half the distance of a double line. */
const gap = 2.5;
const headLength = 9;
/** A longer label ends in an ellipsis. */
const longestLabel = 34;

/** The colours of a picture that stands alone, by day and by night; a page has its own. */
const fileStyle = `
.ladder { --paper: #fffdf9; --ink: #22201c; --soft: #615c52; --line: #cfc8ba; --sound: #1d6fa5; --good: #1e7b4a; --bad: #b3261e; --chip: #f4efe5; }
@media (prefers-color-scheme: dark) {
  .ladder { --paper: #17181b; --ink: #ece9e2; --soft: #aaa598; --line: #4a4c53; --sound: #6fb7ea; --good: #6fce97; --bad: #ff8a80; --chip: #222429; }
}`;

/** How lines of a ladder look; the page that holds one has it in its own style. */
export const ladderStyle = `
.ladder text { font: 13px/1 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: var(--ink); }
.ladder .time { font-size: 11.5px; fill: var(--soft); text-anchor: end; font-variant-numeric: tabular-nums; }
.ladder .phase { font-style: italic; font-size: 12.5px; fill: var(--soft); }
.ladder .phase-line { stroke: var(--line); stroke-width: 1; }
.ladder .name { font-weight: 600; text-anchor: middle; }
.ladder .name-box { fill: var(--chip); stroke: var(--line); }
.ladder .life { stroke: var(--line); stroke-width: 1.5; }
.ladder .label { text-anchor: middle; paint-order: stroke; stroke: var(--paper); stroke-width: 5px; stroke-linejoin: round; }
.ladder .number { font-weight: 700; }
.ladder .arrow { stroke: var(--ink); stroke-width: 1.5; }
.ladder .head { fill: var(--ink); }
.ladder .sound { stroke: var(--sound); stroke-width: 2; }
.ladder .sound-head { fill: var(--sound); }
.ladder .sound-label { fill: var(--sound); font-weight: 600; }
.ladder .silence { fill: var(--soft); font-style: italic; }
.ladder .wrong .arrow { stroke: var(--bad); }
.ladder .wrong .head { fill: var(--bad); }
.ladder .missing .arrow { stroke-dasharray: 2 5; }
.ladder .verdict { font-weight: 700; fill: var(--good); }
.ladder .wrong .verdict { fill: var(--bad); }
.ladder .hit { fill: transparent; }
.ladder a:hover .hit, .ladder a:focus-visible .hit { fill: var(--chip); }
.ladder a:focus-visible { outline: 2px solid var(--sound); outline-offset: -1px; }
`;

/**
 * The ladder of a play as a picture: lifelines, an arrow for each message with its number, and a tick or a cross; double lines for RTP
 * with the direction in which it went. In a page, each message leads to the part of the page that is about it.
 */
export function ladderSvg(report: Report, place: 'page' | 'file'): Markup {
  const { flow } = report;
  const begin = report.messages[0]?.time ?? 0;
  const entries = ladderEntries(report);
  const width =
    timeWidth +
    flow.elements.length * columnWidth +
    (entries.some(({ failures }) => failures.length > 0) ? crossWidth : tickWidth);
  const rows: Markup[] = [];
  const phases = new Set<string>();
  let y = headHeight + 14;
  for (const entry of entries) {
    const phase = phaseOf(flow, entry.f);
    if (phase !== undefined && entry.kind !== 'silence' && !phases.has(phase)) {
      phases.add(phase);
      rows.push(drawPhase(phase, width, y));
      y += phaseHeight;
    }
    rows.push(drawEntry(flow, entry, begin, y, place, width));
    y += rowHeight;
  }
  const height = y + footHeight;
  const title = `RFC 5359 ${flow.id} ${flow.title}: the messages from top to bottom`;
  return markup`<svg class="ladder" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="${place === 'page' ? 'group' : 'img'}" aria-label="${title}">
${place === 'file' ? markup`<title>${title}</title><style>${new Markup(fileStyle + ladderStyle)}</style><rect width="100%" height="100%" fill="var(--paper)"/>` : nothing}
${flow.elements.map((_, column) => markup`<line class="life" x1="${lifeline(column)}" x2="${lifeline(column)}" y1="${headHeight - 6}" y2="${y + 2}"/>`)}
${flow.elements.map(({ name }, column) => [drawName(name, column, 6), drawName(name, column, y + 4)])}
${rows}
</svg>`;
}

function lifeline(column: number): number {
  return timeWidth + column * columnWidth + columnWidth / 2;
}

function drawName(name: string, column: number, y: number): Markup {
  const x = lifeline(column);
  const width = Math.max(76, name.length * 8.2 + 22);
  return markup`<rect class="name-box" x="${x - width / 2}" y="${y}" width="${width}" height="${nameHeight}" rx="6"/><text class="name" x="${x}" y="${y + 18.5}">${name}</text>
`;
}

/** What a group of messages is about, above the first of them. */
function phaseOf(flow: FlowDescription, f: string | undefined): string | undefined {
  const phase = flow.messages.find((message) => message.f === f)?.phase;
  return flow.phases.find((each) => each.phase === phase)?.comment;
}

function drawPhase(comment: string, width: number, y: number): Markup {
  const text = `${comment.slice(0, 1).toUpperCase()}${comment.slice(1)}`;
  return markup`<line class="phase-line" x1="8" x2="${width - 8}" y1="${y + 9}" y2="${y + 9}"/><text class="phase" x="8" y="${y + 26}">${text}</text>
`;
}

function drawEntry(
  flow: FlowDescription,
  entry: LadderEntry,
  begin: number,
  y: number,
  place: 'page' | 'file',
  width: number,
): Markup {
  const { kind, f, failures, time } = entry;
  const column = (element: string): number => flow.elements.findIndex(({ id }) => id === element);
  const [from, to] = [lifeline(column(entry.from)), lifeline(column(entry.to))];
  const isMessage = kind === 'message' || kind === 'missing';
  const line = y + 22;
  const rules = [...new Set(failures.map(({ rule }) => rule))].join(', ');
  const verdict = failures.length === 0 ? '✓' : `✗ ${kind === 'missing' ? 'missing' : rules}`;
  const drawn = markup`<rect class="hit" x="0" y="${y + 1}" width="${width}" height="${rowHeight - 1}"/>${
    kind === 'message'
      ? markup`<text class="time" x="${timeWidth - 8}" y="${line + 4}">${((time - begin) / 1_000).toFixed(3)}</text>`
      : nothing
  }${isMessage ? drawArrow(entry, from, to, line) : drawMedia(entry, from, to, line)}<text class="verdict" x="${timeWidth + flow.elements.length * columnWidth + 10}" y="${line + 4}">${clip(verdict, 20)}</text>`;
  const name = nameOf(flow, entry, verdict);
  const classes = `${kind}${failures.length === 0 ? '' : ' wrong'}`;
  return place === 'page' && f !== undefined
    ? markup`<a class="${classes}" ${isMessage ? markup`id="ladder-${f}" ` : nothing}href="#${f}" aria-label="${name}">${drawn}</a>
`
    : markup`<g class="${classes}">${drawn}</g>
`;
}

/** What a line says to those who cannot see it. */
function nameOf(flow: FlowDescription, { kind, f, from, to, label }: LadderEntry, verdict: string): string {
  const title = (element: string): string => flow.elements.find(({ id }) => id === element)?.name ?? element;
  const state = verdict === '✓' ? 'as it should be' : `wrong: ${verdict.slice(2)}`;
  if (kind === 'message' || kind === 'missing')
    return `${f ?? 'Not of the flow'}: ${readable(label)} from ${title(from)} to ${title(to)}, ${state}`;
  if (kind === 'silence') return `No RTP sent after ${f}, ${state}`;
  return `RTP after ${f}: ${label}, ${title(from)} ${kind === 'both' ? 'and' : 'to'} ${title(to)}, ${state}`;
}

function drawArrow({ f, label }: LadderEntry, from: number, to: number, y: number): Markup {
  const way = to > from ? 1 : -1;
  const near = to - (way * columnWidth) / 2;
  const number = f === undefined ? nothing : markup` <tspan class="number">${f}</tspan>`;
  return markup`<line class="arrow" x1="${from}" x2="${to - way * headLength}" y1="${y}" y2="${y}"/>${drawHead('head', to, way, y)}<text class="label" x="${near}" y="${y - 6}">${clip(readable(label), longestLabel)}${number}</text>`;
}

function drawMedia({ kind, label }: LadderEntry, from: number, to: number, y: number): Markup {
  const middle = (from + to) / 2;
  if (kind === 'silence') return markup`<text class="label silence" x="${middle}" y="${y + 3}">∅ ${label}</text>`;
  const way = to > from ? 1 : -1;
  const start = kind === 'both' ? from + way * headLength : from;
  const lines = [-gap, gap].map(
    (offset) =>
      markup`<line class="sound" x1="${start}" x2="${to - way * headLength}" y1="${y + offset}" y2="${y + offset}"/>`,
  );
  const heads = [drawHead('sound-head', to, way, y), kind === 'both' ? drawHead('sound-head', from, -way, y) : nothing];
  return markup`${lines}${heads}<text class="label sound-label" x="${middle}" y="${y - 7}">${label}</text>`;
}

/** The head of an arrow whose tip is at `x`. */
function drawHead(name: string, x: number, way: number, y: number): Markup {
  const back = x - way * (headLength + 1);
  return markup`<path class="${name}" d="M${x - way} ${y} L${back} ${y - 5.5} L${back} ${y + 5.5} Z"/>`;
}

function clip(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
