/** Reports of flows, read by Chromium and by Wireshark: whatever a device says, nothing of it runs or is asked for. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { flowScripts, simulateFlow, writeReport } from '@switchhook/flows';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostilePlay } from '../../packages/flows/src/report/hostile-play.testing.ts';
import { describeWithPeers, findProgram } from './support/presence.ts';
import { tshark } from './support/tshark.ts';

const unreadable = '_ws.malformed || srtcp || !(sip || rtp || rtcp)';

/** Flows whose captures are looked into, one with RTP and one with SRTP among them; all others are read as well. */
const inDetail = ['2.1', '2.13', '2.15'];

describeWithPeers('a report', ['chromium', 'tshark'], () => {
  let folder = '';
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'switchhook-report-'));
    const scripts = flowScripts.filter(({ flow }) => inDetail.includes(flow));
    const plays = await Promise.all(
      scripts.map(async (script) => ({ played: await simulateFlow(script), stage: 'TLS', milliseconds: 1 })),
    );
    await writeReport(join(folder, 'right'), plays);
    await writeReport(join(folder, 'hostile'), [{ played: await hostilePlay(), stage: 'TLS', milliseconds: 1 }]);
    browser = await chromium.launch({ executablePath: findProgram('chromium') ?? '', args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('of a hostile device runs nothing, asks for nothing and goes nowhere in Chromium', async () => {
    for (const name of ['index.html', '2.1-call-hold.html', '2.1-call-hold.svg', 'junit.xml']) {
      const page = await browser.newPage();
      const asked: string[] = [];
      const complaints: string[] = [];
      page.on('request', (request) => void asked.push(request.url()));
      page.on('dialog', (dialog) => void complaints.push(dialog.message()));
      page.on('pageerror', (error) => void complaints.push(String(error)));
      const url = pathToFileURL(join(folder, 'hostile', name)).href;
      await page.goto(url);
      if (name.endsWith('.html')) {
        const title = await page.title();
        await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
        await page.locator('body').hover({ position: { x: 5, y: 5 } });
        expect(await page.locator('script, img, iframe, object, embed, base, link, form').count()).toBe(0);
        expect(await page.title()).toBe(title);
        expect(await page.locator('body').isVisible()).toBe(true);
      }
      expect(page.url()).toBe(url);
      expect(asked).toEqual([url]);
      expect(complaints).toEqual([]);
      await page.close();
    }
  });

  test('is shown by its style, by day and by night, and an arrow leads to its message without JavaScript', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, colorScheme: 'dark' });
    const page = await context.newPage();
    const refused: string[] = [];
    page.on('console', (message) => void refused.push(message.text()));
    await page.goto(pathToFileURL(join(folder, 'right', '2.15-call-park.html')).href);
    await page.locator('#ladder-F16').click();
    expect(page.url()).toMatch(/#F16$/);
    await expect.poll(() => page.locator('#F16 h3').isVisible()).toBe(true);
    expect(refused).toEqual([]);
    await context.close();
    const colours = await Promise.all(
      (['light', 'dark'] as const).map(async (colorScheme) => {
        const seen = await browser.newPage({ colorScheme });
        await seen.goto(pathToFileURL(join(folder, 'right', 'index.html')).href);
        return seen.evaluate('getComputedStyle(document.body).backgroundColor');
      }),
    );
    expect(colours).toEqual(['rgb(255, 253, 249)', 'rgb(23, 24, 27)']);
  });

  test('is not wider than a telephone', async () => {
    const page = await browser.newPage({ viewport: { width: 400, height: 800 } });
    for (const name of ['right/index.html', 'right/2.15-call-park.html', 'hostile/2.1-call-hold.html']) {
      await page.goto(pathToFileURL(join(folder, name)).href);
      await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
      expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBe(400);
    }
    // What is the same is shown once, and what is not as the RFC has it and as it was said.
    const cells = (kind: string): string =>
      `[...document.querySelector('.beside .${kind}').cells].map((cell) => getComputedStyle(cell).display)`;
    expect(await page.evaluate(cells('same'))).toEqual(['none', 'block', 'block']);
    expect(await page.evaluate(cells('own'))).toEqual(['block', 'block', 'block']);
    await page.goto(pathToFileURL(join(folder, 'right', 'index.html')).href);
    expect(
      await page.evaluate(
        `{ const { scrollWidth, clientWidth } = document.querySelector('.scroll'); scrollWidth - clientWidth }`,
      ),
    ).toBe(0);
    await page.close();
  });

  test('on paper has both messages side by side, and its ladder on one sheet', async () => {
    // A4 without its margins, in pixels of 1/96 inch.
    const page = await browser.newPage({ viewport: { width: 680, height: 1_009 } });
    await page.emulateMedia({ media: 'print' });
    await page.goto(pathToFileURL(join(folder, 'right', '2.15-call-park.html')).href);
    expect(await page.evaluate('getComputedStyle(document.querySelector(".beside td")).display')).toBe('table-cell');
    const ladder = await page.locator('svg.ladder').boundingBox();
    expect(ladder?.width).toBeLessThanOrEqual(680);
    expect(ladder?.height).toBeLessThanOrEqual(1_009);
    for (const name of ['2.15-call-park.html', '2.13-incoming-call-screening.html', 'index.html']) {
      await page.goto(pathToFileURL(join(folder, 'right', name)).href);
      expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBe(680);
    }
    await page.close();
  });

  test('has captures in which Wireshark finds nothing malformed, and the numbers of the messages', async () => {
    const names = (await readdir(join(folder, 'right'))).filter((name) => name.endsWith('.pcapng'));
    expect(names).toHaveLength(inDetail.length);
    for (const name of names) {
      const path = join(folder, 'right', name);
      expect(await tshark(path, unreadable, ['frame.number'])).toEqual([]);
    }
    const path = join(folder, 'right', '2.15-call-park.pcapng');
    const rows = await tshark(path, 'frame.comment contains "F16"', ['sip.Method', 'frame.comment']);
    expect(rows).toEqual([['SUBSCRIBE', 'RFC 5359 2.15 F16']]);
  });

  test('has captures with the sound of the flow, each stream known by the session description that began it', async () => {
    const path = join(folder, 'right', '2.1-call-hold.pcapng');
    const rows = await tshark(path, 'rtp', ['rtp.ssrc', 'rtp.setup-method', 'rtp.setup-frame']);
    const streams = new Set(rows.map(([ssrc]) => ssrc));
    expect(streams.size).toBe(2);
    // Two calls to the ear, before the hold and after it: some seconds of packets of 20 ms.
    expect(rows.length).toBeGreaterThan(200);
    expect(new Set(rows.map(([, method]) => method))).toEqual(new Set(['SDP']));
    const setUp = [...new Set(rows.map(([, , frame]) => frame))];
    const descriptions = await tshark(path, 'sdp', ['frame.number']);
    expect(descriptions.flat()).toEqual(expect.arrayContaining(setUp));
  });

  test('of every other service has its header fields and bodies, and Wireshark knows what to do with each', async () => {
    const services = flowScripts.filter(({ flow }) => !inDetail.includes(flow));
    const plays = await Promise.all(
      services.map(async (script) => ({ played: await simulateFlow(script), stage: 'TLS', milliseconds: 1 })),
    );
    await writeReport(join(folder, 'services'), plays);
    const names = (await readdir(join(folder, 'services'))).filter((name) => name.endsWith('.pcapng'));
    expect(names).toHaveLength(services.length);
    const fields = ['sip.Replaces', 'sip.Join', 'sip.Refer-To', 'sip.Referred-by', 'sip.Content-Type'];
    const seen = new Set<string>();
    for (const name of names) {
      const path = join(folder, 'services', name);
      expect(await tshark(path, unreadable, ['frame.number']), name).toEqual([]);
      for (const row of await tshark(path, 'sip', fields)) {
        for (const [index, value = ''] of row.entries()) {
          if (value !== '')
            seen.add(fields[index] === 'sip.Content-Type' ? value.replace(/;.*/, '') : String(fields[index]));
        }
      }
    }
    expect([...seen]).toEqual(
      expect.arrayContaining([
        ...fields.slice(0, -1),
        'application/sdp',
        'application/dialog-info+xml',
        'message/sipfrag',
        'text/html',
      ]),
    );
  });
});
