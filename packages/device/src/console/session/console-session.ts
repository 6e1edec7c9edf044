// One session of a console as a state machine: what is typed comes in, what is to be written and run goes out. It knows no
// socket, no clock and no device, so that the same session serves SSH, the local terminal and the tests.

import type { CommandResult, ConsoleLocation, ConsoleNode, SessionRequest } from "../command-context.ts";
import { completionOf, helpFor, renderCompletions, renderHelp } from "../command-help.ts";
import { type ConsoleMode, enclosingModes, isConfigurationMode, privilegeOfEnable } from "../command-node.ts";
import { withoutDo } from "../execute-line.ts";
import { applyFilter, type PatternFilter, patternFilter } from "../output-filter.ts";
import { lineCharactersMax } from "../parse-command.ts";
import { locationAfter, privilegedExec } from "../session-location.ts";
import { type Key, KeyDecoder } from "./key-decoder.ts";
import { type EditedLine, edit, emptyLine, lineOf, remember } from "./line-editor.ts";
import { nothingShown, repaint, type ShownLine, visiblePart } from "./line-painter.ts";
import { cutPage } from "./pager.ts";

export type SessionEvent =
  | { readonly type: "begin" }
  | { readonly type: "input"; readonly text: string }
  /** The answer to the last `run`, `answer`, `proceed` or `finish`; the name may have changed by it. */
  | { readonly type: "result"; readonly result: SessionResult; readonly hostname: string }
  | { readonly type: "log"; readonly line: string }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number };

/** `mode` is the one that took the line. */
export type SessionResult = CommandResult & { readonly mode?: ConsoleMode };

export type SessionEffect =
  | { readonly type: "write"; readonly text: string }
  | {
      readonly type: "run";
      readonly line: string;
      readonly modes: readonly ConsoleMode[];
      readonly location: ConsoleLocation;
      readonly promptWidth: number;
      /** Lines typed so far, this one last. */
      readonly history: readonly string[];
    }
  | { readonly type: "ask"; readonly run: () => Promise<CommandResult> }
  /** Somebody was in configuration mode and has left it; for the log. */
  | { readonly type: "configured" }
  | { readonly type: "close" };

export type SessionOptions = {
  readonly tree: readonly ConsoleNode[];
  readonly hostname: string;
  /** 0 to 15; 15 may enter privileged EXEC. */
  readonly privilege: number;
  readonly columns: number;
  readonly rows: number;
};

type More = { readonly type: "more"; readonly rest: readonly string[]; readonly then: SessionRequest | undefined };

/** `/` goes on where it matches, `+` with the lines that do, `-` with those that do not. */
const searchKeys = { "/": "begin", "+": "include", "-": "exclude" } as const;
type SearchKey = keyof typeof searchKeys;
type SearchKind = (typeof searchKeys)[SearchKey];

type Phase =
  | { readonly type: "prompt" | "running" | "closed" }
  | More
  /** The pattern that is looked for in the rest is being typed. */
  | { readonly type: "search"; readonly kind: SearchKind; readonly of: More }
  | { readonly type: "confirm"; readonly proceed: () => Promise<CommandResult> }
  | { readonly type: "ask"; readonly question: string; readonly answer: (text: string) => Promise<CommandResult> }
  | {
      readonly type: "paste";
      readonly lines: readonly string[];
      readonly finish: (text: string) => Promise<CommandResult>;
    };

const morePrompt = " --More-- ";
/** Keys typed ahead while a command runs; a program that sends more has lost its way. */
const waitingKeysMax = 64 * 1024;
const pastedLinesMax = 1000;
/** Log lines that wait for the prompt. */
const heldLinesMax = 100;
const userExec: ConsoleLocation = { mode: "user", name: null };

export class ConsoleSession {
  readonly #tree: readonly ConsoleNode[];
  readonly #privilege: number;
  readonly #keys = new KeyDecoder();
  #hostname: string;
  #columns: number;
  #rows: number;
  #location = userExec;
  #phase: Phase = { type: "prompt" };
  #line: EditedLine = emptyLine;
  #shown: ShownLine = nothingShown;
  #history: readonly string[] = [];
  /** More was typed than a line holds. */
  #isTooLong = false;
  /** Ctrl-Z stood behind the line that runs. */
  #leavesAfterLine = false;
  #showsLog = false;
  #heldLog: string[] = [];
  /** The newest one at --More--. */
  #search: PatternFilter | null = null;
  #waiting: Key[] = [];
  #effects: SessionEffect[] = [];

  constructor(options: SessionOptions) {
    this.#tree = options.tree;
    this.#hostname = options.hostname;
    this.#privilege = options.privilege;
    this.#columns = options.columns;
    this.#rows = options.rows;
  }

