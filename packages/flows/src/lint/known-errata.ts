/**
 * Which erratum it is that makes a printed message break a rule: by flow, the message and the rule, `-` where no message
 * is named. A rule that is broken because of an erratum in another message has that one's number. What breaks a rule for what is
 * printed (`strictRules`) finds its errata by itself.
 */
export const knownErrata: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '2.1': {
    'F4 malformed': 'E-G12',
    'F5 malformed': 'E-G12',
    'F11 R-REQ': 'E2.1-01',
    'F15 R-ACK2': 'E2.1-01',
  },
  '2.2': {
    'F4 malformed': 'E-G12',
    'F5 malformed': 'E-G12',
    'F15 R-FWD-REQ': 'E2.2-03',
    'F19 malformed': 'E-G12',
    'F19 R-RESP': 'E2.2-01',
    'F20 malformed': 'E-G12',
    // The proxy passes F19 on with the Call-ID that it should have had.
    'F20 R-FWD-RESP': 'E2.2-01',
    'F20 R-RESP': 'E2.2-02',
    'F30 R-FWD-REQ': 'E2.2-03',
    'F34 R-REQ': 'E2.2-04',
  },
  '2.3': {
    'F5 R-REQ': 'E2.3-01',
    'F7 R-REQ': 'E2.3-01',
    'F19 R-REQ': 'E2.3-01',
    'F19 require': 'E2.3-02',
    'F21 R-REQ': 'E2.3-01',
  },
  '2.4': {
    'F5 referredBy': 'E2.4-02',
    'F11 referredBy': 'E2.4-02',
    'F16 R-RESP': 'E2.4-03',
  },
  '2.5': {
    'F9 contact.gruu': 'E2.5-01',
    'F12 R-SDP': 'E2.5-02',
    'F13 contact.gruu': 'E2.5-01',
    'F15 referTo.target.gruu': 'E2.5-01',
    'F20 contact.gruu': 'E2.5-01',
    'F25 R-RESP': 'E2.5-04',
  },
  '2.6': {
    'F5 bodyUri.target': 'E2.6-02',
    'F5 bodyUri.headers.require': 'E2.6-02',
    'F5 bodyUri.headers.replaces': 'E2.6-02',
    'F5 bodyUri.escaped': 'E2.6-02',
    'F6 absent': 'E2.6-03',
    'F7 R-REPL': 'E2.6-01',
    // Tags the wrong way round name no dialog.
    '- N2.6-1': 'E2.6-01',
  },
  '2.7': {
    'F5 malformed': 'E-G12',
    'F6 malformed': 'E-G12',
  },
  '2.9': {
    'F7 toTagSameAs': 'E2.9-01',
  },
  '2.10': {
    'F6 R-RESP': 'E2.10-02',
    // F9 is printed as F10 is, so F10 is taken for its repetition.
    'F10 sdp': 'E2.10-01',
    '- repetition': 'E2.10-01',
  },
  '2.11': {
    'F6 R-RESP': 'E2.11-01',
    'F10 R-RESP': 'E2.11-01',
  },
  '2.12': {
    'F10 R-FWD-REQ': 'E2.12-02',
    'F10 R-SDP': 'E2.12-02',
    'F13 R-FWD-REQ': 'E2.12-02',
    'F13 R-SDP': 'E2.12-02',
    'F16 R-FWD-REQ': 'E2.12-02',
    'F16 R-SDP': 'E2.12-02',
  },
  '2.13': {
    'F2 contact3xx.lr': 'E2.13-03',
    'F4 routeLr': 'E2.13-03',
    'F5 proxyAuthenticate.absent.nc': 'E2.13-06',
    'F5 proxyAuthenticate.absent.cnonce': 'E2.13-06',
    'F6 R-ACKN': 'E2.13-04',
    'F7 route': 'E2.13-05',
    'F7 proxyAuthorization.nonce': 'E2.13-07',
    'F9 route': 'E2.13-05',
    'F9 proxyAuthorization.present.qop': 'E2.13-08',
    'F9 proxyAuthorization.present.nc': 'E2.13-08',
    'F9 proxyAuthorization.present.cnonce': 'E2.13-08',
    'F9 proxyAuthorization': 'E2.13-08',
  },
  '2.14': {
    'F2 proxyAuthenticate.absent.nc': 'E2.13-06',
    'F2 proxyAuthenticate.absent.cnonce': 'E2.13-06',
    'F4 proxyAuthorization.nonce': 'E2.13-07',
    'F4 proxyAuthorization.qop': 'E2.14-01',
    'F4 proxyAuthorization.present.qop': 'E2.14-01',
    'F4 proxyAuthorization.present.nc': 'E2.14-01',
    'F4 proxyAuthorization.present.cnonce': 'E2.14-01',
    'F6 proxyAuthorization.present.qop': 'E2.14-01',
    'F6 proxyAuthorization.present.nc': 'E2.14-01',
    'F6 proxyAuthorization.present.cnonce': 'E2.14-01',
  },
  '2.15': {
    'F2 R-RESP': 'E2.15-05',
    'F3 R-RESP': 'E2.15-05',
    'F4 R-ACK2': 'E2.15-06',
    'F12 R-REQ': 'E2.15-06',
    'F16 requestUri': 'E2.15-01',
    'F17 contact.absentParams': 'E2.15-08',
    'F17 expires': 'E2.15-03',
    'F18 R-INDIALOG': 'E2.15-02',
    'F20 requestUri': 'E2.15-07',
    'F20 requestUri.gruu': 'E2.15-07',
  },
  '2.16': {
    'F4 contact': 'E2.16-03',
    'F4 expires': 'E2.16-03',
    'F4 absent': 'E2.16-03',
    'F5 dialogInfo.dialogs.remoteTarget': 'E2.16-02',
    'F7 R-REPL': 'E2.16-01',
    // The target is held against F5, whose remote target lacks a letter.
    'F7 requestUri': 'E2.16-02',
    'F12 R-ACKN': 'E2.16-04',
    // A tag with a digit lost names no dialog.
    '- N2.16-1': 'E2.16-01',
  },
  '2.17': {
    'F4 expires': 'E2.17-05',
    'F8 R-INDIALOG': 'E2.17-02',
    'F8 dialogInfo.version': 'E2.17-03',
    'F14 dialogInfo.version': 'E2.17-03',
    'F16 R-INDIALOG': 'E2.17-01',
    // The answer is right where the request is not.
    'F17 R-RESP': 'E2.17-01',
    'F18 dialogInfo.version': 'E2.17-03',
    'F18 subscriptionState.reason': 'E2.17-04',
  },
  '2.18': {
    'F1 referSub.gruu': 'E2.18-03',
    'F1 referredBy': 'E2.18-02',
    'F2 R-RESP': 'E2.18-01',
    'F3 referredBy': 'E2.18-02',
  },
};
