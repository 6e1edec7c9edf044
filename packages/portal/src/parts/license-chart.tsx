// How a licence stood over the days: in use and purchased as lines of steps, what was short filled, the values of a day under the
// pointer or the arrow keys, and the same as a table.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import type { License, LicenseHistory } from "../api/answers.ts";
import { licenseHistoryQuery } from "../api/queries.ts";
import { useSearchState } from "../frame/navigation.ts";
import { placeOf } from "../frame/place.ts";
import {
  axisEnd,
  chartWords,
  daysOf,
  dayWords,
  type ShownDay,
  shortestDay,
  shortPath,
  stepPath,
} from "../text/license-days.ts";
import { Failure, Loading, Progress } from "./notes.tsx";

const spans = [30, 90, 365] as const;
const spanUnlessAsked = 90;

export function LicenseChart({ license }: { readonly license: License }) {
  const [search, change] = useSearchState();
  const span = spans.find((days) => `${days}` === search.days) ?? spanUnlessAsked;
  const place = { ...placeOf(search), virtualAccount: license.virtualAccount };
  const history = useQuery(licenseHistoryQuery(place, license.tag, span));
  return (
    <>
      <h3>History</h3>
      <fieldset className="choice">
        <legend className="unseen">Days</legend>
        {spans.map((days) => (
          <button
            key={days}
            type="button"
            aria-pressed={days === span}
            onClick={() => change({ days: days === spanUnlessAsked ? undefined : `${days}` })}
          >
            {days} days
          </button>
        ))}
      </fieldset>
      <Progress isShown={history.isFetching} />
      {history.error === null ? null : <Failure error={history.error} retry={() => void history.refetch()} />}
      {history.data === undefined ? (
        history.error === null ? (
          <Loading what="its history" />
        ) : null
      ) : history.data.steps.length === 0 ? (
        <p className="quiet">Nothing was written down in these days yet.</p>
      ) : (
        <>
          <Chart key={history.data.from} history={history.data} />
          <StepTable history={history.data} />
        </>
      )}
    </>
  );
}

function Chart({ history }: { readonly history: LicenseHistory }) {
  const days = daysOf(history);
  const last = days.length - 1;
  const [chosen, choose] = useState(last);
  const at = Math.min(chosen, last);
  const day = days[at];
  const sliderId = useId();
  if (day === undefined) return null;
  return (
    <figure className="chart">
      <figcaption>
        <output htmlFor={sliderId}>{dayWords(day)}</output>
      </figcaption>
      <Lines days={days} at={at} choose={choose} />
      <p className="slider">
        <label className="unseen" htmlFor={sliderId}>
          Day
        </label>
        <input
          id={sliderId}
          type="range"
          min={0}
          max={last}
          value={at}
          aria-valuetext={dayWords(day)}
          onChange={({ target }) => choose(Number(target.value))}
        />
      </p>
      <p className="quiet">
        The most of each day, UTC. Sums are looked at once a minute, so what lasted less may not stand here.
      </p>
    </figure>
  );
}

const height = 216;
const plot = { left: 48, right: 112, top: 12, bottom: 28 } as const;
const labelHeight = 16;

type LinesProps = {
  readonly days: readonly ShownDay[];
  readonly at: number;
  readonly choose: (day: number) => void;
};

/** Drawn as wide as there is room, so that words keep their size. */
function Lines({ days, at, choose }: LinesProps) {
  const drawing = useRef<SVGSVGElement>(null);
  const [width, setWidth] = useState(720);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(280, entry?.contentRect.width ?? 720)));
    if (drawing.current !== null) observer.observe(drawing.current);
    return () => observer.disconnect();
  }, []);
  const most = Math.max(...days.map(({ shown }) => (shown === null ? 0 : Math.max(shown.inUseMax, shown.purchased))));
  const end = axisEnd(most);
  const inner = width - plot.left - plot.right;
  const rounded = (pixels: number) => Math.round(pixels * 10) / 10;
  const frame = {
    xOf: (day: number) => rounded(plot.left + (day * inner) / days.length),
    yOf: (count: number) => rounded(plot.top + (1 - count / end) * (height - plot.top - plot.bottom)),
  };
  const choosePointed = (clientX: number, edge: number) => {
    const pointed = Math.floor(((clientX - edge - plot.left) * days.length) / inner);
    choose(Math.min(days.length - 1, Math.max(0, pointed)));
  };
  return (
    <svg
      ref={drawing}
      height={height}
      role="img"
      aria-label={chartWords(days)}
      onPointerMove={({ clientX, currentTarget }) => choosePointed(clientX, currentTarget.getBoundingClientRect().left)}
      onPointerLeave={() => choose(days.length - 1)}
    >
      <Axes days={days} end={end} frame={frame} edge={width - plot.right} />
      <path className="short" d={shortPath(days, frame)} />
      <path className="purchased" d={stepPath(days, ({ purchased }) => purchased, frame)} />
      <path className="in-use" d={stepPath(days, ({ inUseMax }) => inUseMax, frame)} />
      <Marks day={days[at]} x={(frame.xOf(at) + frame.xOf(at + 1)) / 2} frame={frame} />
      <Labels day={days.at(-1)} frame={frame} x={width - plot.right + 8} />
      <ShortLabel days={days} frame={frame} />
    </svg>
  );
}

