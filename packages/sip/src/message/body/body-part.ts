import { SyntaxFault } from '../fault.ts';
import { ContentDisposition } from '../headers/content-disposition.ts';
import { ContentType } from '../headers/content-type.ts';
import type { SipMessage } from '../message.ts';
import { HeaderFields } from './header-fields.ts';

/** The media type of a part that does not name one (RFC 2046 5.1). */
const plainText: ContentType = { type: 'text', subtype: 'plain' };

/** A part of a multipart body, or a whole body: its header fields and its content. */
export class BodyPart {
  readonly headerFields: HeaderFields;
  readonly content: string;
  #contentType: ContentType | SyntaxFault | undefined;

  constructor(headerFields: HeaderFields, content: string) {
    this.headerFields = headerFields;
    this.content = content;
  }

  /** The body of a message, under the header fields of the message that speak of it. */
  static of(message: SipMessage): BodyPart {
    const fields = [];
    for (const { name } of [ContentType, ContentDisposition]) {
      const value = message.raw(name);
      if (value !== undefined) fields.push({ name, value });
    }
    return new BodyPart(new HeaderFields(fields), message.body);
  }

  get contentType(): ContentType | SyntaxFault {
    this.#contentType ??= this.headerFields.get(ContentType) ?? plainText;
    return this.#contentType;
  }

  /** `type/subtype`; undefined where it does not read. */
  get mediaType(): string | undefined {
    const { contentType } = this;
    return contentType instanceof SyntaxFault ? undefined : `${contentType.type}/${contentType.subtype}`;
  }

  /** What the part is for; where it is not said, `session` for SDP and `render` for all else (RFC 3261 20.11). */
  get disposition(): ContentDisposition | SyntaxFault {
    const given = this.headerFields.get(ContentDisposition);
    return given ?? { type: this.is('application', 'sdp') ? 'session' : 'render' };
  }

  /** Whether a user agent that does not understand the part has to refuse the request with 415 (RFC 5621 8.1). */
  get isRequired(): boolean {
    const disposition = this.disposition;
    return disposition instanceof SyntaxFault || disposition.handling !== 'optional';
  }

  /** Whether the media type is `type/subtype`, or of `type` whatever the subtype. */
  is(type: string, subtype?: string): boolean {
    const own = this.contentType;
    if (own instanceof SyntaxFault) return false;
    return own.type === type && (subtype === undefined || own.subtype === subtype);
  }
}
