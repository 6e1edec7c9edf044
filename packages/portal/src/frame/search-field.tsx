// One field for whatever has a name: devices, licences, virtual accounts, tokens, acknowledgements, pages. `/` and Ctrl-K go to it.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { searchQuery } from "../api/queries.ts";
import { Failure } from "../parts/notes.tsx";
import { useSearchState } from "./navigation.ts";
import { placeOf } from "./place.ts";
import { type Choice, choicesFor, groupsOf } from "./search-choices.ts";

const pauseMs = 200;
/** Shorter texts the manager refuses. */
const charactersMin = 2;
const charactersMax = 256;

export function SearchField() {
  const [search] = useSearchState();
  const navigate = useNavigate();
  const id = useId();
  const box = useRef<HTMLElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const asked = useSettled(text.trim());
  const isSettled = asked === text.trim();
  const isLong = asked.length >= charactersMin;
  // Asked by text, so an answer to a text that stands there no more is not shown.
  const found = useQuery({ ...searchQuery(placeOf(search), asked), enabled: isOpen && isLong });
  const choices = isLong ? choicesFor(asked, found.data?.hits ?? [], search) : [];
  const isShown = isOpen && text.trim() !== "";
  useGlobalKeys(() => {
    field.current?.focus();
    field.current?.select();
  });
  useEffect(() => {
    if (isShown) document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [isShown, active, id]);

  const close = () => {
    setOpen(false);
    setActive(0);
  };
  const go = ({ to, search: next }: Choice) => {
    close();
    setText("");
    field.current?.blur();
    void navigate({ to, search: next });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = isShown && isSettled ? choices[active] : undefined;
    if (event.key === "Escape") {
      if (isShown) close();
      else setText("");
    } else if (event.key === "Enter" && chosen !== undefined) go(chosen);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (isShown && choices.length > 0) setActive((active + step + choices.length) % choices.length);
    } else return;
    event.preventDefault();
  };
  return (
    <search
      ref={box}
      onBlur={({ relatedTarget }) => {
        if (box.current?.contains(relatedTarget) !== true) close();
      }}
    >
      <label className="unseen" htmlFor={id}>
        Search the account
      </label>
      <input
        id={id}
        ref={field}
        type="text"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        maxLength={charactersMax}
        placeholder="Search: device, licence, token …"
        aria-expanded={isShown && choices.length > 0}
        aria-controls={isShown && choices.length > 0 ? `${id}-list` : undefined}
        aria-autocomplete="list"
        aria-keyshortcuts="/ Control+K"
        aria-activedescendant={isShown && choices.length > 0 ? `${id}-${active}` : undefined}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          setOpen(true);
          setActive(0);
        }}
        onFocus={() => setOpen(true)}
        onKeyDown={onKeyDown}
      />
      {text === "" ? (
        <span className="key" aria-hidden="true">
          /
        </span>
      ) : null}
      {isShown ? (
        <div className="found">
          {choices.length === 0 ? null : (
            <Choices id={id} choices={choices} active={active} onChoose={go} onPoint={setActive} />
          )}
          {found.error === null ? null : <Failure error={found.error} retry={() => void found.refetch()} />}
          <p role="status" className="quiet">
            {isLong || !isSettled
              ? found.data === undefined || !isSettled
                ? found.error === null || !isSettled
                  ? "Searching …"
                  : ""
                : wordsFor(choices.length, found.data.isComplete)
              : "Two letters at least."}
          </p>
        </div>
      ) : null}
    </search>
  );
}

function wordsFor(count: number, isComplete: boolean): string {
  if (!isComplete) return "There may be more: type more of the name, or a whole serial number.";
  if (count > 0) return `${count} found.`;
  return "Nothing has this name. Devices are found by the start of host name, serial number or identifier.";
}

type ChoicesProps = {
  readonly id: string;
  readonly choices: readonly Choice[];
  readonly active: number;
  readonly onChoose: (choice: Choice) => void;
  readonly onPoint: (at: number) => void;
};

/** The focus stays in the field; which choice Enter takes is said by `aria-activedescendant`. */
function Choices({ id, choices, active, onChoose, onPoint }: ChoicesProps) {
  return (
    <div id={`${id}-list`} role="listbox" aria-label="What was found" tabIndex={-1}>
      {groupsOf(choices).map(({ title, from, choices: inside }) => (
        // biome-ignore lint/a11y/useSemanticElements: a group of options is no fieldset.
        <div key={title} role="group" aria-labelledby={`${id}-${title}`}>
          <div id={`${id}-${title}`} className="kind">
            {title}
          </div>
          {inside.map((choice, at) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are the field's.
            <div
              key={choice.key}
              id={`${id}-${from + at}`}
              role="option"
              tabIndex={-1}
              aria-selected={from + at === active}
              onMouseDown={(event) => event.preventDefault()}
              onMouseEnter={() => onPoint(from + at)}
              onClick={() => onChoose(choice)}
            >
              <span>{choice.title}</span> <span className="quiet">{choice.detail}</span>
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

/** What a text is once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** A slash that is typed into a field is a slash. */
function useGlobalKeys(focus: () => void): void {
  const latest = useRef(focus);
  latest.current = focus;
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const isTyped = event.target instanceof Element && event.target.matches("input, textarea, select");
      const isSlash = event.key === "/" && !isTyped && !event.ctrlKey && !event.metaKey && !event.altKey;
      const isK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey;
      if (!isSlash && !isK) return;
      event.preventDefault();
      latest.current();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
