/** A state machine, which is a table, as a picture (SVG) and as a table of Markdown. */
import type { Machine } from '@switchhook/sip';

/** Any machine, whatever its states, events and actions are called. */
export type AnyMachine = Machine<string, string, string>;

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly events: string[];
}

/** A state with the room that its edges want at its sides. */
interface Box {
  readonly name: string;
  /** Events that change nothing but what is done. */
  readonly staying: readonly string[];
  readonly exits: Readonly<Record<Side, readonly Edge[]>>;
  readonly top: number;
  readonly height: number;
}

type Side = 'left' | 'right';

const line = 15;
const boxWidth = 190;
const padding = 10;
/** From a box to its first lane: as wide as the longest event. */
const reach = 130;
const laneWidth = 20;
const entryHeight = 14;
const margin = 12;

/** The states from the top down, steps to the next one between them, steps over others in lanes at the sides. */
export function machinePicture(title: string, machine: AnyMachine): string {
  const names = Object.keys(machine);
  const edges = edgesOf(machine, names);
  const lanes = { left: lanesOf(edges, 'left', names.length), right: lanesOf(edges, 'right', names.length) };
  const boxes = boxesOf(machine, names, edges);
  const last = boxes.at(-1);
  const height = last === undefined ? 0 : last.top + last.height + margin;
  const boxLeft = margin + (lanes.left.length > 0 ? reach + lanes.left.length * laneWidth : 0);
  const width = boxLeft + boxWidth + margin + (lanes.right.length > 0 ? reach + lanes.right.length * laneWidth : 0);
  const drawn = [
    ...boxes.flatMap((box) => drawBox(box, boxLeft)),
    ...edges.filter(isNext).flatMap((edge) => drawStepDown(edge, boxes, boxLeft + boxWidth / 2)),
    ...(['left', 'right'] as const).flatMap((side) =>
      lanes[side].flatMap((target, index) => drawLane(side, target, index, boxes, boxLeft)),
    ),
  ];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" width="${String(width)}" height="${String(height)}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#444"/></marker></defs>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...drawn,
    '</svg>',
  ].join('\n')}\n`;
}

/** Every cell of the table in a row of its own. */
export function machineTable(machine: AnyMachine): string {
  const rows = Object.entries(machine).flatMap(([state, row]) =>
    Object.entries(row).flatMap(([event, step]) =>
      step === undefined ? [] : [`| ${[state, event, step.to, step.actions.join(', ')].join(' | ')} |`],
    ),
  );
  return `${['| state | event | next state | actions |', '| --- | --- | --- | --- |', ...rows].join('\n')}\n`;
}

function edgesOf(machine: AnyMachine, names: readonly string[]): Edge[] {
  const edges: Edge[] = [];
  names.forEach((name, from) => {
    for (const [event, step] of Object.entries(machine[name] ?? {})) {
      const to = names.indexOf(step?.to ?? name);
      if (to === from) continue;
      const edge = edges.find((each) => each.from === from && each.to === to);
      if (edge === undefined) edges.push({ from, to, events: [event] });
      else edge.events.push(event);
    }
  });
  return edges;
}

function isNext({ from, to }: Edge): boolean {
  return to === from + 1;
}

/** What ends the machine goes down on the right, everything else on the left. */
function sideOf(edge: Edge, states: number): Side {
  return edge.to === states - 1 ? 'right' : 'left';
}

/** One lane for all edges to a state, the nearest for the topmost. */
function lanesOf(edges: readonly Edge[], side: Side, states: number): number[] {
  const targets = edges.filter((edge) => !isNext(edge) && sideOf(edge, states) === side).map(({ to }) => to);
  return [...new Set(targets)].sort((a, b) => a - b);
}

function boxesOf(machine: AnyMachine, names: readonly string[], edges: readonly Edge[]): Box[] {
  const boxes: Box[] = [];
  let top = margin;
  names.forEach((name, index) => {
    const steps = Object.entries(machine[name] ?? {});
    const staying = steps.filter(([, step]) => step?.to === name).map(([event]) => event);
    const leaving = (side: Side): Edge[] =>
      edges.filter((edge) => edge.from === index && !isNext(edge) && sideOf(edge, names.length) === side);
    const exits = { left: leaving('left'), right: leaving('right') };
    const sides = Object.values(exits).map((side) => side.reduce((sum, { events }) => sum + exitHeight(events), 0));
    const height = Math.max(line * (1 + staying.length), entryHeight + Math.max(...sides)) + padding;
    boxes.push({ name, staying, exits, top, height });
    const next = edges.find((edge) => edge.from === index && isNext(edge));
    top += height + Math.max(24, line * (next?.events.length ?? 0) + 18);
  });
  return boxes;
}

function exitHeight(events: readonly string[]): number {
  return line * events.length + 6;
}

function drawBox({ name, staying, top, height }: Box, left: number): string[] {
  const middle = left + boxWidth / 2;
  const textTop = top + (height - line * (1 + staying.length)) / 2 + 12;
  return [
    `<rect x="${String(left)}" y="${String(top)}" width="${String(boxWidth)}" height="${String(height)}" rx="8" fill="#eef3fa" stroke="#446"/>`,
    text(middle, textTop, name, 'middle', ' font-weight="bold" font-size="13"'),
    ...staying.map((event, index) =>
      text(middle, textTop + line * (index + 1), `↻ ${event}`, 'middle', ' fill="#335"'),
    ),
  ];
}

function drawStepDown({ from, to, events }: Edge, boxes: readonly Box[], middle: number): string[] {
  const source = boxes[from];
  const target = boxes[to];
  if (source === undefined || target === undefined) return [];
  const start = source.top + source.height;
  return [
    path(`M${String(middle)} ${String(start)}V${String(target.top)}`),
    ...events.map((event, index) => text(middle + 8, start + line * (index + 1), event, 'start')),
  ];
}

/** All edges to one state on one side: out of each source, down the lane, into the target. */
function drawLane(side: Side, target: number, index: number, boxes: readonly Box[], boxLeft: number): string[] {
  const edge = side === 'left' ? boxLeft : boxLeft + boxWidth;
  const outwards = side === 'left' ? -1 : 1;
  const lane = edge + outwards * (reach + index * laneWidth);
  const entry = (boxes[target]?.top ?? 0) + entryHeight;
  return boxes.flatMap((box) => {
    let bottom = box.top + entryHeight;
    return box.exits[side].flatMap(({ to, events }) => {
      bottom += exitHeight(events);
      if (to !== target) return [];
      const labels = events.map((event, at) =>
        text(
          edge + outwards * 8,
          bottom - 4 - line * (events.length - 1 - at),
          event,
          side === 'left' ? 'end' : 'start',
        ),
      );
      return [path(`M${String(edge)} ${String(bottom)}H${String(lane)}V${String(entry)}H${String(edge)}`), ...labels];
    });
  });
}

function path(points: string): string {
  return `<path d="${points}" fill="none" stroke="#444" marker-end="url(#arrow)"/>`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end', style = ''): string {
  return `<text x="${String(x)}" y="${String(y)}" text-anchor="${anchor}"${style}>${content}</text>`;
}
