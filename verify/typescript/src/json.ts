/** Section 2.2: a strict reader of JSON text. It keeps the order of members and refuses everything unusual. */
import { demand, Rejection } from "./errors.js";

/** An object keeps its members in the order of the text. */
export type JsonObject = Map<string, Json>;
export type Json = null | boolean | number | string | Json[] | JsonObject;

const ERROR = "format.json";
const MAX_DEPTH = 16;
const INTEGER = /^(?:0|[1-9][0-9]*)$/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t",
};

/** The text of the bytes. Bytes that are not UTF-8 are rejected; a byte order mark stays, and the parser refuses it. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Rejection(ERROR);
  }
}

/** A document as bytes, or as a text that something else has decoded. */
export type Source = string | Uint8Array;

/** The value of a document; rejects with `format.json`. */
export function parseSource(source: Source): Json {
  return parseJson(typeof source === "string" ? source : decodeUtf8(source));
}

/** The value of a JSON text; rejects with `format.json`. Unpaired surrogates are left to the reader of the value. */
export function parseJson(text: string): Json {
  return new Parser(text).document();
}

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): Json {
    const value = this.value(0);
    this.space();
    demand(this.at === this.text.length, ERROR);
    return value;
  }

  private value(depth: number): Json {
    this.space();
    switch (this.text[this.at]) {
      case "{": return this.object(depth + 1);
      case "[": return this.array(depth + 1);
      case '"': return this.string();
      case "t": return this.word("true", true);
      case "f": return this.word("false", false);
      case "n": return this.word("null", null);
      default: return this.integer();
    }
  }

  private object(depth: number): JsonObject {
    const members: JsonObject = new Map();
    this.open(depth);
    if (this.accept("}")) return members;
    do {
      this.space();
      const name = this.string();
      demand(!members.has(name), ERROR);
      this.expect(":");
      members.set(name, this.value(depth));
    } while (this.accept(","));
    this.expect("}");
    return members;
  }

  private array(depth: number): Json[] {
    const elements: Json[] = [];
    this.open(depth);
    if (this.accept("]")) return elements;
    do elements.push(this.value(depth));
    while (this.accept(","));
    this.expect("]");
    return elements;
  }

  private open(depth: number): void {
    demand(depth <= MAX_DEPTH, ERROR);
    this.at += 1;
  }

  private string(): string {
    demand(this.text[this.at] === '"', ERROR);
    this.at += 1;
    let result = "";
    let start = this.at;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      demand(code >= 0x20, ERROR); // also false for NaN, behind the end of the text
      if (code === 0x22) break;
      if (code === 0x5c) {
        result += this.text.slice(start, this.at) + this.escape();
        start = this.at;
      } else {
        this.at += 1;
      }
    }
    result += this.text.slice(start, this.at);
    this.at += 1;
    return result;
  }

  private escape(): string {
    const letter = this.text[this.at + 1] ?? "";
    if (letter === "u") return this.unicodeEscape();
    demand(Object.hasOwn(ESCAPES, letter), ERROR);
    this.at += 2;
    return ESCAPES[letter] as string;
  }

  private unicodeEscape(): string {
    const digits = this.text.slice(this.at + 2, this.at + 6);
    demand(/^[0-9A-Fa-f]{4}$/.test(digits), ERROR);
    this.at += 6;
    return String.fromCharCode(parseInt(digits, 16));
  }

  private integer(): number {
    const start = this.at;
    while (/[-+.0-9A-Za-z]/.test(this.text[this.at] ?? "")) this.at += 1;
    const token = this.text.slice(start, this.at);
    demand(INTEGER.test(token) && Number(token) <= Number.MAX_SAFE_INTEGER, ERROR);
    return Number(token);
  }

  private word<T extends Json>(word: string, value: T): T {
    demand(this.text.startsWith(word, this.at), ERROR);
    this.at += word.length;
    return value;
  }

  private space(): void {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  private accept(character: string): boolean {
    this.space();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private expect(character: string): void {
    demand(this.accept(character), ERROR);
  }
}
