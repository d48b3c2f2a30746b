import { readdirSync, readFileSync } from 'node:fs';

function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // It ended between the listing and the reading.
    }
  }
  const tree = [root];
  for (const process of tree) tree.push(...(children.get(process) ?? []));
  return tree;
}

/** Milliseconds that the process and all under it have run on a core. */
export function cpuTime(root: number): number {
  let nanoseconds = 0;
  for (const process of processTree(root)) {
    for (const task of readdirSync(`/proc/${process}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${process}/task/${task}/schedstat`, 'latin1').split(' ')[0]);
    }
  }
  return nanoseconds / 1e6;
}

/** Bytes of memory that the process has, those that are paged out not counted. */
export function residentBytes(process: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${process}/status`, 'latin1'))?.[1];
  return Number(kilobytes) * 1_024;
}

/** Datagrams that the kernel dropped at any UDP socket of the machine so far. */
export function droppedDatagrams(): number {
  const lines = readFileSync('/proc/net/udp', 'latin1').trim().split('\n').slice(1);
  return lines.reduce((sum, line) => sum + Number(line.trim().split(/\s+/).at(-1)), 0);
}
