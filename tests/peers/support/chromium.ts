import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page as Tab } from 'playwright-core';
import { build } from 'vite';
import type { Page } from '../browser/page.ts';
import { findProgram } from './presence.ts';

/** A Chromium without a window, whose tabs run `../browser/page.ts` from a server of their own. */
export class Chromium {
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #origin: string;

  private constructor(browser: Browser, server: Server, origin: string) {
    this.#browser = browser;
    this.#server = server;
    this.#origin = origin;
  }

  static async start(directory: string): Promise<Chromium> {
    await build({
      configFile: false,
      logLevel: 'error',
      resolve: { conditions: ['source', 'browser', 'import'] },
      build: {
        outDir: directory,
        emptyOutDir: false,
        lib: { entry: join(import.meta.dirname, '../browser/page.ts'), formats: ['es'], fileName: 'page' },
      },
    });
    const script = readFileSync(join(directory, 'page.js'));
    const server = createServer(({ url }, response) => {
      if (url === '/page.js') response.setHeader('Content-Type', 'text/javascript').end(script);
      else response.setHeader('Content-Type', 'text/html').end('<script type="module" src="/page.js"></script>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const browser = await chromium.launch({
      executablePath: findProgram('chromium') ?? 'chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
    });
    return new Chromium(browser, server, `http://127.0.0.1:${String(port)}/`);
  }

  /** A new tab with the page in it. */
  async open(): Promise<Tab> {
    const tab = await this.#browser.newPage();
    tab.on('pageerror', (error) => {
      throw error;
    });
    await tab.goto(this.#origin);
    await tab.waitForFunction('globalThis.page !== undefined');
    return tab;
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Calls one of the functions of the page in the tab. */
export async function ask<Name extends keyof Page>(
  tab: Tab,
  name: Name,
  ...parameters: Parameters<Page[Name]>
): Promise<Awaited<ReturnType<Page[Name]>>> {
  return tab.evaluate<Awaited<ReturnType<Page[Name]>>>(`page.${name}(...${JSON.stringify(parameters)})`);
}
