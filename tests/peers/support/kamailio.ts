import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PeerProcess } from './peer-process.ts';
import { findProgram } from './presence.ts';
import { freePort } from './ports.ts';

export interface KamailioOptions {
  /**
   * It follows the calls that it forwards, and tells who subscribes of their dialogs (RFC 4235), with Call-ID and tags:
   * its modules dialog, pua_dialoginfo, presence and presence_dialoginfo.
   */
  readonly watchesDialogs?: boolean;
  /** It asks whoever registers or calls for a digest; everybody's password is this. */
  readonly password?: string;
  /** By user, where his calls go, one place after the other, when a phone refuses them or leaves them unanswered for two seconds. */
  readonly forwards?: Readonly<Record<string, readonly string[]>>;
  /** By user, the number that all his calls go to, at the gateway to the telephone network that has registered with it. */
  readonly diverts?: Readonly<Record<string, string>>;
  /** A user whom nobody may call, and where one hears why. */
  readonly forbids?: { readonly user: string; readonly why: string };
}

/** Where Debian has the empty tables that the module pua wants to see, though it keeps nothing in them. */
const emptyTables = '/usr/share/kamailio/dbtext/kamailio';

function dialogModules(directory: string, port: number): string {
  const tables = join(directory, 'tables');
  cpSync(emptyTables, tables, { recursive: true });
  return `loadmodule "db_text.so"
loadmodule "dialog.so"
loadmodule "presence.so"
loadmodule "presence_dialoginfo.so"
loadmodule "pua.so"
loadmodule "pua_dialoginfo.so"
modparam("rr", "append_fromtag", 1)
modparam("registrar", "gruu_enabled", 0)
modparam("presence", "server_address", "sip:127.0.0.1:${port}")
modparam("presence", "subs_db_mode", 0)
modparam("presence", "publ_cache", 2)
modparam("presence", "send_fast_notify", 1)
modparam("pua", "outbound_proxy", "sip:127.0.0.1:${port}")
modparam("pua", "db_url", "text://${tables}")
modparam("pua", "db_mode", 0)
modparam("pua_dialoginfo", "include_callid", 1)
modparam("pua_dialoginfo", "include_tags", 1)
modparam("pua_dialoginfo", "include_localremote", 1)`;
}

const dialogRoutes = `
    if (is_method("PUBLISH") && uri == myself) { handle_publish(); exit; }
    if (is_method("SUBSCRIBE") && uri == myself) { handle_subscribe(); exit; }
    if (is_method("INVITE")) dlg_manage();`;

function digest(password: string): string {
  return `
    if (is_method("REGISTER") && !pv_www_authenticate("$td", "${password}", "0")) { www_challenge("$td", "1"); exit; }
    if (is_method("INVITE") && from_uri == myself && !pv_proxy_authenticate("$fd", "${password}", "0")) {
        proxy_challenge("$fd", "1");
        exit;
    }
    consume_credentials();`;
}

function forwarding(user: string, places: readonly string[], port: number): string {
  const routes = places.map((place, index) => {
    const goesOn = index + 1 < places.length ? `t_on_failure("${user}_${index + 1}"); t_set_fr(2000);` : '';
    return `
failure_route[${user}_${index}] {
    if (t_is_canceled() || !t_check_status("480|486|408")) exit;
    ${index === 0 ? 't_reply("181", "Call Is Being Forwarded");' : ''}
    $ru = "sip:${place}@127.0.0.1:${port}";
    ${goesOn}
    if (lookup("location")) t_relay();
}`;
  });
  return routes.join('');
}

function diversion(user: string, number: string, port: number): string {
  return `
    if (is_method("INVITE") && $rU == "${user}") {
        $ru = "sip:${number}@127.0.0.1:${port}";
        if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
        $rU = "${number}";
        $ru = $ru + ";user=phone";
    }`;
}

function refusal({ user, why }: NonNullable<KamailioOptions['forbids']>): string {
  return `
    if (is_method("INVITE") && $rU == "${user}") {
        append_to_reply("Error-Info: <${why}>\\r\\n");
        sl_send_reply("403", "Screening Failure");
        exit;
    }`;
}

/**
 * A Kamailio 5.6 (Debian) as a stateful, record-routing neighbour: what names its own registered users it delivers,
 * everything else it sends on to where the Request-URI points.
 */
export class Kamailio {
  readonly process: PeerProcess;
  readonly port: number;

  private constructor(process: PeerProcess, port: number) {
    this.process = process;
    this.port = port;
  }

  static async start(
    directory: string,
    { watchesDialogs = false, password, forwards = {}, diverts = {}, forbids }: KamailioOptions = {},
  ): Promise<Kamailio> {
    mkdirSync(directory, { recursive: true });
    const port = await freePort();
    const forwarded = Object.entries(forwards);
    const file = join(directory, 'kamailio.cfg');
    writeFileSync(
      file,
      `#!KAMAILIO
debug=2
log_stderror=yes
fork=no
children=2
tcp_children=1
listen=udp:127.0.0.1:${port}
listen=tcp:127.0.0.1:${port}
auto_aliases=no
dns=no
rev_dns=no
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
${password === undefined ? '' : 'loadmodule "auth.so"'}
${watchesDialogs ? dialogModules(directory, port) : ''}
request_route {
    if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
    if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
    if (has_totag()) {
        ${watchesDialogs ? 'if (is_method("SUBSCRIBE") && uri == myself) { handle_subscribe(); exit; }' : ''}
        if (loose_route()) { t_relay(); exit; }
        if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
        sl_send_reply("404", "Not here");
        exit;
    }
    t_check_trans();
    loose_route();${password === undefined ? '' : digest(password)}${watchesDialogs ? dialogRoutes : ''}
    if (is_method("REGISTER") && uri == myself) { if (!save("location")) sl_reply_error(); exit; }
    ${forbids === undefined ? '' : refusal(forbids)}
    if (is_method("INVITE|SUBSCRIBE")) record_route();
    ${Object.entries(diverts)
      .map(([user, number]) => diversion(user, number, port))
      .join('')}
    if (uri == myself && !lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
    ${forwarded.map(([user]) => `if (is_method("INVITE") && $tU == "${user}") { t_on_failure("${user}_0"); t_set_fr(2000); }`).join('\n    ')}
    if (!t_relay()) sl_reply_error();
    exit;
}
${forwarded.map(([user, places]) => forwarding(user, places, port)).join('')}
`,
    );
    const process = new PeerProcess('kamailio', findProgram('kamailio') ?? 'kamailio', ['-f', file, '-DD', '-E']);
    await process.waitFor(/Listening on|udp:127\.0\.0\.1/i);
    return new Kamailio(process, port);
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }
}