  /** What stands before the cursor of an empty line. */
  get prompt(): string {
    const suffix: Readonly<Record<ConsoleMode, string>> = {
      user: ">",
      exec: "#",
      config: "(config)#",
      "ca-trustpoint": "(ca-trustpoint)#",
      "config-if": "(config-if)#",
      "config-vrf": "(config-vrf)#",
      "config-cert-chain": "(config-cert-chain)#",
      "cfg-call-home": "(cfg-call-home)#",
      "cfg-call-home-profile": "(cfg-call-home-profile)#",
    };
    return this.#hostname + suffix[this.#location.mode];
  }

  /** Everything that follows from one event, in order. */
  receive(event: SessionEvent): readonly SessionEffect[] {
    this.#effects = [];
    const wasConfiguring = isConfigurationMode(this.#location.mode);
    if (this.#phase.type !== "closed") this.#take(event);
    if (wasConfiguring && !isConfigurationMode(this.#location.mode)) this.#effects.push({ type: "configured" });
    return this.#effects;
  }

  #take(event: SessionEvent): void {
    switch (event.type) {
      case "begin":
        this.#writePrompt();
        return;
      case "input":
        for (const key of this.#keys.decode(event.text)) this.#press(key);
        return;
      case "result":
        this.#hostname = event.hostname;
        this.#finish(event.result);
        this.#pressWaiting();
        return;
      case "log":
        this.#log(event.line);
        return;
      case "resize":
        this.#columns = event.columns;
        this.#rows = event.rows;
        return;
      default:
        event satisfies never;
    }
  }

  #press(key: Key): void {
    switch (this.#phase.type) {
      case "prompt":
        this.#pressAtPrompt(key);
        return;
      case "running":
        if (this.#waiting.length < waitingKeysMax) this.#waiting.push(key);
        return;
      case "more":
        this.#pressAtMore(this.#phase, key);
        return;
      case "search":
        this.#pressAtSearch(this.#phase, key);
        return;
      case "confirm":
        this.#pressAtConfirm(this.#phase.proceed, key);
        return;
      case "ask":
        this.#pressAtAsk(this.#phase, key);
        return;
      case "paste":
        this.#pressAtPaste(this.#phase, key);
        return;
      case "closed":
        return;
      default:
        this.#phase satisfies never;
    }
  }

  #pressWaiting(): void {
    while (this.#waiting.length > 0 && this.#phase.type !== "running") {
      this.#press(this.#waiting.shift() as Key);
    }
  }

  #pressAtPrompt(key: Key): void {
    switch (key.type) {
      case "enter":
        this.#enter();
        return;
      case "help":
        this.#help();
        return;
      case "tab":
        this.#complete();
        return;
      case "interrupt":
      case "end-of-mode":
        this.#leave(key.type);
        return;
      case "redraw":
        this.#write("\r\n");
        this.#writePrompt(this.#line);
        return;
      default:
        this.#edit(key);
        return;
    }
  }

  /** As on real consoles, Ctrl-Z behind a line of configuration takes that line before it leaves; Ctrl-C drops it. */
  #leave(key: "interrupt" | "end-of-mode"): void {
    const isInConfiguration = isConfigurationMode(this.#location.mode);
    if (key === "end-of-mode") this.#write("^Z");
    if (key === "end-of-mode" && isInConfiguration && this.#line.text.trim() !== "") {
      this.#leavesAfterLine = true;
      this.#enter();
      return;
    }
    this.#write("\r\n");
    if (isInConfiguration) this.#location = privilegedExec;
    this.#writePrompt();
  }

  #edit(key: Key): void {
    const next = edit(this.#line, key, this.#history, lineCharactersMax);
    if (key.type === "text" && next === this.#line) this.#isTooLong = true;
    if (next !== null) this.#show(next, this.prompt.length);
  }

  #show(line: EditedLine, promptWidth: number): void {
    const room = this.#columns === 0 ? 0 : Math.max(this.#columns - promptWidth, 1);
    const shown = visiblePart(line, room);
    this.#write(repaint(this.#shown, shown));
    this.#line = line;
    this.#shown = shown;
  }

  #enter(): void {
    const { text } = this.#line;
    if (this.#isTooLong) {
      // A line that lost its end may mean something else.
      this.#writeLines(["", `% Line of more than ${lineCharactersMax} characters.`]);
      this.#writePrompt();
      return;
    }
    this.#history = remember(this.#history, text);
    const promptWidth = this.prompt.length;
    this.#write("\r\n");
    if (text.trim() === "") {
      this.#writePrompt();
      return;
    }
    this.#phase = { type: "running" };
    this.#effects.push({
      type: "run",
      line: text,
      modes: this.#modes(),
      location: this.#location,
      promptWidth,
      history: this.#history,
    });
  }

  #modes(): readonly ConsoleMode[] {
    const { mode } = this.#location;
    return [mode, ...enclosingModes(mode)];
  }

  /** The line stays as it is and stands again below its help. */
  #help(): void {
    const line = this.#line;
    const before = line.text.slice(0, line.cursor);
    const { modes, command, width } = withoutDo(before, this.#modes());
    const help = helpFor(this.#tree, modes, command, this.prompt.length + width);
    const isAttached = /[^\s|]$/.test(command);
    this.#write("?\r\n");
    if (help.outcome === "mistake") this.#writeLines(help.text.split("\n"));
    else if (isAttached) this.#writeLines([renderCompletions(help.choices)]);
    else this.#writeLines(renderHelp(help.choices).split("\n"));
    this.#write("\r\n");
    this.#writePrompt(line);
  }

  #complete(): void {
    const { text, cursor } = this.#line;
    const { modes, command, width } = withoutDo(text.slice(0, cursor), this.#modes());
    const completed = completionOf(this.#tree, modes, command);
    if (completed === null) return;
    const before = text.slice(0, width) + completed;
    this.#show({ ...lineOf(before + text.slice(cursor)), cursor: before.length }, this.prompt.length);
  }

  #finish(result: SessionResult): void {
    const { session, ...taken } = result;
    this.#location = locationAfter(this.#location, taken) ?? this.#location;
    const leaves = this.#leavesAfterLine && !asksBack(result.session);
    this.#leavesAfterLine = false;
    this.#print(result.text === "" ? [] : result.text.split("\n"), leaves ? { type: "end" } : result.session);
  }

  #print(lines: readonly string[], then: SessionRequest | undefined): void {
    const { shown, rest } = cutPage(lines, this.#rows === 0 ? 0 : Math.max(this.#rows - 1, 1), this.#columns);
    this.#writeLines(shown);
    if (rest.length === 0) {
      this.#fulfil(then);
      return;
    }
    this.#write(morePrompt);
    this.#phase = { type: "more", rest, then };
  }

  #pressAtMore(phase: Phase & { readonly type: "more" }, key: Key): void {
    const { rest, then } = phase;
    this.#write("\b".repeat(morePrompt.length) + " ".repeat(morePrompt.length) + "\b".repeat(morePrompt.length));
    if (key.type === "text" && key.text === " ") {
      this.#print(rest, then);
      return;
    }
    if (key.type === "text" && key.text in searchKeys) {
      this.#write(key.text);
      this.#startLine();
      this.#phase = { type: "search", kind: searchKeys[key.text as SearchKey], of: phase };
      return;
    }
    if (key.type === "text" && key.text === "n" && this.#search !== null) {
      this.#goOn(phase, this.#search);
      return;
    }
    if (key.type !== "enter") {
      this.#fulfil(then);
      return;
    }
    this.#writeLines(rest.slice(0, 1));
    if (rest.length === 1) {
      this.#fulfil(then);
      return;
    }
    this.#write(morePrompt);
    this.#phase = { type: "more", rest: rest.slice(1), then };
  }

  #pressAtSearch({ kind, of }: Phase & { readonly type: "search" }, key: Key): void {
    if (key.type === "interrupt") {
      this.#write("\r\n");
      this.#fulfil(of.then);
      return;
    }
    if (key.type !== "enter") {
      this.#editAnswer(key, 1);
      return;
    }
    const { text } = this.#line;
    this.#write("\r\n");
    const search = text === "" ? this.#search : patternFilter(kind, text);
    if (search === null) {
      this.#writeLines([`% Invalid regular expression: ${text}`]);
      this.#write(morePrompt);
      this.#phase = of;
      return;
    }
    this.#search = search;
    this.#goOn(of, search);
  }

  /** Goes on with what the rest holds of it; where nothing does, it stays. */
  #goOn(phase: More, search: PatternFilter): void {
    const found = applyFilter(phase.rest.join("\n"), search);
    if (found === "") {
      this.#writeLines(["% Pattern not found"]);
      this.#write(morePrompt);
      this.#phase = phase;
      return;
    }
    this.#writeLines([search.kind === "begin" ? "...skipping" : "filtering..."]);
    this.#print(found.split("\n"), phase.then);
  }

  #fulfil(request: SessionRequest | undefined): void {
    switch (request?.type) {
      case "confirm":
        this.#write(request.question);
        this.#phase = { type: "confirm", proceed: request.proceed };
        return;
      case "ask":
        this.#write(request.question);
        this.#startLine();
        this.#phase = { type: "ask", question: request.question, answer: request.answer };
        return;
      case "paste":
        this.#writeLines(["", ...request.invitation.split("\n"), ""]);
        this.#startLine();
        this.#phase = { type: "paste", lines: [], finish: request.finish };
        return;
      case "close":
        this.#close();
        return;
      default:
        if (request !== undefined) this.#settle(request);
        if (this.#phase.type !== "closed") this.#writePrompt();
    }
  }

  #settle(request: Exclude<SessionRequest, { readonly type: "confirm" | "ask" | "paste" | "close" }>): void {
    switch (request.type) {
      case "go to":
        if (request.location.mode === "config")
          this.#writeLines(["Enter configuration commands, one per line.  End with CNTL/Z."]);
        this.#location = request.location;
        return;
      case "exit":
      case "end": {
        const location = locationAfter(this.#location, { session: request });
        if (location === null) this.#close();
        else this.#location = location;
        return;
      }
      case "enable":
        if (this.#privilege >= privilegeOfEnable) this.#location = privilegedExec;
        else this.#writeLines(["% Access denied"]);
        return;
      case "disable":
        this.#location = userExec;
        return;
      case "set length":
        this.#rows = request.value;
        return;
      case "set width":
        this.#columns = request.value;
        return;
      case "monitor":
        this.#showsLog = request.isOn;
        return;
      default:
        request satisfies never;
    }
  }

  #close(): void {
    this.#phase = { type: "closed" };
    this.#effects.push({ type: "close" });
  }

  #pressAtConfirm(proceed: () => Promise<CommandResult>, key: Key): void {
    this.#write("\r\n");
    const agrees = key.type === "enter" || (key.type === "text" && key.text.toLowerCase() === "y");
    if (!agrees) {
      this.#writePrompt();
      return;
    }
    this.#phase = { type: "running" };
    this.#effects.push({ type: "ask", run: proceed });
  }

  #pressAtAsk({ question, answer }: Phase & { readonly type: "ask" }, key: Key): void {
    if (key.type === "interrupt") {
      this.#write("\r\n");
      this.#writePrompt();
      return;
    }
    if (key.type !== "enter") {
      this.#editAnswer(key, question.length);
      return;
    }
    const { text } = this.#line;
    this.#write("\r\n");
    this.#phase = { type: "running" };
    this.#effects.push({ type: "ask", run: () => answer(text) });
  }

  #pressAtPaste({ lines, finish }: Phase & { readonly type: "paste" }, key: Key): void {
    if (key.type !== "enter" && key.type !== "interrupt") {
      this.#editAnswer(key, 0);
      return;
    }
    const { text } = this.#line;
    this.#write("\r\n");
    this.#startLine();
    if (key.type === "interrupt" || lines.length >= pastedLinesMax) {
      this.#writePrompt();
      return;
    }
    if (text.trim() !== "" && text.trim().toLowerCase() !== "quit") {
      this.#phase = { type: "paste", lines: [...lines, text], finish };
      return;
    }
    this.#phase = { type: "running" };
    this.#effects.push({ type: "ask", run: () => finish(lines.join("\n")) });
  }

  #editAnswer(key: Key, width: number): void {
    const next = edit(this.#line, key.type === "help" ? { type: "text", text: "?" } : key, [], lineCharactersMax);
    if (next !== null) this.#show(next, width);
  }

  /** A log line never tears what is being read or typed: it waits, or stands above the line. */
  #log(line: string): void {
    if (!this.#showsLog) return;
    if (this.#phase.type === "running") {
      this.#writeLines([line]);
      return;
    }
    if (this.#phase.type !== "prompt") {
      this.#heldLog = [...this.#heldLog, line].slice(-heldLinesMax);
      return;
    }
    const width = this.prompt.length;
    this.#write(repaint(this.#shown, nothingShown) + "\b".repeat(width) + " ".repeat(width) + "\b".repeat(width));
    this.#writeLines([line]);
    this.#writePrompt(this.#line);
  }

  #writePrompt(line: EditedLine = emptyLine): void {
    if (this.#showsLog && this.#heldLog.length > 0) this.#writeLines(this.#heldLog);
    this.#heldLog = [];
    this.#phase = { type: "prompt" };
    this.#write(this.prompt);
    this.#startLine();
    this.#show(line, this.prompt.length);
  }

  #startLine(): void {
    this.#isTooLong = false;
    this.#line = emptyLine;
    this.#shown = nothingShown;
  }

  #writeLines(lines: readonly string[]): void {
    if (lines.length > 0) this.#write(`${lines.join("\r\n")}\r\n`);
  }

  #write(text: string): void {
    const last = this.#effects.at(-1);
    if (text === "") return;
    if (last?.type === "write") this.#effects[this.#effects.length - 1] = { type: "write", text: last.text + text };
    else this.#effects.push({ type: "write", text });
  }
}

function asksBack(request: SessionRequest | undefined): boolean {
  return request?.type === "confirm" || request?.type === "ask" || request?.type === "paste";
}