type Drawn = { readonly frame: Parameters<typeof shortPath>[1] };

function Axes({
  days,
  end,
  frame,
  edge,
}: Drawn & Pick<LinesProps, "days"> & { readonly end: number; readonly edge: number }) {
  return (
    <g className="axes">
      {[0, end / 2, end].map((count) => (
        <g key={count}>
          <line x1={plot.left} x2={edge} y1={frame.yOf(count)} y2={frame.yOf(count)} />
          <text x={plot.left - 8} y={frame.yOf(count) + 4} textAnchor="end">
            {count.toLocaleString("en", { notation: "compact" })}
          </text>
        </g>
      ))}
      <text x={plot.left} y={height - 8}>
        {days[0]?.day}
      </text>
      <text x={edge} y={height - 8} textAnchor="end">
        {days.at(-1)?.day}
      </text>
    </g>
  );
}

/** Where the lines stand on the chosen day. */
function Marks({ day, x, frame }: Drawn & { readonly day: ShownDay | undefined; readonly x: number }) {
  if (day === undefined) return null;
  const { shown } = day;
  return (
    <g className="marks">
      <line x1={x} x2={x} y1={plot.top} y2={height - plot.bottom} />
      {shown === null ? null : (
        <>
          <circle className="purchased" cx={x} cy={frame.yOf(shown.purchased)} r={3} />
          <circle className="in-use" cx={x} cy={frame.yOf(shown.inUseMax)} r={4} />
        </>
      )}
    </g>
  );
}

/** Each line has its name at its end; where both end close to each other, the names make room. */
function Labels({ day, x, frame }: Drawn & { readonly day: ShownDay | undefined; readonly x: number }) {
  if (day === undefined || day.shown === null) return null;
  const { inUseMax, purchased } = day.shown;
  const [inUseY, purchasedY] = [frame.yOf(inUseMax), frame.yOf(purchased)];
  const near = Math.max(0, labelHeight - Math.abs(inUseY - purchasedY)) / 2;
  const up = inUseMax >= purchased ? 1 : -1;
  return (
    <g className="labels">
      <text className="in-use" x={x} y={inUseY + 4 - up * near}>
        {inUseMax.toLocaleString("en")} in use
      </text>
      <text className="purchased" x={x} y={purchasedY + 4 + up * near}>
        {purchased.toLocaleString("en")} purchased
      </text>
    </g>
  );
}

/** Beside what is filled, where it is most. */
function ShortLabel({ days, frame }: Drawn & Pick<LinesProps, "days">) {
  const at = shortestDay(days);
  const shown = days[at]?.shown;
  if (shown === undefined || shown === null) return null;
  const isLeft = at < days.length / 2;
  return (
    <text
      className="short"
      x={isLeft ? frame.xOf(at + 1) + 4 : frame.xOf(at) - 4}
      y={Math.max(plot.top, frame.yOf(Math.max(shown.inUseMax, shown.purchased)) - 8)}
      textAnchor={isLeft ? "start" : "end"}
    >
      {shown.shortMax.toLocaleString("en")} short
    </text>
  );
}

/** The steps alone: a day that is not named is as the day before it ended. */
function StepTable({ history }: { readonly history: LicenseHistory }) {
  return (
    <details>
      <summary>As a table</summary>
      <table className="data">
        <caption className="unseen">Days on which something changed, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {["Most in use", "In use at its end", "Unverified", "Purchased", "Most short"].map((title) => (
              <th key={title} scope="col" className="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {history.steps.toReversed().map((step) => (
            <tr key={step.day}>
              <th scope="row">{step.day}</th>
              <td className="number" data-title="Most in use">
                {step.inUseMax}
              </td>
              <td className="number" data-title="In use at its end">
                {step.inUse}
              </td>
              <td className="number" data-title="Unverified">
                {step.inUseUnverified}
              </td>
              <td className="number" data-title="Purchased">
                {step.purchased}
              </td>
              <td className="number" data-title="Most short">
                {step.shortMax}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
