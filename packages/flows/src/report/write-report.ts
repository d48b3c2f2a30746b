import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@switchhook/node';
import { writeCapture } from './capture.ts';
import { flowPage } from './flow-page.ts';
import { indexPage } from './index-page.ts';
import { junitReport } from './junit.ts';
import { ladderSvg } from './ladder-svg.ts';
import { reportDocument } from './report-document.ts';
import type { ReportedPlay } from './report-document.ts';
import type { ReportDocument } from './report-schema.ts';

/**
 * Writes a report into a folder, which is made where there is none: `index.html`, and for each flow a page, its ladder as SVG and
 * its messages as pcapng; `report.json` and `junit.xml`. What was there under these names is overwritten. Rejects
 * when it cannot be written.
 */
export async function writeReport(folder: string, plays: readonly ReportedPlay[], made = new Date()): Promise<void> {
  const document = reportDocument(plays, made);
  makeFolder(folder);
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  await write('index.html', indexPage(document));
  await write('report.json', printReportDocument(document));
  await write('junit.xml', junitReport(document));
  for (const [place, { played }] of plays.entries()) {
    const flow = document.flows[place];
    if (flow === undefined) continue;
    const neighbours = { before: document.flows[place - 1], after: document.flows[place + 1] };
    await write(flow.files.page, flowPage(flow, ladderSvg(played.report, 'page'), neighbours));
    await write(flow.files.ladder, `${ladderSvg(played.report, 'file').text}\n`);
    await writeCapture(join(folder, flow.files.capture), played, made);
  }
}

/** A report as JSON, in ASCII alone: no byte of it can be anything else than it seems, wherever it is pasted. */
export function printReportDocument(document: ReportDocument): string {
  const text = JSON.stringify(document, null, 1).replaceAll(
    /[^\n\x20-\x7e]|[<>&]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}
